// The contract of a pipe (src/pipe/pipe.ts), the other half of pipe-suite.ts: control messages, sinks, the end, counts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PipeMaker, PipeSettings } from "./pipe-rig.ts";
import { countsOf, frames, joinEnds, SinkRig, textOf } from "./pipe-rig.ts";

export function describePipeEnd(name: string, maker: PipeMaker): void {
  const settle = () => maker.settle();
  const makePipe = (given: Partial<PipeSettings> = {}) => joinEnds(maker, given);
  const withHwm = (hwm: number) => makePipe({ firstToSecondHwm: hwm });

  describe(`${name}: control messages`, () => {
    it("are never refused, not counted, and in order with the others", async () => {
      const { writer, reader } = withHwm(2);
      writer.pipe.writeControl(frames("c1"));
      writer.fill();
      writer.pipe.writeControl(frames("c2"));
      await settle();
      assert.deepEqual(reader.take(), ["readable"]);
      assert.equal(countsOf(writer.pipe.written), "accepted 2, delivered 0, queued 2");
      assert.equal(reader.pipe.unreadCount, 2);
      assert.deepEqual(reader.readAll(), ["c1", "m0", "m1", "c2"]);
      await settle();
      assert.equal(countsOf(reader.pipe.received), "accepted 2, delivered 2, queued 0");
      assert.equal(writer.fill(), 2);
    });

    it("restart: those that were not read are replaced, in front of all else", async () => {
      const { writer, reader } = withHwm(2);
      writer.pipe.writeControl(frames("read"));
      writer.pipe.writeControl(frames("old"));
      writer.fill();
      await settle();
      assert.equal(reader.read(), "read");
      writer.pipe.restartControl([frames("new 1"), frames("new 2")]);
      await settle();
      assert.equal(countsOf(writer.pipe.written), "accepted 2, delivered 0, queued 2");
      assert.equal(reader.pipe.unreadCount, 2);
      assert.deepEqual(reader.readAll(), ["new 1", "new 2", "m0", "m1"]);
      reader.take();
      writer.pipe.restartControl([]);
      writer.pipe.restartControl([frames("new 3")]);
      await settle();
      assert.deepEqual(reader.take(), ["readable"]);
      assert.deepEqual(reader.readAll(), ["new 3"]);
      writer.pipe.close("peer-gone");
      writer.pipe.restartControl([frames("too late")]);
      assert.equal(reader.read(), undefined);
    });

    it("alone make a pipe readable, and are dropped with it", async () => {
      const { writer, reader } = makePipe();
      writer.pipe.writeControl(frames("c1"));
      await settle();
      assert.deepEqual(reader.take(), ["readable"]);
      assert.equal(reader.pipe.checkReadable(), true);
      reader.pipe.close("peer-gone");
      writer.pipe.writeControl(frames("c2"));
      assert.equal(countsOf(reader.pipe.received), "accepted 0, delivered 0, queued 0");
    });
  });

  describe(`${name}: a sink`, () => {
    it("takes messages past the queue as long as it will", async () => {
      const { writer, reader } = withHwm(3);
      const sink = new SinkRig();
      reader.pipe.setSink(sink);
      if (maker.hasDirectSinks) {
        assert.equal(writer.fill(10), 10);
      } else {
        for (const count of [3, 3, 3, 1]) {
          assert.equal(writer.fill(count), count);
          await settle();
        }
        assert.equal(writer.pipe.checkWritable(), true);
      }
      await settle();
      assert.equal(sink.taken.length, 10);
      assert.deepEqual(reader.take(), []);
      assert.equal(countsOf(reader.pipe.received), "accepted 10, delivered 10, queued 0");
    });

    it("that refuses leaves the queue to do its work, in order", async () => {
      const { writer, reader } = withHwm(3);
      const sink = new SinkRig();
      reader.pipe.setSink(sink);
      writer.write("past");
      await settle();
      sink.isOpen = false;
      assert.equal(writer.fill(), 3);
      await settle();
      sink.isOpen = true;
      // Those that wait go first.
      assert.equal(writer.write("not past them"), false);
      assert.deepEqual(sink.taken, ["past"]);
      assert.deepEqual(reader.readAll(), ["m0", "m1", "m2"]);
      await settle();
      assert.ok(writer.write("past again"));
      await settle();
      assert.deepEqual(sink.taken, ["past", "past again"]);
    });

    it("counts what it holds as queued", async () => {
      const { writer, reader } = makePipe();
      const sink = new SinkRig();
      reader.pipe.setSink(sink);
      writer.fill(5);
      await settle();
      sink.heldCount = 2;
      assert.equal(countsOf(reader.pipe.received), "accepted 5, delivered 3, queued 2");
      reader.pipe.setSink(null);
      writer.write("queued");
      assert.equal(sink.taken.length, 5);
    });
  });

  describe(`${name}: the end`, () => {
    it("of the writer leaves the reader what was written", async () => {
      const { writer, reader } = makePipe();
      writer.fill(3);
      writer.pipe.close("orphaned");
      writer.pipe.close("orphaned");
      await settle();
      assert.deepEqual(reader.take(), ["readable", "peer closed"]);
      assert.deepEqual(writer.take(), [], "who closes is not told");
      assert.deepEqual(
        [writer.pipe.isClosed, reader.pipe.isClosed, reader.pipe.isEnded],
        [true, false, true],
      );
      assert.equal(reader.write("nobody"), false);
      assert.equal(reader.pipe.checkWritable(), false);
      assert.equal(writer.write("closed"), false);
      assert.deepEqual(reader.readAll(2), ["m0", "m1"]);
      assert.deepEqual(reader.take(), []);
      assert.deepEqual(reader.readAll(), ["m2"]);
      assert.deepEqual(reader.take(), ["drained"]);
      assert.equal(countsOf(reader.pipe.received), "accepted 3, delivered 3, queued 0");
      reader.pipe.close("peer-gone");
      assert.deepEqual(writer.take(), []);
    });

    it("of the reader drops what it has not read, for the reason given", async () => {
      const { writer, reader } = withHwm(5);
      writer.fill();
      await settle();
      reader.readAll(2);
      reader.pipe.close("linger");
      await settle();
      assert.deepEqual(writer.take(), ["peer closed"]);
      assert.equal(countsOf(reader.pipe.received), "accepted 5, delivered 2, queued 0, linger 3");
      assert.equal(countsOf(writer.pipe.written), "accepted 5, delivered 2, queued 0, linger 3");
      assert.equal(writer.write("gone"), false);
      assert.equal(countsOf(writer.pipe.written), "accepted 5, delivered 2, queued 0, linger 3");
      assert.equal(reader.read(), undefined);
    });

    it("makes both ends unreachable, and tells nothing to an end that is closed", async () => {
      const { writer, reader } = makePipe();
      writer.pipe.live = reader.pipe.live = true;
      reader.onEvent = () => reader.pipe.close("peer-gone");
      writer.pipe.close("peer-gone");
      await settle();
      assert.deepEqual([writer.pipe.live, reader.pipe.live], [false, false]);
      assert.deepEqual(reader.take(), ["peer closed"]);
      assert.deepEqual(writer.take(), []);
    });

    it("is the end of being reachable, also for an end that is still open", async () => {
      const { writer, reader } = makePipe();
      writer.pipe.live = reader.pipe.live = true;
      writer.pipe.close("peer-gone");
      await settle();
      assert.deepEqual([reader.pipe.isClosed, reader.pipe.live], [false, false]);
    });

    it("comes without an edge for a writer that waited for room", async () => {
      const { writer, reader } = withHwm(1);
      writer.fill();
      await settle();
      writer.take();
      reader.pipe.close("peer-gone");
      await settle();
      assert.deepEqual(writer.take(), ["peer closed"]);
    });
  });

  describe(`${name}: counts`, () => {
    it("conflated: only the newest waits, the others are counted, and it is never full", async () => {
      const { writer, reader } = makePipe({ firstToSecondHwm: 2, conflate: true });
      assert.equal(writer.fill(50), 50);
      await settle();
      assert.equal(countsOf(writer.pipe.written), "accepted 50, delivered 0, queued 1, conflated 49");
      assert.deepEqual(reader.readAll(), ["m49"]);
      writer.pipe.setHighWaterMarks(1, 1);
      assert.equal(writer.fill(5), 5);
      await settle();
      assert.deepEqual(reader.readAll(), ["m4"]);
      assert.equal(countsOf(reader.pipe.received), "accepted 55, delivered 2, queued 0, conflated 53");
    });

    it("discarded: the oldest go, at most what is there, and give room", async () => {
      const { writer, reader } = withHwm(4);
      writer.fill();
      await settle();
      reader.pipe.discard(1, "orphaned");
      await settle();
      assert.deepEqual(writer.take(), []);
      reader.pipe.discard(1, "orphaned");
      await settle();
      assert.deepEqual(writer.take(), ["writable"]);
      assert.deepEqual(reader.readAll(1), ["m2"]);
      reader.pipe.discard(100, "protocol");
      assert.equal(
        countsOf(reader.pipe.received),
        "accepted 4, delivered 1, queued 0, orphaned 2, protocol 1",
      );
    });

    it("discarded to the last after the writer's end: drained", async () => {
      const { writer, reader } = makePipe();
      writer.fill(2);
      writer.pipe.close("orphaned");
      await settle();
      reader.take();
      reader.pipe.discard(1, "orphaned");
      assert.deepEqual(reader.take(), []);
      reader.pipe.discard(1, "orphaned");
      assert.deepEqual(reader.take(), ["drained"]);
    });

    it("refused: a message that the writer gave up is accepted and dropped", () => {
      const { writer } = withHwm(1);
      writer.fill();
      writer.pipe.countDrop("hwm");
      assert.equal(countsOf(writer.pipe.written), "accepted 2, delivered 0, queued 1, hwm 1");
    });

    it("given up for the first time for a reason: the writer is told, once", () => {
      const { writer } = withHwm(1);
      writer.fill();
      writer.take();
      writer.pipe.countDrop("hwm");
      writer.pipe.countDrop("hwm");
      writer.pipe.countDrop("unroutable");
      assert.deepEqual(writer.take(), ["first drop: hwm", "first drop: unroutable"]);
    });

    it("retracted: a message that was read is dropped after all", async () => {
      const { writer, reader } = makePipe();
      writer.fill(3);
      await settle();
      reader.readAll(2);
      reader.pipe.retract(1, "protocol");
      assert.equal(countsOf(reader.pipe.received), "accepted 3, delivered 1, queued 1, protocol 1");
    });

    it("are those of each direction", async () => {
      const { writer, reader } = makePipe();
      writer.write("there");
      reader.fill(2);
      await settle();
      writer.readAll(1);
      assert.equal(countsOf(writer.pipe.written), "accepted 1, delivered 0, queued 1");
      assert.equal(countsOf(writer.pipe.received), "accepted 2, delivered 1, queued 1");
      assert.equal(textOf(reader.pipe.tryRead()), "there");
    });
  });
}
