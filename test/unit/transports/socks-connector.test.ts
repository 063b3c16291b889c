import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, it, type TestContext } from "node:test";
import type { ZmqError } from "../../../src/base/errors.ts";
import type { SocketOptionValues } from "../../../src/core/options.ts";
import { TcpTransport } from "../../../src/transports/tcp.ts";
import {
  addressOf,
  ConnectorRig,
  connect,
  ListenerRig,
  optionsWith,
  pause,
  type StreamRig,
  startConnecting,
  until,
} from "../../contract/stream-rig.ts";
import { SocksServer } from "../../peers/socks-server.ts";

const transport = new TcpTransport();
const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === "::1"),
);

async function listening(t: TestContext): Promise<ListenerRig> {
  const rig = await ListenerRig.listen(transport, "127.0.0.1:*");
  t.after(() => rig.close());
  return rig;
}

/** Both ends of a connection through the proxy, which have spoken with each other. */
async function talk(
  t: TestContext,
  endpoint: string,
  options: SocketOptionValues,
  far: ListenerRig,
): Promise<StreamRig> {
  const near = await connect(transport, endpoint, options);
  t.after(() => near.stream.destroy());
  near.write("hello");
  await until("accepting", () => far.accepted.length > 0);
  const other = far.accepted.at(-1) as StreamRig;
  await other.received(5);
  assert.equal(other.text, "hello");
  other.write("world");
  await near.received(5);
  assert.equal(near.text, "world");
  return near;
}

async function failing(
  address: string,
  options: SocketOptionValues,
): Promise<{ error: ZmqError; isFinal: boolean | undefined }> {
  let isFinal: boolean | undefined;
  const rig = new ConnectorRig();
  rig.onConnectFailed = (error: ZmqError, told?: boolean) => {
    rig.error = error;
    isFinal = told;
  };
  rig.connector = transport.connect(address, options, rig);
  await until("the failure", () => rig.error !== null || rig.stream !== null);
  assert.equal(rig.stream, null);
  return { error: rig.error as unknown as ZmqError, isFinal };
}

describe("a connection through a SOCKS proxy", () => {
  it("asks for an address as it is, and is a stream like any other", async (t) => {
    const far = await listening(t);
    const proxy = await SocksServer.open(t);
    const near = await talk(t, far.endpoint, optionsWith({ socksProxy: proxy.address }), far);
    assert.deepEqual(proxy.requests, [`ipv4 ${addressOf(far.endpoint)}`]);
    assert.deepEqual(proxy.offers, ["5: 0"]);
    assert.equal(near.stream.remoteEndpoint, `tcp://${proxy.address}`);
    const octets = near.fill(65536);
    const other = far.accepted[0] as StreamRig;
    await other.received(5 + octets.length);
    assert.ok(other.octets.subarray(5).equals(octets));
  });

  it("leaves a name to the proxy", async (t) => {
    const far = await listening(t);
    const proxy = await SocksServer.open(t, { names: { "far.invalid:77": addressOf(far.endpoint) } });
    await talk(t, "tcp://far.invalid:77", optionsWith({ socksProxy: proxy.address }), far);
    assert.deepEqual(proxy.requests, ["name far.invalid:77"]);
  });

  it("gives the proxy a username and password", async (t) => {
    const far = await listening(t);
    const proxy = await SocksServer.open(t, { username: "joe", password: "pass word" });
    const options = { socksProxy: proxy.address, socksUsername: "joe", socksPassword: "pass word" };
    await talk(t, far.endpoint, optionsWith(options), far);
    assert.deepEqual(proxy.logins, ["1: joe pass word"]);
    const wrong = await failing(addressOf(far.endpoint), optionsWith({ ...options, socksPassword: "guess" }));
    assert.equal(wrong.error.code, "EACCES");
    assert.equal(wrong.isFinal, true);
    assert.doesNotMatch(wrong.error.message, /guess/);
    const none = await failing(addressOf(far.endpoint), optionsWith({ socksProxy: proxy.address }));
    assert.match(none.error.message, /lets nobody in without a username and password/);
  });

  it("takes what comes octet by octet, and what comes in one piece with the peer's first octets", async (t) => {
    const greeting = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.write("at once");
      socket.on("data", (chunk) => socket.write(chunk));
    });
    greeting.listen(0, "127.0.0.1");
    await until("listening", () => greeting.listening);
    t.after(() => greeting.close());
    const { port } = greeting.address() as AddressInfo;
    for (const shape of [{ isSlow: true }, { sticksTogether: true }]) {
      const proxy = await SocksServer.open(t, shape);
      const near = await connect(
        transport,
        `tcp://127.0.0.1:${port}`,
        optionsWith({ socksProxy: proxy.address }),
      );
      t.after(() => near.stream.destroy());
      near.write(", and later");
      await near.received(18);
      assert.equal(near.text, "at once, and later");
    }
  });

  it("reaches a proxy over IPv6", { skip: hasIpv6 ? false : "this machine has no IPv6" }, async (t) => {
    const far = await listening(t);
    const proxy = await SocksServer.open(t, {}, "::1");
    assert.match(proxy.address, /^\[::1\]/);
    await talk(t, far.endpoint, optionsWith({ socksProxy: proxy.address }), far);
  });

  it("goes to the proxy from the source that the endpoint names", async (t) => {
    const far = await listening(t);
    const proxy = await SocksServer.open(t);
    const near = await connect(
      transport,
      `tcp://127.0.0.2:0;${addressOf(far.endpoint)}`,
      optionsWith({ socksProxy: proxy.address }),
    );
    assert.match(near.stream.localEndpoint, /^tcp:\/\/127\.0\.0\.2:/);
    near.stream.destroy();
  });
});

