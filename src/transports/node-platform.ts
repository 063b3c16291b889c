import type { Platform } from "../base/platform.ts";
import { HeapRoom } from "./heap-room.ts";
import { loopWatch } from "./loop-watch.ts";
import { canCall } from "./tcp-calls.ts";

type ViewClass = new (buffer: ArrayBufferLike, offset: number, length: number) => Buffer;

/**
 * The class that `Buffer.prototype.slice` makes views with. Constructing it costs half of `Buffer.from` and a third of
 * `subarray`: 32, 61 and 75 ns.
 */
const FastBuffer = (Buffer as unknown as { readonly [Symbol.species]: ViewClass })[Symbol.species];

function makesBuffers(): boolean {
  // Where the host has no such class `Buffer` itself may stand there, whose constructor warns.
  if (typeof FastBuffer !== "function" || (FastBuffer as unknown) === Buffer) return false;
  const view = new FastBuffer(new Uint8Array([1, 2, 3]).buffer, 1, 1);
  return Buffer.isBuffer(view) && view.length === 1 && view[0] === 2;
}

const view: Platform["view"] = makesBuffers()
  ? (buffer, offset, length) => new FastBuffer(buffer, offset, length)
  : (buffer, offset, length) => Buffer.from(buffer as ArrayBuffer, offset, length);

/** Of this thread. Other engines than V8 count otherwise. */
const heapRoom =
  "bun" in process.versions
    ? null
    : new HeapRoom(() => process.getBuiltinModule("node:v8").getHeapStatistics());

function allocate(size: number): Buffer {
  heapRoom?.note(size);
  return Buffer.allocUnsafeSlow(size);
}

/** Node fires a timer that is armed for longer after 1 ms. */
const TIMER_MAX_MS = 0x7fffffff;

let deferred: (() => void)[] = [];
const settled = Promise.resolve();

function defer(callback: () => void): void {
  // A tick alone would come before the microtasks of the callback that runs now: it is asked for by one of them.
  if (deferred.push(callback) === 1) void settled.then(requestTick);
}

function requestTick(): void {
  process.nextTick(runDeferred);
}

function runDeferred(): void {
  const callbacks = deferred;
  deferred = [];
  let index = 0;
  try {
    while (index < callbacks.length) callbacks[index++]!();
  } finally {
    // One that throws is its owner's fault, and not the end of the others.
    for (; index < callbacks.length; index++) defer(callbacks[index]!);
  }
}

let spinUntilMs = 0;
let isSpinning = false;

function turn(): void {
  isSpinning = performance.now() < spinUntilMs;
  // An immediate keeps Node from sleeping in its poll only while it is ref'd; so the process lives as long.
  if (isSpinning) setImmediate(turn);
}

function warn(sentence: string, code: string): void {
  if (!loopWatch.isExiting) {
    process.emitWarning(sentence, { type: "ZeroMQWarning", code });
    return;
  }
  // emitWarning would come in a tick that never comes.
  const warning = new Error(sentence);
  warning.name = "ZeroMQWarning";
  process.emit("warning", Object.assign(warning, { code }));
}

/** Node, as the layers left of `transports` see it. */
export const nodePlatform: Platform = {
  view,
  allocate,
  encodeText: (text) => Buffer.from(text, "utf8"),
  now: () => performance.now(),
  random: () => Math.random(),
  setTimer: (callback, delayMs) => setTimeout(callback, Math.min(delayMs, TIMER_MAX_MS)).unref(),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
  defer,
  // Ref'd: it comes in this turn of the loop, and what it does may be what the process lives for.
  yieldTurn: (callback) => void setImmediate(callback),
  spin: (durationMs) => {
    spinUntilMs = Math.max(spinUntilMs, performance.now() + durationMs);
    if (isSpinning) return;
    isSpinning = true;
    setImmediate(turn);
  },
  hold: () => loopWatch.hold(),
  release: () => loopWatch.release(),
  onBeforeExit: (callback) => loopWatch.onBeforeExit(callback),
  onExit: (callback) => loopWatch.onExit(callback),
  can: canCall,
  warn,
};
