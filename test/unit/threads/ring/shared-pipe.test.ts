// What a shared pipe does beyond the contract of pipes (test/contract/pipe.test.ts): offers, marks, memory, batches and the
// death of a thread.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { beginBatch, endBatch } from "../../../../src/pipe/batch.ts";
import { FLOW, FLOW_AT, PIPE_HEADER_SIZE } from "../../../../src/threads/layout.ts";
import type { SharedPipe } from "../../../../src/threads/ring/shared-pipe.ts";
import { createSharedPipe, openSharedPipe } from "../../../../src/threads/ring/shared-pipe.ts";
import { FakeThread, hearBells } from "../../../contract/fake-threads.ts";
import { countsOf, EndRig, somePeer } from "../../../contract/pipe-rig.ts";

function makePipe(given: { hwm?: number; sums?: boolean; conflate?: boolean } = {}) {
  const here = new FakeThread();
  const there = new FakeThread();
  const { hwm = 100, sums = false, conflate = false } = given;
  const settings = { firstToSecondHwm: hwm, secondToFirstHwm: hwm, conflate, sums };
  const writer = new EndRig(createSharedPipe(here, settings, somePeer("there")));
  const a = writer.pipe as SharedPipe;
  const open = (thread = there) => new EndRig(openSharedPipe(thread, a.offer(thread.me), somePeer("here")));
  return { here, there, writer, a, open };
}

describe("an offer", () => {
  it("may come after messages, large ones too", () => {
    const { writer, open } = makePipe();
    const large = "x".repeat(1_000_000);
    for (let i = 0; i < 50; i++) writer.write("m".repeat(1000), String(i));
    writer.write(large);
    const reader = open();
    hearBells();
    assert.deepEqual(reader.take(), ["readable"]);
    for (let i = 0; i < 50; i++) assert.equal(reader.read(), `${"m".repeat(1000)}|${i}`);
    assert.equal(reader.read(), large);
  });

  it("that is not taken is made again, with all that was written", () => {
    const { writer, a, open } = makePipe();
    const gone = new FakeThread();
    writer.write("x".repeat(300_000));
    a.offer(gone.me);
    writer.write("between");
    gone.die();
    a.withdraw();
    writer.write("y".repeat(300_000));
    const reader = open();
    assert.equal(
      reader
        .readAll()
        .map((text) => text.length)
        .join(),
      "300000,7,300000",
    );
  });

  it("to a thread that dies before it looks leaves the pipe as it was", () => {
    const { there, writer, a, open } = makePipe();
    a.offer(there.me);
    writer.write("kept");
    there.die();
    hearBells();
    assert.deepEqual(writer.take(), []);
    assert.equal(a.isEnded, false);
    assert.deepEqual(open(new FakeThread()).readAll(), ["kept"]);
  });

  it("says whether another thread has the other end", () => {
    const { here, a, open } = makePipe();
    assert.equal(a.crossesThreads, true, "somebody may come yet");
    open(here);
    assert.equal(a.crossesThreads, false);
    const other = makePipe();
    assert.equal((other.open().pipe as SharedPipe).crossesThreads, true);
  });
});

describe("marks over inproc", () => {
  it("are this end's alone until both are known, then sums; 0 on either side is no mark", () => {
    const { a, open } = makePipe({ sums: true });
    a.setOwnMarks(5, 7);
    assert.deepEqual([a.written.hwm, a.received.hwm], [5, 7]);
    const b = open().pipe as SharedPipe;
    b.setOwnMarks(20, 10);
    assert.deepEqual([a.written.hwm, a.received.hwm], [15, 27]);
    assert.deepEqual([b.written.hwm, b.received.hwm], [27, 15]);
    a.setOwnMarks(0, 7);
    assert.deepEqual([a.written.hwm, b.written.hwm], [0, 27]);
  });
});

describe("what a sink in the other thread holds", () => {
  it("is queued for the writer from the moment it is read until it is said to be written", () => {
    for (const hwm of [0, 10]) {
      const { writer, open } = makePipe({ hwm });
      const reader = open();
      const sink = {
        heldCount: 0,
        take: () => false,
        takeRunMax: 0,
        takeRun: () => assert.fail("nothing is taken"),
      };
      reader.pipe.setSink(sink);
      writer.fill(9);
      for (let i = 0; i < 9; i++) {
        reader.read();
        assert.ok(
          writer.pipe.written.queued >= 9,
          `hwm ${hwm}: ${writer.pipe.written.queued} after ${i + 1}`,
        );
        sink.heldCount++;
      }
      assert.equal(countsOf(reader.pipe.received), "accepted 9, delivered 0, queued 9");
      sink.heldCount = 4;
      reader.pipe.noteRoom();
      assert.equal(countsOf(writer.pipe.written), "accepted 9, delivered 5, queued 4");
      sink.heldCount = 0;
      reader.pipe.noteRoom();
      assert.equal(writer.pipe.written.queued, 0);
      reader.pipe.setSink(null);
      writer.fill(2);
      assert.equal(countsOf(writer.pipe.written), "accepted 11, delivered 9, queued 2");
    }
  });
});