describe("a SOCKS proxy that does not help", () => {
  it("is told in words for each status", async (t) => {
    for (const [status, code, isFinal] of [
      [1, "EIO", false],
      [2, "EACCES", true],
      [3, "ENETUNREACH", false],
      [4, "EHOSTUNREACH", false],
      [5, "ECONNREFUSED", false],
      [6, "ETIMEDOUT", false],
      [7, "ENOTSUP", true],
      [8, "ENOTSUP", true],
    ] as const) {
      const proxy = await SocksServer.open(t, { status });
      const told = await failing("far.invalid:1", optionsWith({ socksProxy: proxy.address }));
      assert.deepEqual([told.error.code, told.isFinal], [code, isFinal]);
      const start = `Cannot connect to tcp://far.invalid:1: the SOCKS proxy ${proxy.address} `;
      assert.ok(told.error.message.startsWith(start), told.error.message);
      assert.equal(told.error.address, "tcp://far.invalid:1");
      await until("the connection is closed", () => proxy.clientCount === 1);
    }
  });

  it("may be none, may hang up, or may not be there", async (t) => {
    const strange = await SocksServer.open(t, { says: Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n") });
    const none = await failing("far.invalid:1", optionsWith({ socksProxy: strange.address }));
    assert.deepEqual([none.error.code, none.isFinal], ["EPROTO", true]);
    const rude = await SocksServer.open(t, { hangsUp: true });
    const hung = await failing("far.invalid:1", optionsWith({ socksProxy: rude.address }));
    assert.match(hung.error.message, /hung up before it answered/);
    const { address } = rude;
    await rude.close();
    const gone = await failing("far.invalid:1", optionsWith({ socksProxy: address }));
    assert.equal(gone.error.code, "ECONNREFUSED");
    assert.match(
      gone.error.message,
      /its SOCKS proxy 127\.0\.0\.1:\d+ cannot be reached.*nobody listens there/,
    );
    const nowhere = await failing("far.invalid:1", optionsWith({ socksProxy: "proxy.invalid:1080" }));
    assert.equal(nowhere.error.code, "ENODEV");
  });

  it("has as long as connectTimeout, or as a handshake", async (t) => {
    const silent = await SocksServer.open(t, { isSilent: true });
    for (const name of ["connectTimeout", "handshakeInterval"] as const) {
      const options = optionsWith({ socksProxy: silent.address, [name]: 50 });
      const { error, isFinal } = await failing("far.invalid:1", options);
      assert.deepEqual([error.code, isFinal], ["ETIMEDOUT", false]);
      assert.match(error.message, new RegExp(`did not answer within ${name}, 50 ms`));
    }
  });

  it("is left alone when the attempt is cancelled, whatever the moment", async (t) => {
    const silent = await SocksServer.open(t, { isSilent: true });
    const options = optionsWith({ socksProxy: silent.address, handshakeInterval: 20 });
    const early = startConnecting(transport, "far.invalid:1", options);
    early.connector.cancel();
    const late = startConnecting(transport, "far.invalid:1", options);
    await until("a client", () => silent.clientCount > 0);
    late.connector.cancel();
    late.connector.cancel();
    await pause(60);
    assert.deepEqual([early.error, early.stream, late.error, late.stream], [null, null, null, null]);
  });
});

describe("options that would send a peer the wrong way", () => {
  const check = (address: string, options: Partial<SocketOptionValues>): void =>
    transport.checkConnect(address, optionsWith(options));
  const refused = { code: "EINVAL" };

  it("are refused before anything is sent", () => {
    check("far:1", { socksProxy: "p:1080", socksUsername: "joe" });
    check("far:1", {});
    assert.throws(() => check("far:1", { socksUsername: "joe" }), refused);
    assert.throws(() => check("far:1", { socksPassword: "x" }), refused);
    assert.throws(() => check("far:1", { socksProxy: "p:1080", socksPassword: "x" }), refused);
    assert.throws(() => check("[fe80::1%eth0]:1", { socksProxy: "p:1080" }), {
      ...refused,
      message: /zone %eth0 means nothing/,
    });
    assert.throws(() => check(`${"a".repeat(256)}:1`, { socksProxy: "p:1080" }), refused);
  });
});
