// A ring writer and a ring reader on the same memory: what goes in comes out, through every turn of the ring, every segment
// and every way beside it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Message } from "../../../../src/base/message.ts";
import { installPlatform } from "../../../../src/base/platform.ts";
import { RUN_SIZE_MAX } from "../../../../src/base/run.ts";
import { FLOW, FLOW_AT, PIPE_HEADER_SIZE } from "../../../../src/threads/layout.ts";
import { ASIDE_SIZE, FIRST_SEGMENT_SIZE, PIPE_SIZE } from "../../../../src/threads/ring/record.ts";
import { RingReader } from "../../../../src/threads/ring/ring-reader.ts";
import { RingWriter } from "../../../../src/threads/ring/ring-writer.ts";
import { nodePlatform } from "../../../../src/transports/node-platform.ts";
import { messagesOfRun } from "../../../oracle/run-messages.ts";
import { randomFrom, seedFrom } from "../random.ts";

installPlatform(nodePlatform);

/** Both sides of one direction; memory that is given arrives when it is asked for. */
class Ring {
  readonly words: Int32Array;
  readonly writer: RingWriter;
  readonly reader: RingReader;
  readonly given: [number, SharedArrayBuffer][] = [];
  givenCount = 0;
  readonly #at = FLOW_AT[0]!;