describe("a batch", () => {
  it("is told when it is over, and after many messages meanwhile", () => {
    const { writer, open } = makePipe({ hwm: 0 });
    const reader = open();
    beginBatch();
    for (let i = 0; i < 10; i++) writer.write("m");
    assert.equal(reader.read(), undefined);
    endBatch();
    assert.equal(reader.readAll().length, 10);
    beginBatch();
    for (let i = 0; i < 200; i++) writer.write("m");
    const early = reader.readAll().length;
    assert.ok(early >= 64 && early < 200, String(early));
    endBatch();
    assert.equal(reader.readAll().length, 200 - early);
  });

  it("rings once", () => {
    const { writer, open } = makePipe({ hwm: 0 });
    const reader = open();
    hearBells();
    reader.readAll();
    beginBatch();
    for (let i = 0; i < 1000; i++) writer.write("m");
    endBatch();
    hearBells();
    assert.deepEqual(reader.take(), ["readable"]);
  });
});

describe("a thread that is gone", () => {
  it("leaves what it published to be read, then the end", () => {
    const { here, writer, open } = makePipe();
    const reader = open();
    writer.fill(3);
    here.die();
    assert.deepEqual(reader.take(), ["readable", "peer closed"]);
    assert.equal(reader.pipe.isEnded, true);
    assert.deepEqual(reader.readAll(), ["m0", "m1", "m2"]);
    assert.deepEqual(reader.take(), ["drained"]);
    assert.equal(countsOf(reader.pipe.received), "accepted 3, delivered 3, queued 0");
  });

  it("leaves nothing of what it had not published", () => {
    const { here, writer, open } = makePipe();
    const reader = open();
    writer.write("whole");
    beginBatch();
    writer.write("half way");
    here.die();
    assert.deepEqual(reader.readAll(), ["whole"]);
    assert.equal(countsOf(reader.pipe.received), "accepted 1, delivered 1, queued 0");
    endBatch();
  });

  it("that had told of messages and not counted them loses none", () => {
    const { here, writer, a, open } = makePipe();
    const reader = open();
    writer.fill(5);
    const words = new Int32Array(a.offer(here.me).memory, 0, PIPE_HEADER_SIZE >> 2);
    words[FLOW_AT[0]! + FLOW.WRITTEN] = 2;
    here.die();
    assert.equal(reader.pipe.unreadCount, 5);
    assert.equal(reader.readAll().length, 5);
    assert.equal(countsOf(reader.pipe.received), "accepted 5, delivered 5, queued 0");
  });

  it("loses what it had not read, and the writer knows how many and why", () => {
    const { there, writer, open } = makePipe({ hwm: 5 });
    const reader = open();
    assert.equal(writer.fill(), 5);
    reader.readAll(2);
    there.die();
    assert.deepEqual(writer.take(), ["peer closed"]);
    assert.equal(writer.write("nobody"), false);
    assert.equal(countsOf(writer.pipe.written), "accepted 5, delivered 2, queued 0, peer-gone 3");
  });

  it("after our end was closed: what it had not read is counted all the same, and the end is let go", () => {
    const { here, there, writer, open } = makePipe();
    const reader = open();
    writer.fill(4);
    writer.pipe.close("orphaned");
    hearBells();
    reader.readAll(1);
    assert.equal(countsOf(writer.pipe.written), "accepted 4, delivered 1, queued 3");
    assert.equal(here.endCount, 1, "it must learn of the other's end");
    there.die();
    assert.equal(countsOf(writer.pipe.written), "accepted 4, delivered 1, queued 0, peer-gone 3");
    assert.equal(here.endCount, 0);
  });

  it("in the midst of conflation leaves the newest", () => {
    const { here, writer, open } = makePipe({ conflate: true });
    const reader = open();
    writer.fill(9);
    here.die();
    assert.deepEqual(reader.readAll(), ["m8"]);
    assert.equal(countsOf(reader.pipe.received), "accepted 9, delivered 1, queued 0, conflated 8");
  });
});

describe("conflation", () => {
  it("leaves a message alone that comes while the reader looks: a newer one may take its place", (t) => {
    const { a, writer, open } = makePipe({ conflate: true });
    const reader = open();
    writer.write("first");
    a.publish();
    assert.equal(reader.read(), "first");
    const { store } = Atomics;
    // The reader has found nothing, and says that it waits.
    const mock = t.mock.method(Atomics, "store", (words: Int32Array, at: number, value: number) => {
      const result = store(words, at, value);
      if (at !== FLOW_AT[0]! + FLOW.READER_WAITS || value !== 1) return result;
      mock.mock.restore();
      writer.write("old");
      a.publish();
      return result;
    });
    assert.equal((reader.pipe as SharedPipe).checkReadable(), true);
    assert.equal(mock.mock.callCount() > 0, true);
    writer.write("new");
    a.publish();
    assert.deepEqual(reader.readAll(), ["new"]);
    assert.equal(countsOf(reader.pipe.received), "accepted 3, delivered 2, queued 0, conflated 1");
  });
});

describe("both ends closed", () => {
  it("are let go by their threads", () => {
    const { here, there, writer, open } = makePipe();
    const reader = open();
    writer.pipe.close("orphaned");
    hearBells();
    reader.pipe.close("orphaned");
    hearBells();
    assert.deepEqual([here.endCount, there.endCount], [0, 0]);
  });
});
