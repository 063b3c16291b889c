// The law of a pipe on random sequences: after every step accepted = delivered + queued + dropped in both directions,
// and all that an end can see agrees with a twin so plain that it cannot be wrong.

import assert from "node:assert/strict";
import { it } from "node:test";
import type { DropReason } from "../../src/pipe/pipe.ts";
import { DROP_REASONS, noDrops } from "../../src/pipe/pipe.ts";
import type { PipeMaker } from "./pipe-rig.ts";
import { EndRig, frames, somePeer, totalDropped } from "./pipe-rig.ts";

/** One direction, as the contract tells it. */
class Twin {
  readonly queue: { readonly text: string; readonly isControl: boolean }[] = [];
  readonly dropped = noDrops();
  readonly conflate: boolean;
  hwm: number;
  accepted = 0;
  delivered = 0;
  written = 0;
  read = 0;
  credited = 0;
  isClosed = false;

  constructor(hwm: number, conflate: boolean) {
    this.hwm = conflate ? 0 : hwm;
    this.conflate = conflate;
  }

  get queued(): number {
    return this.queue.filter(({ isControl }) => !isControl).length;
  }

  get isFull(): boolean {
    return this.hwm > 0 && this.written - this.credited >= this.hwm;
  }

  write(text: string): boolean {
    if (this.isClosed || this.isFull) return false;
    if (this.conflate) this.#dropAll("conflated");
    this.accepted++;
    this.written++;
    this.queue.push({ text, isControl: false });
    return true;
  }

  writeControl(text: string): void {
    if (!this.isClosed) this.queue.push({ text, isControl: true });
  }

  takeOne(): string | undefined {
    const first = this.queue[0];
    if (first === undefined) return undefined;
    this.queue.splice(0, 1);
    if (!first.isControl) {
      this.delivered++;
      this.#countRead(1);
    }
    return first.text;
  }

  discard(count: number, reason: DropReason): void {
    for (let left = Math.min(count, this.queued); left > 0; ) {
      const first = this.queue[0];
      this.queue.splice(0, 1);
      if (first?.isControl) continue;
      left--;
      this.dropped[reason]++;
      this.read++;
    }
    this.#countRead(0);
  }

  retract(reason: DropReason): void {
    this.delivered--;
    this.dropped[reason]++;
  }

  countDrop(): void {
    this.accepted++;
    this.dropped.hwm++;
  }

  setHwm(hwm: number): void {
    if (this.conflate) return;
    this.hwm = hwm;
    this.credited = this.read;
  }

  closeReader(reason: DropReason): void {
    this.isClosed = true;
    this.#dropAll(reason);
  }

  #dropAll(reason: DropReason): void {
    this.dropped[reason] += this.queued;
    this.read += this.queued;
    this.credited = this.read;
    this.queue.length = 0;
  }

  #countRead(count: number): void {
    this.read += count;
    const lwm = (this.hwm + 1) >> 1;
    if (this.hwm > 0 && this.read - this.credited >= lwm) this.credited = this.read;
  }
}

/** Numbers in [0, 1) from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const REASONS = DROP_REASONS.filter((reason) => reason !== "hwm");
const MARKS = [0, 1, 2, 3, 4, 5, 10, 100];

/** A side of the pipe with the twins of what it writes and reads. */
interface Side {
  readonly rig: EndRig;
  readonly out: Twin;
  readonly in: Twin;
}

