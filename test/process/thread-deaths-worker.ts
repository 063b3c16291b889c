// A thread that lives dangerously: it sends and receives until something ends it.

import { workerData } from "node:worker_threads";
import { allocateShared, Pair, Pull, Push } from "../../src/index.ts";
import type { Mortal } from "./thread-deaths.ts";
import { makeMessage, STUCK_SIZE } from "./thread-deaths.ts";

const { number, way, afterMs, seed } = workerData as Mortal;

const up = new Push({ linger: 0, sendHighWaterMark: 100 });
up.connect("inproc://up");
const down = new Pull();
down.connect("inproc://down");
const own = new Pair({ linger: 0 });
own.bindSync(`inproc://own-${number}`);

async function send(): Promise<void> {
  for (let sequence = 0; ; sequence++) {
    await up.send(makeMessage(number, sequence, seed, sequence % 7 === 0 ? allocateShared : Buffer.alloc));
    if (sequence % 5 === 0) own.trySend("ping");
  }
}

async function receive(): Promise<void> {
  let last = -1;
  for await (const [body] of down) {
    const sequence = (body as Buffer).readUInt32LE(0);
    if (sequence <= last) throw new Error(`${sequence} came after ${last}`);
    last = sequence;
  }
}

function end(): void {
  if (way === "exit") process.exit(3);
  if (way === "throw") throw new Error("on purpose");
  if (way === "memory") {
    const hoard: unknown[] = [];
    for (;;) hoard.push(new Array(10_000).fill(hoard.length));
  }
  if (way === "stuck") for (;;) up.trySend("x".repeat(STUCK_SIZE));
  if (way === "asleep") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

void send();
void receive();
if (way !== "terminate") setTimeout(end, afterMs);
