// The contract of a pipe (src/pipe/pipe.ts): what it carries, how much, and when it tells. The other half is in
// pipe-end-suite.ts. Every implementation runs both: see pipe.test.ts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { COPY_SIZE_MAX } from "../../src/base/message.ts";
import type { PipeMaker, PipeSettings } from "./pipe-rig.ts";
import { countsOf, joinEnds } from "./pipe-rig.ts";

export function describePipe(name: string, maker: PipeMaker): void {
  const settle = () => maker.settle();
  const makePipe = (given: Partial<PipeSettings> = {}) => joinEnds(maker, given);
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
}
