import assert from "node:assert/strict";
import { test } from "node:test";
import { ZmqError } from "../../../src/base/errors.ts";
import { greeting, message, ping, pong, ready } from "../../peers/octets.ts";
import { textOf } from "../../peers/sockets.ts";
import { host, passTime, Rig, runDeferred } from "./connection-rig.ts";

test("the greeting goes out at once, and messages when the handshake is done", () => {
  const rig = new Rig();
  assert.equal(rig.stream.take().length, 64);
  assert.equal(rig.connection.isReady, false);
  rig.send("early");
  rig.receive(greeting(), ready("DEALER"));
  runDeferred();
  assert.equal(rig.connection.isReady, true);
  assert.deepEqual(rig.sent.slice(1), ["early"]);
});

test("messages of one turn go out in one write, when the turn is over or the batch is full", () => {
  const rig = Rig.ready();
  for (let i = 0; i < 10; i++) rig.send(`${i}`);
  assert.equal(rig.stream.writeCount, 0);
  assert.equal(rig.connection.heldCount, 10);
  runDeferred();
  assert.equal(rig.stream.writeCount, 1);
  assert.equal(rig.connection.heldCount, 0);
  assert.deepEqual(rig.sent.length, 10);
  for (let i = 0; i < 20; i++) rig.pipe.tryWrite([Buffer.alloc(8_000)], false);
  assert.ok(rig.stream.writeCount >= 3, "160 KB of small bodies do not wait for the turn");
  runDeferred();
  const before = rig.stream.writeCount;
  for (let i = 0; i < 60; i++) rig.pipe.tryWrite([Buffer.alloc(10_000)], false);
  assert.equal(rig.stream.writeCount, before + 1, "600 KB of large ones wait for half a megabyte");
  runDeferred();
  assert.equal(rig.sent.length, 20 + 60);
});

