import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { STATE_BUSY, STATE_CLOSED, STATE_READY } from "../../../src/v5-compat/constants.ts";
import { createSocket, type Socket } from "../../../src/v5-compat/socket.ts";
import { messages, turn, v5Sockets } from "../../peers/v5.ts";

type Pair = [Socket, Socket];

test("bind calls back and emits when peers can connect; the socket is busy meanwhile and sends after", async (t) => {
  const [push, pull] = v5Sockets(t, "push", "pull") as Pair;
  const order: string[] = [];
  push.on("bind", (address: string) => order.push(`event ${address}`));
  assert.equal(push._zmq.state, STATE_READY);
  await new Promise<void>((resolve) => {
    push.bind("tcp://127.0.0.1:*", function (this: unknown, error?: Error) {
      assert.equal(error, undefined);
      assert.equal(this, push);
      order.push("callback");
      resolve();
    });
    assert.equal(push._zmq.state, STATE_BUSY);
    push.send("while busy");
  });
  assert.deepEqual(order, ["event tcp://127.0.0.1:*", "callback"]);
  assert.equal(push._zmq.state, STATE_READY);
  pull.connect(String(push["last_endpoint"]));
  assert.deepEqual(await messages(pull, 1), [["while busy"]]);
});

test("a bind that fails calls back with an Error, is thrown by bindSync, or is an 'error' event", async (t) => {
  const [first, second] = v5Sockets(t, "rep", "rep") as Pair;
  first.bindSync("tcp://127.0.0.1:*");
  const address = String(first["last_endpoint"]);
  const error = await new Promise<Error | undefined>((resolve) => second.bind(address, resolve));
  assert.ok(error instanceof Error);
  assert.equal(error.message, "Address already in use");
  assert.throws(() => second.bindSync(address), { message: "Address already in use", code: "EADDRINUSE" });
  const failed = once(second, "error");
  second.bind(address);
  assert.equal((await failed)[0].message, "Address already in use");
});

test("a bind that fails where nobody listens is a warning, not the end of the process", async (t) => {
  const [first, second] = v5Sockets(t, "rep", "rep") as Pair;
  first.bindSync("tcp://127.0.0.1:*");
  const warned = once(process, "warning");
  second.bind(String(first["last_endpoint"]));
  assert.match((await warned)[0].message, /bind or unbind failed.*tcp:\/\/127\.0\.0\.1/);
});

test("unbindSync and unbind free the address: it can be bound again at once, many times", async (t) => {
  const [socket, other] = v5Sockets(t, "rep", "rep") as Pair;
  socket.bindSync("tcp://127.0.0.1:*");
  const address = String(socket["last_endpoint"]);
  for (let i = 0; i < 10; i++) {
    assert.equal(socket.unbindSync(address), socket);
    assert.equal(other.bindSync(address), other);
    const freed = once(other, "unbind");
    const error = await new Promise<Error | undefined>((resolve) => other.unbind(address, resolve));
    assert.equal(error, undefined);
    assert.deepEqual(await freed, [address]);
    socket.bindSync(address);
  }
  assert.throws(() => socket.unbindSync("tcp://127.0.0.1:1"), { message: "No such file or directory" });
});

test("connect and disconnect give the socket back, and throw for what they cannot do", (t) => {
  const [req] = v5Sockets(t, "req") as [Socket];
  const address = "tcp://127.0.0.1:9";
  assert.equal(req.connect(address), req);
  assert.equal(req.disconnect(address), req);
  assert.throws(() => req.disconnect(address), { message: "No such file or directory" });
  assert.throws(() => req.connect("nonsense"), { message: "Invalid argument" });
  assert.throws(() => req.connect("udp2://x"), { message: "Protocol not supported" });
  assert.throws(() => req.connect(5 as unknown as string), { name: "TypeError" });
  assert.throws(() => req.bind("tcp://127.0.0.1:*", {} as never), { name: "TypeError" });
});

test("close may be called again; a closed socket says so", async (t) => {
  const [req] = v5Sockets(t, "req") as [Socket];
  assert.equal(req["closed"], false);
  assert.equal(req.close(), req);
  assert.equal(req.close(), req);
  assert.equal(req.closed, true);
  assert.equal(req._zmq.state, STATE_CLOSED);
  assert.throws(() => req.connect("tcp://127.0.0.1:9"), { message: "Socket is closed" });
});

test("no event comes of a bind or unbind that ends when the socket has been closed; it calls back", async () => {
  const socket = createSocket("rep");
  socket.bindSync("tcp://127.0.0.1:*");
  const address = String(socket["last_endpoint"]);
  const order: string[] = [];
  for (const event of ["bind", "unbind"]) socket.on(event, () => order.push(event));
  const unbound = new Promise<unknown>((resolve) => socket.unbind(address, resolve));
  // What inproc does is done at once, and told later.
  const bound = new Promise<unknown>((resolve) => socket.bind("inproc://v5-closing", resolve));
  socket.close();
  order.push("closed");
  await Promise.all([unbound, bound]);
  await turn();
  assert.deepEqual(order, ["closed"]);
});

test("a bind that is under way when the socket closes calls back with an Error, or keeps silent", async () => {
  const socket = createSocket("rep");
  const failed = new Promise<Error | undefined>((resolve) => socket.bind("tcp://127.0.0.1:*", resolve));
  socket.bind("tcp://127.0.0.1:*");
  socket.close();
  const error = await failed;
  assert.ok(error === undefined || error.message === "Socket is closed", String(error));
  await turn();
});