  constructor() {
    const memory = new SharedArrayBuffer(PIPE_SIZE);
    this.words = new Int32Array(memory, 0, PIPE_HEADER_SIZE >> 2);
    this.writer = new RingWriter(memory, this.words, 0, this.#at, {
      give: (index, part) => {
        this.givenCount++;
        this.given.push([index, part]);
      },
    });
    this.reader = new RingReader(memory, this.words, 0, this.#at, {
      collect: () => {
        for (const [index, part] of this.given.splice(0)) this.reader.onMemory(index, part);
      },
    });
  }

  get tail(): number {
    return this.words[this.#at + FLOW.TAIL]!;
  }

  publish(): void {
    this.writer.seal();
    Atomics.store(this.words, this.#at + FLOW.TAIL, this.writer.position);
  }

  write(message: Message): void {
    this.writer.write(message);
    this.publish();
  }
}

function body(size: number, fill: number): Buffer {
  const octets = Buffer.alloc(size, fill & 0xff);
  if (size > 4) octets.writeUInt32LE(fill, 0);
  return octets;
}

/** Its short frames on the wire. */
function zmtpOf(message: Message): Buffer {
  const last = message.length - 1;
  return Buffer.concat(message.flatMap((frame, i) => [Buffer.of(i < last ? 1 : 0, frame.length), frame]));
}

function same(taken: Message | undefined, expected: readonly Uint8Array[], where = ""): void {
  assert.ok(taken !== undefined, `${where}: nothing came`);
  assert.equal(taken.length, expected.length, where);
  taken.forEach((frame, i) => assert.equal(Buffer.compare(frame, expected[i]!), 0, `${where}: frame ${i}`));
}

describe("a ring", () => {
  it("gives every size back, from empty to beside the ring", () => {
    const ring = new Ring();
    const edges = [
      0, 1, 3, 4, 5, 7, 8, 9, 47, 48, 63, 64, 65, 71, 72, 2039, 2047, 2048, 2049, 4095, 4096, 8175, 8176,
    ];
    const sizes = [...edges, 8192, 65535, 65536, ASIDE_SIZE - 1, ASIDE_SIZE, ASIDE_SIZE + 1, 3_000_000];
    for (const size of sizes) {
      const sent = body(size, size);
      ring.write([sent]);
      same(ring.reader.take(), [sent], `${size} octets`);
      ring.write([body(3, 1), sent, Buffer.alloc(0), sent]);
      same(ring.reader.take(), [body(3, 1), sent, Buffer.alloc(0), sent], `frames of ${size} octets`);
    }
    assert.equal(ring.reader.take(), undefined);
  });

  it("gives nothing that was not published, and what was published whole", () => {
    const ring = new Ring();
    ring.writer.write([body(10, 1)]);
    ring.writer.write([body(5, 2), body(70, 3)]);
    assert.equal(ring.reader.hasRecord(), false);
    assert.equal(ring.reader.take(), undefined);
    ring.publish();
    ring.writer.write([body(10, 4)]);
    same(ring.reader.take(), [body(10, 1)]);
    same(ring.reader.take(), [body(5, 2), body(70, 3)]);
    assert.equal(ring.reader.take(), undefined, "the last was not published");
  });

  it("keeps small bodies in blocks of their own: what is written later does not touch them", () => {
    const ring = new Ring();
    const kept: [Message, Buffer][] = [];
    for (let i = 0; i < 5000; i++) {
      const sent = body(i % 40, i);
      ring.write([sent]);
      kept.push([ring.reader.take() as Message, sent]);
    }
    kept.forEach(([taken, sent], i) => same(taken, [sent], `message ${i}`));
  });

  it("turns in its first segment while the reader keeps up", () => {
    const ring = new Ring();
    for (let i = 0; i < 20_000; i++) {
      ring.write([body(i % 300, i)]);
      same(ring.reader.take(), [body(i % 300, i)], `message ${i}`);
    }
    assert.equal(ring.givenCount, 0, "no further memory");
  });

  it("goes on in larger segments when nobody reads, and loses nothing", () => {
    const ring = new Ring();
    const count = 20_000;
    for (let i = 0; i < count; i++) ring.write([body(i % 300, i)]);
    assert.ok(ring.givenCount >= 6 && ring.givenCount <= 12, `${ring.givenCount} segments`);
    for (let i = 0; i < count; i++) same(ring.reader.take(), [body(i % 300, i)], `message ${i}`);
    assert.equal(ring.reader.take(), undefined);
    const before = ring.givenCount;
    for (let i = 0; i < count; i++) {
      ring.write([body(i % 300, i)]);
      same(ring.reader.take(), [body(i % 300, i)], `again ${i}`);
    }
    assert.equal(ring.givenCount, before, "the last segment is large enough");
  });

  it("keeps the segments that a burst took for the next burst, and lets them go when none comes", () => {
    const ring = new Ring();
    const big = body(65536, 7);
    const burst = (): void => {
      for (let i = 0; i < 160; i++) ring.write([big]);
      for (let i = 0; i < 160; i++) same(ring.reader.take(), [big], `${i}`);
      ring.reader.publishHead();
    };
    for (let round = 0; round < 3; round++) burst();
    const { givenCount } = ring;
    for (let round = 0; round < 9; round++) burst();
    assert.equal(ring.givenCount, givenCount, "bursts of the same size take no fresh memory");
    // 96 MiB, one by one.
    for (let i = 0; i < 1536; i++) {
      ring.write([big]);
      same(ring.reader.take(), [big], `${i}`);
    }
    burst();
    assert.ok(ring.givenCount > givenCount, "what was not needed for so long was let go");
  });

  it("that is read in runs alone turns in its first segment too", () => {
    const ring = new Ring();
    const sent = zmtpOf([body(40, 7)]);
    ring.writer.writeRun(sent, 0, sent.length, 1);
    for (let i = 0; i < 5000; i++) {
      // Never empty, so that nothing but runs is asked for.
      ring.writer.writeRun(sent, 0, sent.length, 1);
      ring.publish();
      // What ends the segment is no run.
      if (ring.reader.takeRun(10) === undefined) same(ring.reader.take(), [body(40, 7)]);
    }
    assert.equal(ring.givenCount, 0, "no further memory");
  });

  it("takes short messages as they lie on the wire, and gives them so", (t) => {
    const seed = seedFrom("RING_SEED");
    t.diagnostic(`seed ${seed}; RING_SEED runs it`);
    const random = randomFrom(seed);
    const below = (limit: number): number => Math.floor(random() * limit);
    const ring = new Ring();
    const sent: Message[] = [];
    let number = 0;
    for (let turn = 0; turn < 3000; turn++) {
      const messages = Array.from({ length: below(40) }, () => {
        const frameCount = random() < 0.7 ? 1 : 1 + below(15);
        return Array.from({ length: frameCount }, () => body(below(random() < 0.9 ? 40 : 250), number++));
      });
      if (random() < 0.5) {
        for (const message of messages) ring.writer.write(message);
      } else if (messages.length > 0) {
        const wire = Buffer.concat([Buffer.alloc(below(9)), ...messages.map(zmtpOf)]);
        const from = wire.length - messages.reduce((size, one) => size + zmtpOf(one).length, 0);
        const to = Math.min(wire.length, from + RUN_SIZE_MAX);
        if (to < wire.length) continue;
        ring.writer.writeRun(wire, from, to, messages.length);
      }
      sent.push(...messages);
      if (random() < 0.3) continue;
      ring.publish();
      if (random() < 0.2) continue;
      while (ring.reader.hasRecord() && random() < 0.98) {
        const countMax = below(60);
        const run = random() < 0.4 ? ring.reader.takeRun(countMax) : undefined;
        if (run !== undefined) assert.ok(run.count <= countMax);
        const taken =
          run === undefined
            ? [ring.reader.take() as Message]
            : messagesOfRun(run.octets, 0, run.octets.length, run.count);
        for (const message of taken) same(message, sent.shift() as Message, `turn ${turn}`);
      }
    }
    ring.publish();
    for (const message of sent) same(ring.reader.take(), message, "the rest");
    assert.equal(ring.reader.take(), undefined);
  });

  it("counts positions beyond 2^31", () => {
    const ring = new Ring();
    const sent = body(ASIDE_SIZE - 9, 7);
    const turns = Math.ceil(2 ** 32 / ASIDE_SIZE) + 10;
    for (let i = 0; i < turns; i++) {
      ring.write([sent]);
      assert.equal(ring.reader.take()?.[0]?.length, sent.length, `turn ${i}`);
    }
    ring.write([body(3, 1)]);
    same(ring.reader.take(), [body(3, 1)]);
  });

  it("uses memory beside the ring again once it was copied out", () => {
    const ring = new Ring();
    for (let i = 0; i < 50; i++) {
      const sent = body(400_000, i);
      ring.write([sent]);
      same(ring.reader.take(), [sent]);
    }
    assert.ok(ring.givenCount <= 2, `${ring.givenCount} pieces of memory`);
  });

  it("hands on shared bodies by reference, and gives their memory once", () => {
    const ring = new Ring();
    const memory = new SharedArrayBuffer(1 << 20);
    for (let i = 0; i < 100; i++) {
      const sent = Buffer.from(memory, i * 8192, 8192);
      ring.write([body(1, 1), sent]);
      const taken = ring.reader.take() as Message;
      assert.equal(taken[1]!.buffer, memory);
      assert.equal(taken[1]!.byteOffset, i * 8192);
      assert.equal(taken[1]!.length, 8192);
    }
    assert.equal(ring.givenCount, 1);
    ring.write([Buffer.from(memory, 0, 100)]);
    assert.notEqual((ring.reader.take() as Message)[0]!.buffer, memory, "small ones are copied");
  });

  it("passes over control messages of earlier generations", () => {
    const ring = new Ring();
    ring.writer.writeControl([body(2, 1)], 0);
    ring.writer.writeControl([body(2, 2)], 1);
    ring.write([body(2, 3)]);
    ring.given.push([-1, new SharedArrayBuffer(4)]);
    assert.deepEqual(ring.reader.restart(1), []);
    same(ring.reader.take(), [body(2, 2)]);
    assert.equal(ring.reader.isControl, true);
    same(ring.reader.take(), [body(2, 3)]);
    assert.equal(ring.reader.isControl, false);
  });

  it("carries random messages under random reading", (t) => {
    const seed = seedFrom("RING_SEED");
    t.diagnostic(`seed ${seed}; RING_SEED runs it`);
    const random = randomFrom(seed);
    const below = (limit: number): number => Math.floor(random() * limit);
    const ring = new Ring();
    const waiting: Message[] = [];
    let unpublished = 0;
    const sizeOf = (): number => {
      const chance = random();
      if (chance < 0.6) return below(100);
      if (chance < 0.9) return below(5000);
      return chance < 0.99 ? below(FIRST_SEGMENT_SIZE * 4) : below(ASIDE_SIZE * 2);
    };
    for (let step = 0; step < 6000; step++) {
      if (random() < 0.5) {
        const message = Array.from({ length: random() < 0.7 ? 1 : 1 + below(6) }, () => body(sizeOf(), step));
        ring.writer.write(message);
        waiting.push(message);
        if (random() < 0.3) unpublished++;
        else {
          ring.publish();
          unpublished = 0;
        }
      } else {
        const published = waiting.length - unpublished;
        for (let left = Math.min(published, below(20)); left > 0; left--) {
          same(ring.reader.take(), waiting.splice(0, 1)[0]!, `seed ${seed}, step ${step}`);
        }
        if (waiting.length === unpublished)
          assert.equal(ring.reader.take(), undefined, `seed ${seed}, step ${step}`);
      }
    }
    assert.ok(ring.tail !== 0);
  });
});
