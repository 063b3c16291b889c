/** PUSH in a worker thread, PULL in the main thread; a MessagePort and a bare ring in their places. */
import { once } from "node:events";
import type { MessagePort } from "node:worker_threads";
import { MessageChannel, Worker } from "node:worker_threads";
import { BareRing } from "./bare-ring.ts";
import { answer, fail, Meter, option, optionNumber, serve } from "./control.ts";
import type { BatchSocket, Library } from "./library.ts";
import { MarkCheck, markPeriod } from "./marks.ts";
import type { SenderData } from "./thread-sender.ts";

/** The thread, as soon as it says that it is ready. */
export async function startThread(file: string, data: object, transfer: MessagePort[] = []): Promise<Worker> {
  const worker = new Worker(new URL(file, import.meta.url), { workerData: data, transferList: transfer });
  worker.on("error", fail);
  await once(worker, "message");
  return worker;
}

function startSender(data: Omit<SenderData, "args">): Promise<Worker> {
  const full: SenderData = { ...data, args: process.argv.slice(4) };
  return startThread("./thread-sender.js", full, data.port === undefined ? [] : [data.port]);
}

/** Checks and counts. */
class Arrivals {
  #meter: Meter;
  #check: MarkCheck;

  constructor() {
    this.#meter = new Meter(true);
    this.#check = new MarkCheck(optionNumber("size", 10));
  }

  arm(count: number): void {
    this.#check.restart();
    this.#meter.arm(count);
  }

  take(body: Uint8Array): void {
    this.#meter.take(this.#check.take(body));
  }
}

async function receiveEach(socket: BatchSocket, arrivals: Arrivals): Promise<void> {
  for await (const message of socket) arrivals.take(message[0]);
}

async function receiveBatches(socket: BatchSocket, arrivals: Arrivals): Promise<void> {
  for await (const batch of socket.batches()) {
    for (const message of batch) arrivals.take(message[0]);
  }
}

export async function threads(library: Library): Promise<void> {
  const arrivals = new Arrivals();
  const socket = new library.Pull({ linger: 0, receiveHighWaterMark: optionNumber("hwm", 1000) });
  await socket.bind("inproc://threads");
  const sender = await startSender({ kind: "ours" });
  const receive = option("mode", "await") === "await" ? receiveEach : receiveBatches;
  receive(socket, arrivals).catch(fail);
  serve({
    run: (count) => {
      arrivals.arm(count);
      sender.postMessage(count);
    },
  });
  answer("ready");
}

export async function threadsPort(): Promise<void> {
  const arrivals = new Arrivals();
  const memory = new SharedArrayBuffer(4);
  const count = new Int32Array(memory);
  const window = optionNumber("window", 2000);
  const step = Math.max(1, window >> 2);
  let seen = 0;
  const { port1, port2 } = new MessageChannel();
  const sender = await startSender({ kind: "port", memory, port: port2 });
  port1.on("message", (body: Uint8Array) => {
    arrivals.take(body);
    if (++seen % step !== 0) return;
    Atomics.store(count, 0, seen);
    Atomics.notify(count, 0);
  });
  serve({
    run: (target) => {
      seen = 0;
      Atomics.store(count, 0, 0);
      arrivals.arm(target);
      sender.postMessage(target);
    },
  });
  answer("ready");
}

export async function threadsRing(): Promise<void> {
  const arrivals = new Arrivals();
  const size = optionNumber("size", 10);
  const ring = new BareRing(size, markPeriod(size));
  const sender = await startSender({ kind: "ring", memory: ring.memory });
  serve({
    run: (count) => {
      arrivals.arm(count);
      sender.postMessage(count);
      ring.read(count, (body) => arrivals.take(body));
    },
  });
  answer("ready");
}
