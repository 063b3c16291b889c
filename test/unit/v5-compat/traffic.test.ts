import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ZMQ_SNDMORE, ZMQ_SNDTIMEO } from "../../../src/v5-compat/constants.ts";
import type { Socket } from "../../../src/v5-compat/socket.ts";
import { anyEndpoint } from "../../peers/sockets.ts";
import { messages, turn, v5Sockets } from "../../peers/v5.ts";

type Pair = [Socket, Socket];

function joined(sockets: Socket[]): Pair {
  const [binder, connector] = sockets as Pair;
  const endpoint = anyEndpoint("inproc");
  binder.bindSync(endpoint);
  connector.connect(endpoint);
  return [binder, connector];
}

test("messages sent before connect wait, and go in order; the callback comes when each was handed over", async (t) => {
  const [pull, push] = v5Sockets(t, "pull", "push") as Pair;
  pull.bindSync("tcp://127.0.0.1:*");
  const calls: string[] = [];
  for (const text of ["a", "b", "c"]) {
    push.send(text, 0, function (this: unknown, error?: Error) {
      assert.equal(error, undefined);
      assert.equal(this, push);
      calls.push(text);
    });
  }
  await turn();
  assert.deepEqual(calls, [], "there is nobody yet");
  push.connect(String(pull["last_endpoint"]));
  assert.deepEqual(await messages(pull, 3), [["a"], ["b"], ["c"]]);
  assert.deepEqual(calls, ["a", "b", "c"]);
});

test("where there is room the callback comes at once", (t) => {
  const [, push] = joined(v5Sockets(t, "pull", "push"));
  let isSent = false;
  push.send("a", null, () => {
    isSent = true;
  });
  assert.ok(isSent);
});

test("arrays and ZMQ_SNDMORE make one message of many frames; what is no octets is sent as text", async (t) => {
  const [pull, push] = joined(v5Sockets(t, "pull", "push"));
  push.send(["a", Buffer.from("b")], ZMQ_SNDMORE);
  push.send(15.99, ZMQ_SNDMORE).send(null).send([]).send("next");
  assert.deepEqual(await messages(pull, 2), [["a", "b", "15.99", "null"], ["next"]]);
});

test("a REQ queues requests until the reply has come, a REP reads the next when it has replied", async (t) => {
  const [rep, req] = joined(v5Sockets(t, "rep", "req"));
  const order: string[] = [];
  rep.on("message", (request: Buffer) => {
    order.push(`asked ${request}`);
    setImmediate(() => rep.send(request));
  });
  req.on("message", (reply: Buffer) => order.push(`told ${reply}`));
  const all = messages(req, 3);
  for (const text of ["a", "b", "c"]) req.send(text);
  await all;
  assert.deepEqual(order, ["asked a", "told a", "asked b", "told b", "asked c", "told c"]);
});

test("a REP that answers late keeps its turn: two peers, one after the other", async (t) => {
  const [rep, first] = joined(v5Sockets(t, "rep", "req"));
  const [second] = v5Sockets(t, "req") as [Socket];
  second.connect(String(rep["last_endpoint"]));
  const waiting: string[] = [];
  rep.on("message", (request: Buffer) => waiting.push(String(request)));
  const replies = [messages(first, 1), messages(second, 1)];
  first.send("1");
  second.send("2");
  await sleep(5);
  assert.equal(waiting.length, 1);
  rep.send("answer");
  await sleep(5);
  assert.equal(waiting.length, 2, "the second request is read when the first is answered");
  rep.send("answer");
  assert.deepEqual(await Promise.all(replies), [[["answer"]], [["answer"]]]);
});

test("paused, nothing is emitted or sent; read() takes by hand, resume() goes on", async (t) => {
  const [pull, push] = joined(v5Sockets(t, "pull", "push"));
  const found: string[] = [];
  pull.on("message", (frame: Buffer) => found.push(String(frame)));
  push.send("a");
  pull.pause();
  push.send("b").send(["c", "d"]);
  await turn();
  await turn();
  assert.deepEqual(found, []);
  assert.deepEqual(pull.read()?.map(String), ["a"]);
  assert.deepEqual(pull.read()?.map(String), ["b"]);
  push.pause();
  push.send("e");
  pull.resume();
  pull.resume();
  await turn();
  await turn();
  assert.deepEqual(found, ["c"]);
  assert.equal(pull.read(), null);
  const last = messages(pull, 1);
  push.resume();
  assert.deepEqual(await last, [["e"]]);
});

