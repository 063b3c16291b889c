import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { describe, it } from "node:test";
import { parseTcpBind } from "../../../src/core/endpoint.ts";
import { localHost, localHostNow, lookUpLocalHost, numericHost } from "../../../src/transports/host-name.ts";

const found = Object.entries(networkInterfaces()).find(([, all]) =>
  all?.some(({ family }) => family === "IPv4"),
);
const [interfaceName, addresses] = found ?? ["", []];
const firstOf = (wanted: string) => addresses?.find(({ family }) => family === wanted)?.address;

function hostOf(address: string, ipv6 = false): string | undefined {
  return localHost(parseTcpBind(`${address}:5555`, true), ipv6);
}

describe("a local host", () => {
  it("is a literal as it stands, with its zone", () => {
    assert.equal(hostOf("192.0.2.1"), "192.0.2.1");
    assert.equal(hostOf("[::1]", true), "::1");
    assert.equal(hostOf("[fe80::1%eth0]", true), "fe80::1%eth0");
    assert.equal(numericHost({ host: "name", family: 0, port: 1, zone: "" }), "name");
  });

  it("is any address for *, of both families with ipv6", () => {
    assert.equal(hostOf("*"), "0.0.0.0");
    assert.equal(hostOf("*", true), "");
  });

  it("is the first address of an interface", {
    skip: found === undefined && "no interface has an IPv4 address",
  }, () => {
    assert.equal(hostOf(interfaceName), firstOf("IPv4"));
    const expected = firstOf("IPv6") ?? firstOf("IPv4");
    assert.ok(hostOf(interfaceName, true)?.startsWith(expected as string));
  });

  it("is for the name service to tell otherwise", () => {
    assert.equal(hostOf("localhost"), undefined);
    assert.equal(hostOf("no-such-interface0"), undefined);
  });
});

describe("a local host that must be known now", () => {
  const now = (address: string, ipv6 = false) =>
    localHostNow(`tcp://${address}`, parseTcpBind(`${address}:5555`, true), ipv6);

  it("is what needs no name service, and this machine's name everywhere", () => {
    assert.deepEqual(
      ["192.0.2.1", "*", "localhost"].map((host) => now(host)),
      ["192.0.2.1", "0.0.0.0", "127.0.0.1"],
    );
    assert.deepEqual(
      ["*", "LocalHost"].map((host) => now(host, true)),
      ["", "::1"],
    );
  });

  it("is ENOTSUP otherwise", () => {
    assert.throws(() => now("name.invalid"), { code: "ENOTSUP", address: "tcp://name.invalid" });
  });
});

describe("the name service", () => {
  const ask = (name: string, ipv6: boolean) =>
    new Promise<{ error: Error | null; address: string }>((resolve) => {
      let hasReturned = false;
      lookUpLocalHost(name, ipv6, (error, address) => {
        assert.ok(hasReturned, "an answer before the question was out");
        resolve({ error, address });
      });
      hasReturned = true;
    });

  it("tells an address of the family", async () => {
    assert.deepEqual(await ask("localhost", false), { error: null, address: "127.0.0.1" });
    assert.ok(["127.0.0.1", "::1"].includes((await ask("localhost", true)).address));
  });

  it("says so when there is none", async () => {
    const { error } = await ask("name.invalid", false);
    assert.match((error as NodeJS.ErrnoException).code ?? "", /^(ENOTFOUND|EAI_AGAIN)$/);
  });
});
