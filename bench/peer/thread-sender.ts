/** The sending thread of bench/threads.ts: a number on the port is a run of so many messages. */
import type { MessagePort } from "node:worker_threads";
import { parentPort, workerData } from "node:worker_threads";
import { BareRing } from "./bare-ring.ts";
import { option, optionNumber, readOptions } from "./control.ts";
import type { BatchSocket } from "./library.ts";
import { loadLibrary } from "./library.ts";
import { mark, markedBodies, markPeriod } from "./marks.ts";

type Send = (count: number) => void | Promise<void>;

export interface SenderData {
  kind: "ours" | "port" | "ring";
  args: string[];
  /** Of the ring, or the count of what arrived through the port. */
  memory?: SharedArrayBuffer;
  port?: MessagePort;
}

const { kind, args, memory, port } = workerData as SenderData;
readOptions(args);
const control = parentPort!;
const size = optionNumber("size", 10);
const bodies = markedBodies(size);

async function sendEach(socket: BatchSocket, count: number): Promise<void> {
  for (let sent = 0, index = 0; sent < count; sent++) {
    await socket.send(bodies[index]);
    if (++index === bodies.length) index = 0;
  }
}

/** `fresh` makes the bodies of a batch; without it they are sent again and again. */
async function sendBatches(socket: BatchSocket, count: number, fresh?: () => Buffer[]): Promise<void> {
  for (let left = count; left > 0; left -= bodies.length) {
    const batch = fresh?.() ?? bodies;
    await socket.sendMany(left >= batch.length ? batch : batch.slice(0, left));
  }
}

async function ours(): Promise<Send> {
  const library = await loadLibrary("ours");
  const socket = new library.Push({ linger: 0, sendHighWaterMark: optionNumber("hwm", 1000) });
  socket.connect("inproc://threads");
  const shared = (index: number): Buffer => {
    const body = library.allocateShared(size);
    mark(body, index);
    return body;
  };
  const filled = (index: number): Buffer => {
    const body = library.allocateShared(size);
    body.set(bodies[index]);
    return body;
  };
  const makers = new Map([
    ["shared", shared],
    ["shared filled", filled],
  ]);
  const mode = option("mode", "await");
  if (mode === "await") return (count) => sendEach(socket, count);
  const make = makers.get(mode);
  if (make === undefined) return (count) => sendBatches(socket, count);
  const fresh = (): Buffer[] => Array.from({ length: markPeriod(size) }, (_, index) => make(index));
  return (count) => sendBatches(socket, count, fresh);
}

/** A MessagePort has no high-water mark, so the sender waits by itself when too many are under way. */
function throughPort(port: MessagePort, arrived: Int32Array, window: number): Send {
  const mode = option("mode", "copy");
  const post = (index: number): void => {
    if (mode === "copy") {
      port.postMessage(bodies[index]);
      return;
    }
    const body = Buffer.allocUnsafeSlow(size);
    if (mode === "transfer filled") body.set(bodies[index]);
    else mark(body, index);
    port.postMessage(body, [body.buffer as ArrayBuffer]);
  };
  return (count) => {
    for (let sent = 0, index = 0; sent < count; sent++) {
      for (let seen = Atomics.load(arrived, 0); sent - seen >= window; seen = Atomics.load(arrived, 0)) {
        Atomics.wait(arrived, 0, seen);
      }
      post(index);
      if (++index === bodies.length) index = 0;
    }
  };
}

async function start(): Promise<void> {
  let send: Send;
  if (kind === "ours") {
    send = await ours();
  } else if (kind === "port") {
    send = throughPort(port!, new Int32Array(memory!), optionNumber("window", 2000));
  } else {
    const ring = new BareRing(size, markPeriod(size), memory!);
    send = (count) => ring.write(bodies, count);
  }
  control.on("message", (count: number) => {
    Promise.resolve(send(count)).catch((error: unknown) => {
      throw error;
    });
  });
  control.postMessage("ready");
}

await start();
