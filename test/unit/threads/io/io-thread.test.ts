import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtocolError } from "../../../../src/base/errors.ts";
import type { IoCall } from "../../../../src/threads/io/io-mail.ts";
import { IO_TOPIC } from "../../../../src/threads/io/io-mail.ts";
import { IoThread } from "../../../../src/threads/io/io-thread.ts";
import type { ThreadRef } from "../../../../src/threads/pipe-thread.ts";
import { createSharedPipe } from "../../../../src/threads/ring/shared-pipe.ts";
import { FakeThread } from "../../../contract/fake-threads.ts";
import { somePeer } from "../../../contract/pipe-rig.ts";
import { orderOf } from "./io-ground.ts";

const FIRST: ThreadRef = { seat: 1, uid: 101 };
const SECOND: ThreadRef = { seat: 1, uid: 102 };

function makeThread(): { thread: IoThread; posted: { to: ThreadRef; call: IoCall }[]; take(): string[] } {
  const posted: { to: ThreadRef; call: IoCall }[] = [];
  const post = (to: ThreadRef, topic: string, call: IoCall): void => {
    assert.equal(topic, IO_TOPIC);
    posted.push({ to, call });
  };
  const take = () =>
    posted.splice(0).map(({ to, call }) => {
      const link = "order" in call ? call.order.link : "link" in call ? call.link : "";
      return `${to.uid} ${call.call} ${link}`;
    });
  return { thread: new IoThread(2, { post }), posted, take };
}

test("calls wait until the thread arrives, in order; later ones are made at once", () => {
  const { thread, take } = makeThread();
  thread.connect(orderOf({ link: 1 }), null);
  thread.listen(orderOf({ link: 2 }), false);
  thread.finish(1);
  assert.deepEqual([thread.number, thread.thread, thread.waitingCount, take().length], [2, null, 3, 0]);
  thread.arrive(FIRST);
  assert.deepEqual(take(), ["101 connect 1", "101 listen 2", "101 finish 1"]);
  assert.deepEqual([thread.thread, thread.waitingCount], [FIRST, 0]);
  thread.abort(2, "linger");
  assert.deepEqual(take(), ["101 abort 2"]);
});

test("after a thread has gone calls wait for the next, and none is made twice", () => {
  const { thread, take } = makeThread();
  thread.arrive(FIRST);
  thread.finish(1);
  thread.depart();
  assert.equal(thread.thread, null);
  thread.finish(2);
  assert.deepEqual(take(), ["101 finish 1"]);
  thread.arrive(SECOND);
  assert.deepEqual(take(), ["102 finish 2"]);
});

test("the calls of one link are taken back while they wait, those of others stay", () => {
  const { thread, take } = makeThread();
  thread.connect(orderOf({ link: 1 }), null);
  thread.connect(orderOf({ link: 2 }), null);
  thread.finish(1);
  assert.equal(thread.withdraw(3), false, "it has none");
  assert.equal(thread.withdraw(1), true);
  assert.equal(thread.withdraw(1), false);
  thread.arrive(FIRST);
  assert.deepEqual(take(), ["101 connect 2"]);
  assert.equal(thread.withdraw(2), false, "they were made");
});

test("a pipe is offered to the thread that came, not to the one that was expected", () => {
  const { thread, posted } = makeThread();
  const marks = { firstToSecondHwm: 1, secondToFirstHwm: 1, conflate: false };
  const pipe = createSharedPipe(new FakeThread(), marks, somePeer("there"));
  thread.connect(orderOf({ link: 1 }), pipe);
  assert.equal(pipe.peerThread, null);
  thread.arrive(SECOND);
  assert.deepEqual(pipe.peerThread, SECOND);
  const call = posted[0]?.call;
  assert.ok(call?.call === "connect");
  assert.equal(call.offer?.id, pipe.id);
});

test("every call carries what it was given", () => {
  const { thread, posted } = makeThread();
  thread.arrive(FIRST);
  const order = orderOf({ link: 7 });
  thread.listen(order, true);
  thread.abort(7, "peer-gone");
  thread.endConnection(7, "a");
  thread.confirm(7, 3);
  thread.refuse(7, "a", 3, "tcp://x", "full.");
  thread.breakConnection(7, "a", new ProtocolError("ERR_ZMTP_UNSPECIFIED", "No.", "37/ZMTP"));
  const error = posted.at(-1)?.call as Extract<IoCall, { call: "breakConnection" }>;
  assert.deepEqual(
    posted.slice(0, -1).map(({ call }) => call),
    [
      { call: "listen", order, isSync: true },
      { call: "abort", link: 7, reason: "peer-gone" },
      { call: "endConnection", link: 7, pipe: "a" },
      { call: "confirm", link: 7, turn: 3 },
      { call: "refuse", link: 7, pipe: "a", turn: 3, address: "tcp://x", why: "full." },
    ],
  );
  assert.deepEqual(
    [error.link, error.pipe, error.error.kind, error.error.message],
    [7, "a", "protocol", "No."],
  );
});

test("an answer goes to the thread that asked, and to none that came after it", () => {
  const { thread, posted } = makeThread();
  thread.arrive(FIRST);
  thread.answer(7, 3, null, FIRST);
  assert.deepEqual(posted, [{ to: FIRST, call: { call: "answer", link: 7, question: 3, outcome: null } }]);
  thread.depart();
  thread.answer(7, 4, null, FIRST);
  thread.arrive({ ...FIRST, uid: FIRST.uid + 1 });
  thread.answer(7, 5, null, FIRST);
  thread.answer(7, 6, null, null);
  assert.deepEqual([thread.waitingCount, posted.length], [0, 1]);
});

test("leaving is told to a thread that is there, and waits for none", () => {
  const { thread, posted } = makeThread();
  thread.leave(true);
  assert.deepEqual([thread.waitingCount, posted.length], [0, 0]);
  thread.arrive(FIRST);
  thread.leave(false);
  assert.deepEqual(posted, [{ to: FIRST, call: { call: "leave", isProcess: false } }]);
});
