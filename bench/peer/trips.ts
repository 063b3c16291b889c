/** Round trips between the main thread, which asks, and a worker thread. */
import { MessageChannel } from "node:worker_threads";
import { BareTurn, turnMemorySize } from "./bare-turn.ts";
import { answer, cpuUs, option, optionNumber, serve } from "./control.ts";
import type { BlockingSocket, Library } from "./library.ts";
import { MarkCheck, markedBodies } from "./marks.ts";
import type { EchoData } from "./thread-echo.ts";
import { startThread } from "./threads.ts";

/** The times of a run; its end is the answer to the driver. */
class Stopwatch {
  #times: Float64Array;
  #at: number;
  #cpu: number;
  #startMs: number;
  #before: number;

  constructor(count: number) {
    this.#times = new Float64Array(count);
    this.#at = 0;
    this.#cpu = cpuUs();
    this.#startMs = performance.now();
    this.#before = this.#startMs;
  }

  lap(): void {
    const after = performance.now();
    this.#times[this.#at++] = after - this.#before;
    this.#before = after;
  }

  report(): void {
    const used = cpuUs() - this.#cpu;
    const count = this.#at;
    if (count !== this.#times.length) throw new Error(`${count} round trips, not ${this.#times.length}`);
    const times = this.#times.sort();
    const at = (share: number): number => Math.round(times[Math.floor((count - 1) * share)] * 1e6);
    const ns = Math.round((this.#before - this.#startMs) * 1e6);
    answer("result", { count, ns, p50: at(0.5), p99: at(0.99), max: at(1), cpuUs: used });
  }
}

const size = (): number => optionNumber("size", 10);

function startEcho(data: Pick<EchoData, "kind" | "memory" | "port">): Promise<unknown> {
  const full: EchoData = { mode: option("mode", "await"), pattern: option("pattern", "pair"), ...data };
  return startThread("./thread-echo.js", full, data.port === undefined ? [] : [data.port]);
}

async function ask(socket: BlockingSocket, bodies: readonly Buffer[], count: number): Promise<void> {
  const check = new MarkCheck(size());
  const watch = new Stopwatch(count);
  for (let i = 0; i < count; i++) {
    await socket.send(bodies[i % bodies.length]);
    check.take((await socket.receive())[0]);
    watch.lap();
  }
  watch.report();
}

function askSync(socket: BlockingSocket, bodies: readonly Buffer[], count: number): void {
  const check = new MarkCheck(size());
  const watch = new Stopwatch(count);
  for (let i = 0; i < count; i++) {
    socket.sendSync(bodies[i % bodies.length]);
    check.take(socket.receiveSync()[0]);
    watch.lap();
  }
  watch.report();
}

export async function trips(library: Library): Promise<void> {
  const bodies = markedBodies(size());
  const socket = option("pattern", "pair") === "pair" ? new library.Pair() : new library.Request();
  await socket.bind("inproc://trips");
  await startEcho({ kind: "ours" });
  const run = option("mode", "await") === "sync" ? askSync : ask;
  serve({ run: (count) => run(socket, bodies, count) });
  answer("ready");
}

export async function tripsPort(): Promise<void> {
  const bodies = markedBodies(size());
  const { port1, port2 } = new MessageChannel();
  await startEcho({ kind: "port", port: port2 });
  let check = new MarkCheck(size());
  let watch = new Stopwatch(0);
  let target = 0;
  let done = 0;
  port1.on("message", (body: Uint8Array) => {
    check.take(body);
    watch.lap();
    if (++done === target) watch.report();
    else port1.postMessage(bodies[done % bodies.length]);
  });
  serve({
    run: (count) => {
      check = new MarkCheck(size());
      watch = new Stopwatch(count);
      target = count;
      done = 0;
      port1.postMessage(bodies[0]);
    },
  });
  answer("ready");
}

export async function tripsTurn(): Promise<void> {
  const memory = new SharedArrayBuffer(turnMemorySize);
  const turn = new BareTurn(memory);
  await startEcho({ kind: "turn", memory });
  let at = 0;
  serve({
    run: (count) => {
      const watch = new Stopwatch(count);
      for (let i = 0; i < count; i++, at += 2) {
        turn.give((at + 1) | 0);
        turn.await((at + 2) | 0);
        watch.lap();
      }
      watch.report();
    },
  });
  answer("ready");
}
