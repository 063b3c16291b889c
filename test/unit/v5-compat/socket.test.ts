import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { inherits } from "node:util";
import * as zmq from "../../../src/v5-compat/constants.ts";
import { createSocket, Socket } from "../../../src/v5-compat/socket.ts";
import type { SocketTypeName } from "../../../src/v5-compat/socket-types.ts";
import { anyEndpoint } from "../../peers/sockets.ts";
import { messages, v5Sockets } from "../../peers/v5.ts";

interface Es5Socket extends Socket {
  label: string;
}
type Es5Class = new (type: string, label: string) => Es5Socket;

test("a class of ES5 inherits: util.inherits and Socket.call", async (t) => {
  const Es5 = function (this: Es5Socket, type: SocketTypeName, label: string): void {
    (Socket as unknown as (this: Es5Socket, type: SocketTypeName) => void).call(this, type);
    this.label = label;
  } as unknown as Es5Class;
  inherits(Es5, Socket);
  const push = new Es5("push", "mine");
  t.after(() => push.close());
  assert.ok(push instanceof Es5 && push instanceof Socket && push instanceof EventEmitter);
  assert.equal(push.label, "mine");
  assert.equal(push.type, "push");
  const [pull] = v5Sockets(t, "pull") as [Socket];
  const endpoint = anyEndpoint("inproc");
  pull.bindSync(endpoint);
  push.connect(endpoint);
  push.send("from a subclass");
  assert.deepEqual(await messages(pull, 1), [["from a subclass"]]);
});

test("a class of ES6 inherits, and Socket works without new", (t) => {
  class Mine extends Socket {
    readonly own: number;
    constructor() {
      super("dealer");
      this.own = 1;
    }
  }
  const mine = new Mine();
  const plain = Socket("dealer");
  const asMethod = { Socket }.Socket("req");
  t.after(() => [mine, plain, asMethod].map((socket) => socket.close()));
  assert.ok(mine instanceof Mine && mine instanceof Socket);
  assert.equal(mine.own, 1);
  assert.ok(plain instanceof Socket && asMethod instanceof Socket);
  assert.equal(Socket.name, "Socket");
});

test("options are set as properties, by the names and in the order given", (t) => {
  const socket = createSocket("req", { identity: "me", linger: 0, backlog: 30, port: "ad hoc" });
  t.after(() => socket.close());
  assert.equal(socket["identity"], "me");
  assert.equal(socket["backlog"], 30);
  assert.equal(socket["port"], "ad hoc");
  assert.equal(socket.getsockopt(zmq.ZMQ_IDENTITY), "me");
  assert.throws(() => createSocket("nonsense" as never), { name: "TypeError" });
});

test("a property, setsockopt by name, by constant and by number are one option", (t) => {
  const [socket] = v5Sockets(t, "pub") as [Socket];
  socket["identity"] = "a";
  assert.equal(socket.getsockopt("identity"), "a");
  assert.equal(socket.setsockopt("identity", Buffer.from("b")), socket);
  assert.equal(socket.getsockopt(zmq.ZMQ_IDENTITY), "b");
  socket.setsockopt(5, "c");
  assert.equal(socket["identity"], "c");
  assert.throws(() => socket.setsockopt("nonsense", 1), { name: "TypeError" });
  assert.throws(() => socket.setsockopt(4711, 1), { message: "Invalid argument" });
  assert.throws(() => {
    socket["linger"] = "0";
  }, TypeError);
});

test("nothing of the layer shows in the socket's own events or keys", (t) => {
  const [socket] = v5Sockets(t, "rep") as [Socket];
  const before = Object.keys(socket);
  const listener = (): void => undefined;
  socket.on("message", listener).removeListener("message", listener);
  assert.deepEqual(Object.keys((socket as unknown as { _events: object })._events), []);
  assert.ok(!before.includes("_zmq"));
  assert.equal(socket._zmq.state, zmq.STATE_READY);
});

test("subscribe and unsubscribe take text and octets, and give the socket back", async (t) => {
  const [xpub, sub, req] = v5Sockets(t, "xpub", "sub", "req") as [Socket, Socket, Socket];
  xpub.bindSync("tcp://127.0.0.1:*");
  const events = messages(xpub, 3);
  sub.connect(String(xpub["last_endpoint"]));
  assert.equal(sub.subscribe("a"), sub);
  sub.subscribe(Buffer.from("b"));
  await messages(xpub, 2);
  assert.equal(sub.unsubscribe("a"), sub);
  assert.deepEqual(await events, [["\x01a"], ["\x01b"], ["\x00a"]]);
  assert.throws(() => req.subscribe("a"), { message: "Invalid argument" });
});

test("ref and unref can be called, with endpoints and without", (t) => {
  const [socket] = v5Sockets(t, "dealer") as [Socket];
  socket.unref();
  socket.bindSync("tcp://127.0.0.1:*");
  socket.ref();
  socket.unref();
});
