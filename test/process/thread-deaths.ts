// Threads that die at any instant under traffic, and what the others see of it. Used by thread-deaths.test.ts, and by the
// benchmark of the same name with many more of them.

import assert from "node:assert/strict";
import { Worker } from "node:worker_threads";
import { Pair, Pull, Push } from "../../src/index.ts";

/** How a thread ends. `stuck` and `asleep` block its loop first and are terminated then, as `terminate` is at any time. */
export const WAYS = ["terminate", "exit", "throw", "memory", "stuck", "asleep"] as const;

export interface Mortal {
  readonly number: number;
  readonly way: (typeof WAYS)[number];
  readonly afterMs: number;
  readonly seed: number;
}

export interface DeathCounts {
  /** Messages that came from threads that died, all whole and in order. */
  received: number;
  torn: number;
  doubled: number;
  /** Holes in a thread's sequence. */
  missing: number;
  /** From a thread's end to the end of its connections here, at most, without what our own loop was late by. */
  slowestMs: number;
}

/** What a thread needs to come to life, about: some are terminated before. */
const START_MS = 30;

const CLOCK_MS = 20;

const SIZES = [12, 20, 100, 1000, 12, 5000, 100, 20, 70_000, 12, 1000, 20, 100, 12, 300_000];

/** A thread that is stuck sends these, of a size that no other message has. */
export const STUCK_SIZE = 101;

/** Any octet that is wrong, and any that is missing, shows. */
export function makeMessage(
  number: number,
  sequence: number,
  seed: number,
  allocate: (size: number) => Buffer,
): Buffer[] {
  const size = SIZES[(Math.imul(sequence, 7) + seed) % SIZES.length] as number;
  const body = allocate(size).fill(sequence);
  body.writeUInt32LE(number, 0);
  body.writeUInt32LE(sequence, 4);
  body.writeUInt32LE(size, 8);
  return sequence % 3 === 0 ? [Buffer.from(String(number)), body] : [body];
}

function isWhole(message: readonly Buffer[], sequence: number): boolean {
  const body = message.at(-1) as Buffer;
  if (body.readUInt32LE(8) !== body.length || message.length !== (sequence % 3 === 0 ? 2 : 1)) return false;
  const fill = sequence & 0xff;
  // Of a large one every 61st octet, and the last.
  const stride = body.length > 1000 ? 61 : 1;
  for (let i = 12; i < body.length; i += stride) if (body[i] !== fill) return false;
  return body.length <= 12 || body.at(-1) === fill;
}

/** Lets `count` threads live and die, `atOnce` at a time. `random` decides how and when. */
export async function runDeaths(
  count: number,
  atOnce: number,
  seed: number,
  random: () => number,
  progress: (done: number) => void = () => undefined,
): Promise<DeathCounts> {
  // What the dead left is kept, however slow we are: a limit would make holes.
  const up = new Pull({ receiveHighWaterMark: 500, maxOrphans: 1_000_000 });
  await up.bind("inproc://up");
  const down = new Push({ sendHighWaterMark: 50, linger: 0 });
  await down.bind("inproc://down");
  const next = new Map<number, number>();
  const counts: DeathCounts = { received: 0, torn: 0, doubled: 0, missing: 0, slowestMs: 0 };
  let isOver = false;
  // What our own loop is late by is not the others' fault.
  let latestMs = 0;
  let lastMs = performance.now();
  const clock = setInterval(() => {
    const now = performance.now();
    latestMs = Math.max(latestMs, now - lastMs - CLOCK_MS);
    lastMs = now;
  }, CLOCK_MS);

  const receiving = (async () => {
    for await (const messages of up.batches(64)) {
      for (const message of messages) {
        const body = message.at(-1) as Buffer;
        if (body.length === STUCK_SIZE) continue;
        const number = body.readUInt32LE(0);
        const sequence = body.readUInt32LE(4);
        const expected = next.get(number) ?? 0;
        counts.received++;
        if (!isWhole(message, sequence)) counts.torn++;
        if (sequence < expected) counts.doubled++;
        counts.missing += Math.max(0, sequence - expected);
        next.set(number, sequence + 1);
      }
    }
  })();
  const sending = (async () => {
    for (let sequence = 0; !isOver; sequence++) {
      const body = Buffer.alloc(40);
      body.writeUInt32LE(sequence, 0);
      try {
        await down.send(body, { timeoutMs: 20 });
      } catch (error) {
        assert.equal((error as { code?: string }).code, "EAGAIN");
      }
      if (sequence % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  })();

  const live = async (number: number): Promise<void> => {
    const way = WAYS[Math.floor(random() * WAYS.length)] as Mortal["way"];
    const afterMs = Math.floor(random() * random() * 80);
    const own = new Pair({ linger: 0 });
    own.connect(`inproc://own-${number}`);
    own.trySend("early");
    const worker = new Worker(new URL("./thread-deaths-worker.js", import.meta.url), {
      workerData: { number, way, afterMs, seed: seed % 1000 } satisfies Mortal,
      resourceLimits: { maxOldGenerationSizeMb: 24 },
      stdout: true,
      stderr: true,
    });
    // Those that throw or run out of memory say so.
    worker.on("error", () => undefined);
    const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    if (way === "terminate" || way === "stuck" || way === "asleep") {
      const more = way === "terminate" ? 0 : 60;
      setTimeout(() => void worker.terminate(), START_MS + afterMs + Math.floor(random() * 60) + more);
    }
    await ended;
    const since = performance.now();
    latestMs = 0;
    while (own.peers.length > 0 && own.peers[0]!.live) await new Promise((resolve) => setTimeout(resolve, 5));
    counts.slowestMs = Math.max(counts.slowestMs, performance.now() - since - 2 * latestMs);
    await own.close();
  };
  let started = 0;
  const lane = async (): Promise<void> => {
    while (started < count) {
      await live(started++);
      progress(started);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));

  isOver = true;
  clearInterval(clock);
  await sending;
  const deadline = performance.now() + 5000;
  while (
    (up.stats().received.queued > 0 || up.peers.length > 0 || down.peers.length > 0) &&
    performance.now() < deadline
  )
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(up.peers.length, 0, "every thread's connection is over");
  assert.equal(down.peers.length, 0);
  for (const flow of [up.stats().received, down.stats().sent]) {
    const dropped = Object.values(flow.dropped).reduce((sum, one) => sum + one, 0);
    assert.equal(flow.accepted, flow.delivered + flow.queued + dropped, "the law of counts");
    assert.equal(flow.queued, 0);
    assert.equal(dropped, flow.dropped["peer-gone"], "no other loss");
  }
  // Their names are free again.
  for (let number = 0; number < count; number += Math.ceil(count / 20)) {
    const heir = new Pair();
    heir.bindSync(`inproc://own-${number}`);
    await heir.close();
  }
  await up.close();
  await down.close();
  await receiving;
  return counts;
}
