import assert from "node:assert/strict";
import { test } from "node:test";
import { DatagramPattern } from "../../../../src/sockets/draft/datagram-pattern.ts";
import { createPeer, Rig } from "../rig.ts";

const datagram = (): Rig<DatagramPattern> => new Rig((host) => new DatagramPattern(host));

test("a message is an address and a body, out and in, as they are", () => {
  const socket = datagram();
  const endpoint = socket.join();
  for (const address of ["192.0.2.1:5", "192.0.2.1:5\0", "[::1]:5"]) assert.ok(socket.send(address, "body"));
  assert.deepEqual(endpoint.receiveAll(), [
    ["192.0.2.1:5", "body"],
    ["192.0.2.1:5\0", "body"],
    ["[::1]:5", "body"],
  ]);
  endpoint.send("192.0.2.1:6", "");
  assert.equal(socket.pattern.canReceive(), true);
  assert.deepEqual(socket.receive(), ["192.0.2.1:6", ""]);
  assert.equal(socket.receive(), undefined);
});

test("what could never be sent is refused before it is queued", () => {
  const socket = datagram();
  const endpoint = socket.join();
  for (const message of [
    ["192.0.2.1:5"],
    ["192.0.2.1:5", "a", "b"],
    ["localhost:5", "a"],
    ["", "a"],
    ["1".repeat(1e6), "a"],
  ])
    assert.throws(() => socket.send(...message), { code: "EINVAL" });
  assert.throws(() => socket.send("192.0.2.1:5", "x".repeat(8193)), { code: "EMSGSIZE" });
  assert.ok(socket.send("192.0.2.1:5", "x".repeat(8192)));
  assert.equal(endpoint.receiveAll().length, 1);
});

test("without an endpoint, or with a full queue, sends wait", () => {
  const socket = datagram();
  assert.equal(socket.send("192.0.2.1:5", "a"), false);
  assert.equal(socket.pattern.canSend(), false);
  assert.equal(socket.receive(), undefined);
  const endpoint = socket.join({ outHwm: 1 });
  assert.equal(socket.send("192.0.2.1:5", "a"), true);
  assert.equal(socket.send("192.0.2.1:5", "b"), false);
  endpoint.receive();
  assert.equal(socket.pattern.canSend(), true);
});

test("there is one endpoint at a time", () => {
  const socket = datagram();
  const first = socket.join();
  assert.equal(socket.adopt(createPeer().near), false);
  assert.match(socket.pattern.refusal, /one endpoint/);
  socket.pattern.detach(first.near);
  assert.ok(socket.adopt(createPeer().near));
});