test("while the kernel takes no more, messages wait up to the mark, and go on in order when it does", () => {
  const rig = Rig.ready({ hwm: 10 });
  rig.stream.room = 2;
  let count = 0;
  while (rig.send(`${count}`)) {
    count++;
    runDeferred();
  }
  assert.equal(count, 10, "in the stream and in the pipe together");
  assert.equal(rig.pipe.written.queued, 10);
  assert.ok(rig.connection.hasUnsent);
  let isWritable = false;
  rig.pipe.events = { ...rig.pipe.events, onWritable: () => (isWritable = true) };
  rig.stream.waitingSize = 0;
  rig.stream.room = Number.POSITIVE_INFINITY;
  rig.connection.onDrain();
  runDeferred();
  assert.equal(isWritable, true);
  assert.deepEqual(rig.sent, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  assert.equal(rig.pipe.written.delivered, 10);
  assert.equal(rig.connection.hasUnsent, false);
});

test("what waited for the handshake counts against the mark as soon as it is in hands", () => {
  const rig = new Rig({ hwm: 10 });
  let count = 0;
  const sendAll = (): void => {
    while (rig.send(`${count}`)) count++;
  };
  rig.pipe.events = { ...rig.pipe.events, onWritable: sendAll };
  sendAll();
  rig.stream.room = 64 + 64;
  rig.receive(greeting(), ready("DEALER"));
  runDeferred();
  assert.ok(rig.stream.waitingSize > 0);
  assert.equal(rig.pipe.written.queued, 10, "in the stream and in the pipe together");
});

test("while the pipe takes no more, the stream is not read, and goes on when it was read", () => {
  const rig = Rig.ready({ hwm: 3 });
  rig.receive(...Array.from({ length: 8 }, (_, i) => message(`${i}`)));
  assert.equal(rig.stream.isReading, false);
  assert.equal(rig.pipe.unreadCount, 3);
  const texts: (string | undefined)[] = [];
  for (let i = 0; i < 8; i++) texts.push(textOf(rig.pipe.tryRead()));
  assert.deepEqual(texts, ["0", "1", "2", "3", "4", "5", "6", "7"]);
  assert.equal(rig.stream.isReading, true);
  assert.equal(rig.pipe.tryRead(), undefined);
});

test("the end of the stream is told once, what was held is lost, what was received stays", () => {
  const rig = Rig.ready({ hwm: 10 });
  rig.receive(message("a"));
  rig.stream.room = 0;
  for (let i = 0; i < 4; i++) {
    rig.send(`${i}`);
    runDeferred();
  }
  rig.send("held");
  const reset = new ZmqError("ECONNRESET", "Reset.");
  rig.connection.onClosed(reset);
  rig.connection.onClosed(null);
  assert.deepEqual(rig.ends, [{ kind: "closed", wasReady: true, error: reset }]);
  const { accepted, queued, dropped } = rig.pipe.written;
  assert.equal(accepted, 5);
  assert.equal(queued + dropped["peer-gone"], 5);
  assert.ok(dropped["peer-gone"] >= 4, "what the stream had is lost with it");
  assert.deepEqual(rig.received, ["a"]);
  // Nothing of a connection that is over does anything any more.
  rig.receive(message("b"));
  rig.connection.onDrain();
  runDeferred();
  passTime(100_000);
  assert.deepEqual(rig.received, []);
  assert.equal(rig.ends.length, 1);
});

test("finish writes what is left and ends the stream politely", () => {
  const rig = Rig.ready();
  rig.stream.room = 10;
  rig.send("a message of more than ten octets");
  runDeferred();
  rig.send("another");
  rig.connection.finish();
  assert.equal(rig.stream.ended, "");
  rig.stream.waitingSize = 0;
  rig.stream.room = Number.POSITIVE_INFINITY;
  rig.connection.onDrain();
  assert.deepEqual(rig.sent, ["a message of more than ten octets", "another"]);
  assert.equal(rig.stream.ended, "end");
  assert.deepEqual(rig.ends, [{ kind: "local", wasReady: true, error: null }]);
});

test("the socket's letting go of the pipe finishes the connection", () => {
  const rig = Rig.ready();
  rig.send("last words");
  rig.pipe.close("orphaned");
  assert.deepEqual(rig.sent, ["last words"]);
  assert.equal(rig.stream.ended, "end");
});

test("without a handshake finish ends it at once, for a reason of ours", () => {
  const rig = new Rig();
  rig.connection.finish();
  assert.equal(rig.stream.ended, "destroy");
  assert.deepEqual(rig.ends, [{ kind: "local", wasReady: false, error: null }]);
});

test("abort drops what was not written, for the reason given", () => {
  const rig = Rig.ready();
  rig.send("a");
  rig.send("b");
  rig.connection.abort("local", null, "linger");
  rig.connection.abort("local");
  assert.equal(rig.stream.ended, "destroy");
  assert.equal(rig.pipe.written.dropped.linger, 2);
  assert.equal(rig.ends.length, 1);
});

test("a peer that breaks the protocol is told no more than what was said, and has a second to read it", () => {
  const rig = Rig.ready();
  rig.send("a");
  rig.receive(Buffer.from([0xff, 1, 0]));
  assert.deepEqual(rig.sent, ["a"]);
  assert.equal(rig.stream.ended, "end");
  assert.equal(rig.ends[0]?.kind, "protocol");
  passTime(1001);
  assert.equal(rig.stream.ended, "destroy");
});

test("a peer that the owner refuses is closed, and no message of it is read", () => {
  const rig = new Rig({ refuses: true });
  rig.receive(greeting(), ready("DEALER"), message("a"));
  assert.equal(rig.stream.ended, "end");
  assert.deepEqual(rig.ends, [{ kind: "local", wasReady: true, error: null }]);
  assert.deepEqual(rig.received, []);
});

test("a handshake that takes too long ends in time", () => {
  const rig = new Rig();
  passTime(400);
  rig.receive(greeting());
  passTime(99);
  assert.equal(rig.ends.length, 0);
  passTime(1);
  assert.equal(rig.ends[0]?.kind, "timeout");
  assert.equal(rig.ends[0]?.wasReady, false);
});

test("PINGs go out in their interval, answers keep the connection, silence ends it", () => {
  const rig = Rig.ready({ heartbeatIntervalMs: 100 });
  for (let i = 0; i < 5; i++) {
    passTime(100);
    assert.deepEqual(rig.sent, ["\x04PING\0\0"], `interval ${i}`);
    rig.receive(pong());
  }
  passTime(100);
  passTime(99);
  assert.equal(rig.ends.length, 0);
  passTime(1);
  assert.equal(rig.ends[0]?.kind, "timeout");
});

// P7: our own stall kills no healthy peer.
test("after a stall of our own, octets that wait are read before the peer is judged", () => {
  const rig = Rig.ready({ heartbeatIntervalMs: 100 });
  passTime(100);
  host.now += 10_000;
  // The timer fires first, as Node has it; the octets come in the same turn.
  for (const timer of [...host.timers]) {
    host.timers.delete(timer);
    timer.callback();
  }
  rig.receive(pong());
  for (const callback of host.turns.splice(0)) callback();
  assert.equal(rig.ends.length, 0);
});

test("a peer that we do not read from is not judged by its silence", () => {
  const rig = Rig.ready({ hwm: 1, heartbeatIntervalMs: 100 });
  rig.receive(message("a"), message("b"), message("c"));
  assert.equal(rig.stream.isReading, false);
  for (let i = 0; i < 20; i++) passTime(100);
  assert.equal(rig.ends.length, 0);
  assert.deepEqual(rig.received, ["a", "b", "c"]);
});

test("a PING is answered also when nothing else is sent", () => {
  const rig = Rig.ready();
  rig.receive(ping(0, "context"));
  runDeferred();
  assert.deepEqual(rig.sent, ["\x04PONGcontext"]);
});