test("pause() in a listener stops the burst; what waits for a peer survives pause() and resume()", async (t) => {
  const [pull, push] = v5Sockets(t, "pull", "push") as Pair;
  for (const text of ["a", "b", "c"]) push.send(text);
  await turn();
  push.pause();
  push.resume();
  push.pause();
  pull.bindSync(anyEndpoint("inproc"));
  push.connect(String(pull["last_endpoint"]));
  const found: string[] = [];
  pull.on("message", (frame: Buffer) => {
    found.push(String(frame));
    pull.pause();
  });
  await turn();
  assert.deepEqual(found, []);
  for (const expected of [["a"], ["a", "b"], ["a", "b", "c"]]) {
    push.resume();
    pull.resume();
    while (found.length < expected.length) await turn();
    await turn();
    assert.deepEqual(found, expected);
  }
});

test("a long queue comes whole and in order, and lets the loop turn", async (t) => {
  const [pull, push] = joined(v5Sockets(t, "pull", "push"));
  pull.setsockopt("hwm", 0);
  push.setsockopt("hwm", 0);
  const count = 5_000;
  let turnCount = 0;
  const counting = setInterval(() => turnCount++, 0);
  t.after(() => clearInterval(counting));
  const all = messages(pull, count);
  for (let i = 0; i < count; i++) push.send(String(i));
  assert.deepEqual(
    (await all).map(([text]) => Number(text)),
    Array.from({ length: count }, (_, i) => i),
  );
});

test("an error goes to the callback, or is an 'error' event, or is thrown where nobody listens", async (t) => {
  const [router] = v5Sockets(t, "router") as [Socket];
  router.setsockopt("linger", 0).setsockopt(33, 1).setsockopt(ZMQ_SNDTIMEO, 5);
  const errors: string[] = [];
  router.send(["nobody", "a"], 0, (error) => errors.push(`callback: ${error?.message}`));
  assert.throws(() => router.send(["nobody", "b"]), { message: "No route to host", code: "EHOSTUNREACH" });
  router.on("error", (error: Error) => errors.push(`event: ${error.message}`));
  router.send(["nobody", "c"]);
  assert.deepEqual(errors, ["callback: No route to host", "event: No route to host"]);
});

test("a socket type that cannot send says so", (t) => {
  const [pull] = v5Sockets(t, "pull") as [Socket];
  let failure: Error | undefined;
  pull.send("a", 0, (error) => {
    failure = error;
  });
  assert.equal(failure?.message, "Operation not supported");
});

test("what a listener throws is an 'error' event, and the next message still comes", async (t) => {
  const [pull, push] = joined(v5Sockets(t, "pull", "push"));
  const fault = new Error("of the application");
  pull.once("message", () => {
    throw fault;
  });
  const failed = once(pull, "error");
  push.send("a");
  assert.deepEqual(await failed, [fault]);
  const next = messages(pull, 1);
  push.send("b");
  assert.deepEqual(await next, [["b"]]);
});

test("after close nothing is emitted, and send does nothing", async (t) => {
  const [pull, push] = joined(v5Sockets(t, "pull", "push"));
  let count = 0;
  pull.on("message", () => count++);
  push.send("a");
  pull.close();
  push.close();
  push.send("b", 0, () => count++);
  await turn();
  await turn();
  assert.equal(count, 0);
  assert.equal(pull.read(), null);
});

test("listeners that are wrapped by a subclass see every message", async (t) => {
  const [pull, push] = joined(v5Sockets(t, "pull", "push"));
  const seen: unknown[] = [];
  pull.emit = function emit(this: Socket, name: string | symbol, ...args: unknown[]): boolean {
    seen.push(name);
    return EventEmitter.prototype.emit.call(this, name, ...args);
  } as Socket["emit"];
  const one = messages(pull, 1);
  push.send("a");
  await one;
  assert.deepEqual(seen.at(-1), "message");
});