async function runSequence(maker: PipeMaker, seed: number, stepCount: number): Promise<void> {
  const random = randomFrom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const conflate = below(8) === 0;
  const marks = [pick(MARKS), pick(MARKS)] as const;
  const settings = { firstToSecondHwm: marks[0], secondToFirstHwm: marks[1], conflate };
  const [first, second] = maker.make(settings, somePeer("second"), somePeer("first"));
  const forth = new Twin(marks[0], conflate);
  const back = new Twin(marks[1], conflate);
  const sides: readonly [Side, Side] = [
    { rig: new EndRig(first), out: forth, in: back },
    { rig: new EndRig(second), out: back, in: forth },
  ];
  // A sequence leans to one side: some fill, some drain.
  const readShare = random();
  const history: string[] = [];
  const where = (): string => `seed ${seed}, step ${history.length}: ${history.slice(-8).join("; ")}`;

  const step = (side: Side, other: Side): void => {
    const { pipe } = side.rig;
    const chance = random();
    if (chance < 0.8) {
      if (random() < readShare) {
        history.push("read");
        assert.equal(side.rig.read(), side.in.takeOne(), where());
      } else {
        const text = `m${history.length}`;
        history.push(`write ${text}`);
        assert.equal(pipe.tryWrite(frames(text), below(2) === 0), side.out.write(text), where());
      }
    } else if (chance < 0.85) {
      // No direction has both: subscriptions go to a publisher, the newest message comes from it.
      if (conflate) return;
      history.push("control");
      pipe.writeControl(frames(`c${history.length}`));
      side.out.writeControl(`c${history.length}`);
    } else if (chance < 0.88) {
      const count = below(4);
      const reason = pick(REASONS);
      history.push(`discard ${count} ${reason}`);
      pipe.discard(count, reason);
      side.in.discard(count, reason);
    } else if (chance < 0.91) {
      const reason = pick(REASONS);
      if (side.in.delivered === 0) return;
      history.push(`retract ${reason}`);
      pipe.retract(1, reason);
      side.in.retract(reason);
    } else if (chance < 0.94) {
      history.push("count a drop");
      pipe.countDrop("hwm");
      side.out.countDrop();
    } else if (chance < 0.97) {
      history.push("check");
      assert.equal(pipe.checkReadable(), side.in.queue.length > 0, where());
      assert.equal(pipe.checkWritable(), !side.out.isClosed && !side.out.isFull, where());
    } else if (chance < 0.997) {
      const [out, inward] = [pick(MARKS), pick(MARKS)];
      history.push(`marks ${out} ${inward}`);
      pipe.setHighWaterMarks(out, inward);
      side.out.setHwm(out);
      side.in.setHwm(inward);
    } else {
      const reason = pick(REASONS);
      history.push(`close ${reason}`);
      if (!pipe.isClosed) {
        side.out.isClosed = true;
        side.in.closeReader(reason);
      }
      pipe.close(reason);
      assert.equal(other.rig.pipe.isEnded, true, where());
    }
  };

  const checkLaw = (): void => {
    for (const { rig, out, in: inward } of sides) {
      for (const [seen, twin] of [
        [rig.pipe.written, out],
        [rig.pipe.received, inward],
      ] as const) {
        const { accepted, delivered, queued, dropped, hwm } = seen;
        assert.equal(accepted, delivered + queued + totalDropped(seen), where());
        assert.deepEqual(
          { accepted, delivered, queued, dropped, hwm },
          {
            accepted: twin.accepted,
            delivered: twin.delivered,
            queued: twin.queued,
            dropped: twin.dropped,
            hwm: twin.hwm,
          },
          where(),
        );
      }
      assert.equal(rig.pipe.unreadCount, inward.queued, where());
    }
  };

  for (let i = 0; i < stepCount; i++) {
    const index = below(2);
    step(sides[index] as Side, sides[1 - index] as Side);
    await maker.settle();
    checkLaw();
  }
  await checkEdges(maker, sides, where);
}

/** Nobody waits for an edge that never comes. */
async function checkEdges(maker: PipeMaker, sides: readonly Side[], where: () => string): Promise<void> {
  for (const { rig, out, in: inward } of sides) {
    if (rig.pipe.isClosed || rig.pipe.isEnded) continue;
    rig.take();
    // Ask for both edges, then make both things true from the other side.
    while (rig.read() !== undefined) inward.takeOne();
    rig.fill(2000);
    await maker.settle();
    const other = sides.find((side) => side.rig !== rig) as Side;
    const wasFull = !rig.pipe.checkWritable();
    if (wasFull) {
      while (other.rig.read() !== undefined) out.takeOne();
      await maker.settle();
      assert.ok(rig.take().includes("writable"), `${where()}: no edge for the writer`);
    }
    rig.readAll();
    await maker.settle();
    rig.take();
    assert.ok(other.rig.write("last"), where());
    await maker.settle();
    assert.ok(rig.take().includes("readable"), `${where()}: no edge for the reader`);
  }
}

/** Runs seeded sequences; a seed in `PIPE_SEED` runs that one alone. */
export function checkPipeLaw(name: string, maker: PipeMaker, sequenceCount: number, stepCount: number): void {
  const given = process.env.PIPE_SEED;
  it(`${name}: the law holds after every step of ${sequenceCount} random sequences`, async (t) => {
    const first = given === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(given);
    const count = given === undefined ? sequenceCount : 1;
    t.diagnostic(`seeds ${first} to ${first + count - 1}; PIPE_SEED runs one`);
    for (let i = 0; i < count; i++) await runSequence(maker, first + i, stepCount);
  });
}
