// The contract of a pipe (src/pipe/pipe.ts). Every implementation runs this suite: see pipe.test.ts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { COPY_SIZE_MAX } from "../../src/base/message.ts";
import type { PipeMaker, PipeSettings } from "./pipe-rig.ts";
import { countsOf, EndRig, frames, SinkRig, somePeer, textOf } from "./pipe-rig.ts";

export function describePipe(name: string, maker: PipeMaker): void {
  const settle = () => maker.settle();

  function makePipe(given: Partial<PipeSettings> = {}): { writer: EndRig; reader: EndRig } {
    const settings = { firstToSecondHwm: 0, secondToFirstHwm: 0, conflate: false, ...given };
    const [first, second] = maker.make(settings, somePeer("second"), somePeer("first"));
    return { writer: new EndRig(first), reader: new EndRig(second) };
  }

  const withHwm = (hwm: number) => makePipe({ firstToSecondHwm: hwm });

  describe(`${name}: messages`, () => {
    it("come in order and whole, both ways", async () => {
      const { writer, reader } = makePipe();
      for (let i = 0; i < 1000; i++) assert.ok(writer.write(`head ${i}`, "", `tail ${i}`));
      assert.ok(reader.write("back"));
      await settle();
      assert.equal(reader.pipe.unreadCount, 1000);
      for (let i = 0; i < 1000; i++) assert.equal(reader.read(), `head ${i}||tail ${i}`);
      assert.equal(reader.read(), undefined);
      assert.equal(writer.read(), "back");
    });

    it("may be read while they are written", async () => {
      const { writer, reader } = withHwm(10);
      const read: string[] = [];
      for (let i = 0; i < 5000; i++) {
        while (!writer.write(String(i))) {
          await settle();
          read.push(...reader.readAll(1 + (i % 7)));
          await settle();
        }
      }
      await settle();
      read.push(...reader.readAll());
      assert.deepEqual(
        read,
        Array.from({ length: 5000 }, (_, i) => String(i)),
      );
    });

    it("that were lent may be changed after the call; large bodies are kept by reference", async () => {
      const { writer, reader } = makePipe();
      const small = Buffer.alloc(COPY_SIZE_MAX - 1, 1);
      writer.pipe.tryWrite([small, Buffer.from("x")], false);
      small.fill(2);
      await settle();
      assert.ok(reader.pipe.tryRead()?.[0]?.every((octet) => octet === 1));
    });

    it("know their peer from the start, and are not live before the owners say so", () => {
      const { writer, reader } = makePipe();
      assert.equal(writer.pipe.peer.endpoint, "test://second");
      assert.equal(reader.pipe.peer.endpoint, "test://first");
      assert.deepEqual([writer.pipe.live, reader.pipe.live], [false, false]);
      assert.deepEqual([writer.pipe.isClosed, writer.pipe.isEnded], [false, false]);
    });
  });

  describe(`${name}: the high-water mark`, () => {
    for (const hwm of [1, 2, 3, 7, 10, 1000, 2000]) {
      it(`of ${hwm} takes exactly ${hwm} (libzmq behaviours B1, B3)`, () => {
        const { writer } = withHwm(hwm);
        assert.equal(writer.pipe.written.hwm, hwm);
        assert.equal(writer.fill(), hwm);
        assert.equal(writer.pipe.checkWritable(), false);
        assert.equal(countsOf(writer.pipe.written), `accepted ${hwm}, delivered 0, queued ${hwm}`);
      });

      it(`of ${hwm} opens again after ${(hwm + 1) >> 1} reads, no sooner`, async () => {
        const { writer, reader } = withHwm(hwm);
        writer.fill();
        await settle();
        const lwm = (hwm + 1) >> 1;
        assert.equal(reader.readAll(lwm - 1).length, lwm - 1);
        await settle();
        assert.equal(writer.write("too soon"), false);
        assert.deepEqual(writer.take(), []);
        reader.read();
        await settle();
        assert.deepEqual(writer.take(), ["writable"]);
        assert.equal(writer.fill(), lwm);
        assert.equal(writer.pipe.written.queued, hwm);
      });
    }

    it("of 0 is none (libzmq behaviour B2)", () => {
      const { writer } = withHwm(0);
      assert.equal(writer.fill(10_000), 10_000);
      assert.equal(writer.pipe.checkWritable(), true);
    });

    it("counts what is outstanding, not the total (libzmq behaviour B9)", async () => {
      const { writer, reader } = withHwm(11_024);
      assert.equal(writer.fill(9999), 9999);
      await settle();
      assert.equal(reader.readAll().length, 9999);
      await settle();
      assert.equal(writer.fill(1100), 1100);
      await settle();
      assert.equal(reader.readAll().length, 1100);
    });

    it("counts messages, not frames or octets", () => {
      const { writer } = withHwm(2);
      assert.ok(writer.write("a", "b", "c", "d"));
      assert.ok(writer.write("x".repeat(100_000)));
      assert.equal(writer.write(""), false);
    });

    it("is that of each direction alone", () => {
      const { writer, reader } = makePipe({ firstToSecondHwm: 2, secondToFirstHwm: 5 });
      assert.equal(reader.fill(), 5);
      assert.equal(writer.fill(), 2);
    });

    it("raised on a full pipe opens it at once", async () => {
      const { writer, reader } = withHwm(2);
      writer.fill();
      writer.pipe.setHighWaterMarks(6, 0);
      await settle();
      assert.deepEqual(writer.take(), ["writable"]);
      assert.equal(writer.fill(), 4);
      // Set from the other end it is the same mark.
      reader.pipe.setHighWaterMarks(0, 8);
      await settle();
      assert.deepEqual(writer.take(), ["writable"]);
      assert.equal(writer.fill(), 2);
      assert.equal(reader.pipe.received.hwm, 8);
    });

    it("lowered on a full pipe loses nothing, and holds from then on (libzmq behaviour B6)", async () => {
      const { writer, reader } = withHwm(100);
      writer.fill();
      writer.pipe.setHighWaterMarks(70, 0);
      await settle();
      assert.equal(writer.write("over"), false);
      const read = reader.readAll(30);
      await settle();
      assert.equal(writer.write("full still"), false, "70 are queued");
      read.push(...reader.readAll());
      await settle();
      assert.equal(read.length, 100);
      // The writer learns of reads in steps of 35: it knows of 70 of them.
      assert.equal(writer.fill(), 40);
      assert.equal(writer.pipe.written.queued, 40);
    });

    it("raised to 0 is none", async () => {
      const { writer } = withHwm(3);
      writer.fill();
      writer.pipe.setHighWaterMarks(0, 0);
      await settle();
      assert.deepEqual(writer.take(), ["writable"]);
      assert.equal(writer.fill(5000), 5000);
    });
  });

  describe(`${name}: edges`, () => {
    it("tell of the first message, and then of the first after a read that found none", async () => {
      const { writer, reader } = makePipe();
      for (let i = 0; i < 3; i++) writer.write("a");
      await settle();
      assert.deepEqual(reader.take(), ["readable"]);
      reader.readAll(3);
      writer.write("b");
      await settle();
      assert.deepEqual(reader.take(), [], "nobody found it empty");
      reader.readAll();
      writer.write("c");
      writer.write("d");
      await settle();
      assert.deepEqual(reader.take(), ["readable"]);
    });

    it("tell of a message after checkReadable found none", async () => {
      const { writer, reader } = makePipe();
      writer.write("a");
      await settle();
      reader.take();
      assert.equal(reader.pipe.checkReadable(), true);
      reader.readAll(1);
      assert.equal(reader.pipe.checkReadable(), false);
      writer.write("b");
      await settle();
      assert.deepEqual(reader.take(), ["readable"]);
    });

    it("tell of room once after a write was refused, or checkWritable said so", async () => {
      const { writer, reader } = withHwm(2);
      writer.write("a");
      writer.write("b");
      await settle();
      reader.readAll();
      await settle();
      assert.deepEqual(writer.take(), [], "nobody was refused");
      writer.fill();
      await settle();
      reader.readAll();
      await settle();
      assert.deepEqual(writer.take(), ["writable"]);
      assert.equal(writer.fill(2), 2);
      assert.equal(writer.pipe.checkWritable(), false);
      await settle();
      reader.readAll();
      await settle();
      assert.deepEqual(writer.take(), ["writable"]);
    });

    it("may write, read and close out of an event", async () => {
      const { writer, reader } = withHwm(1);
      const read: string[] = [];
      let count = 0;
      reader.onEvent = (event) => {
        if (event === "readable") read.push(...reader.readAll());
      };
      writer.onEvent = (event) => {
        if (event !== "writable") return;
        if (count < 100) writer.write(String(count++));
        else writer.pipe.close("peer-gone");
      };
      writer.write(String(count++));
      for (let i = 0; i < 300 && !writer.pipe.isClosed; i++) {
        if (writer.pipe.checkWritable()) writer.onEvent("writable");
        await settle();
      }
      assert.ok(writer.pipe.isClosed);
      assert.deepEqual(
        read,
        Array.from({ length: 100 }, (_, i) => String(i)),
      );
    });
  });

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
      assert.equal(writer.fill(10), 10);
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
      sink.heldCount = 2;
      await settle();
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
