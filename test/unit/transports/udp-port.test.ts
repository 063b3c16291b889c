import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { type TestContext, test } from "node:test";
import { installPlatform } from "../../../src/base/platform.ts";
import { SocketType } from "../../../src/base/socket-type.ts";
import { createContextOptions } from "../../../src/core/context-options.ts";
import type { SocketOptionValues } from "../../../src/core/options.ts";
import { createSocketOptions } from "../../../src/core/options.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";
import { anyAddress, multicastInterface, UdpPort } from "../../../src/transports/udp-port.ts";
import { until } from "../../peers/sockets.ts";

installPlatform(nodePlatform);

function open(t: TestContext, given: Partial<SocketOptionValues> = {}) {
  const log: string[] = [];
  const options = { ...createSocketOptions(SocketType.Datagram, createContextOptions()), ...given };
  const port = new UdpPort("udp://test", options, {
    onOpen: () => void log.push("open"),
    onOpenFailed: (error) => void log.push(`failed ${error.code}`),
    onDatagram: (datagram, from) => void log.push(`${from} ${Buffer.from(datagram)}`),
    onSendFailed: (error) => void log.push(`not sent ${error.code}`),
    onDrain: () => void log.push("drain"),
  });
  t.after(() => port.close());
  return { port, log };
}

test("a port is open when the call returns, and says where", (t) => {
  const { port, log } = open(t);
  const { address, port: number } = port.open("127.0.0.1", 0, false);
  assert.equal(address, "127.0.0.1");
  assert.ok(number > 0);
  const other = open(t);
  assert.throws(() => other.port.open("127.0.0.1", number, false), { code: "EADDRINUSE" });
  assert.deepEqual(log, []);
});

test("the outcome of an opening is told later, or thrown", async (t) => {
  const good = open(t);
  good.port.openSoon("Cannot bind", () => "udp://real");
  assert.deepEqual(good.log, []);
  await until("opened", () => good.log.length > 0);
  assert.deepEqual([good.log, good.port.endpoint], [["open"], "udp://real"]);
  const bad = open(t);
  const taken = (): never => {
    throw Object.assign(new Error("taken"), { code: "EADDRINUSE" });
  };
  bad.port.openSoon("Cannot bind", taken);
  await until("failed", () => bad.log.length > 0);
  assert.deepEqual(bad.log, ["failed EADDRINUSE"]);
  assert.throws(() => open(t).port.openNow("Cannot bind", taken), { code: "EADDRINUSE" });
  const left = open(t);
  left.port.openSoon("Cannot bind", () => "udp://real");
  left.port.close();
  left.port.fail("Cannot bind", new Error("late"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(left.log, []);
});

test("datagrams go to the target, or to whom they are addressed, and come with their sender", async (t) => {
  const [one, two] = [open(t), open(t)];
  const here = one.port.open("127.0.0.1", 0, false).port;
  const there = two.port.open("127.0.0.1", 0, false).port;
  one.port.target = { host: "127.0.0.1", port: there };
  one.port.send(Buffer.from("hi"), null);
  two.port.send(Buffer.from("hello"), `127.0.0.1:${here}`);
  await until("both", () => one.log.length > 1 && two.log.length > 1);
  assert.ok(two.log.includes(`127.0.0.1:${here} hi`));
  assert.ok(one.log.includes(`127.0.0.1:${there} hello`));
  assert.ok(one.log.includes("drain"));
  assert.equal(one.port.waitingCount, 0);
});

test("a datagram that the system refuses is told; without an address, or closed, nothing is sent", async (t) => {
  const { port, log } = open(t);
  port.open("127.0.0.1", 0, false);
  port.send(Buffer.from("nobody"), null);
  port.send(Buffer.from("nobody"), "localhost:5");
  port.send(Buffer.alloc(70_000), "127.0.0.1:9");
  await until("refused", () => log.length > 1);
  assert.deepEqual(log, ["not sent EIO", "drain"]);
  port.close();
  port.send(Buffer.from("late"), "127.0.0.1:9");
  port.close();
});

test("with IPv6, IPv4 peers have their own addresses", async (t) => {
  if (networkInterfaces()["lo"]?.every(({ family }) => family !== "IPv6") ?? true)
    return t.skip("no IPv6 here");
  const { port, log } = open(t);
  const number = port.open("::", 0, false).port;
  const peer = createSocket("udp4");
  t.after(() => peer.close());
  peer.bind(0, "127.0.0.1");
  await once(peer, "listening");
  peer.send("hi", number, "127.0.0.1");
  await until("received", () => log.length > 0);
  assert.equal(log[0], `127.0.0.1:${peer.address().port} hi`);
  const answer = once(peer, "message");
  port.send(Buffer.from("back"), `127.0.0.1:${peer.address().port}`);
  assert.equal(String((await answer)[0]), "back");
});

test("a buffer size that the system does not take is EINVAL, others are set", (t) => {
  const { port } = open(t, { sendBufferSize: 20_000, receiveBufferSize: 20_000 });
  assert.ok(port.open("127.0.0.1", 0, false).port > 0);
});

test("an interface for multicast is an address, or in IPv6 a name", () => {
  assert.equal(anyAddress("::1"), "::");
  assert.equal(anyAddress("239.1.2.3"), "0.0.0.0");
  assert.equal(multicastInterface("192.0.2.1", "239.1.2.3"), "192.0.2.1");
  for (const group of ["239.1.2.3", "ff02::1"])
    assert.throws(() => multicastInterface("no-such-interface", group), { code: "ENODEV" });
  const [name, addresses] = Object.entries(networkInterfaces())[0] ?? [];
  const v4 = addresses?.find(({ family }) => family === "IPv4");
  if (name === undefined || v4 === undefined) return;
  assert.equal(multicastInterface(name, "239.1.2.3"), v4.address);
  assert.equal(multicastInterface(name, "ff02::1"), `::%${name}`);
});
