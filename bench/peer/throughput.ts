/** PUSH and PULL: messages of one size, as fast as the pair goes. The receiver holds the clock. */
import { answer, cpuUs, fail, Meter, option, optionNumber, serve } from "./control.ts";
import { curveOptions } from "./curve-keys.ts";
import type { BatchSocket, Library } from "./library.ts";

/** Messages in one `sendMany`: up to 256 KiB, well below the high-water mark of 1,000. */
export function batchLength(size: number): number {
  return Math.min(256, Math.max(1, Math.floor(262_144 / size)));
}

/**
 * `ioMode=background` gives the socket a context with an I/O thread; without it, it has the default one. `hwm` is the
 * high-water mark of what it does, sending or receiving.
 */
export function socketOptions(
  library: Library,
  hwmName: "sendHighWaterMark" | "receiveHighWaterMark",
): Record<string, unknown> {
  const options = { linger: 0, [hwmName]: optionNumber("hwm", 1000), ...curveOptions(option("curve", "")) };
  const ioMode = option("ioMode", "loop");
  if (ioMode === "loop") return options;
  return { ...options, context: new library.Context({ ioMode, ioThreads: 1 }) };
}

async function sendEach(socket: BatchSocket, body: Buffer, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await socket.send(body);
}

export async function sendBatches(socket: BatchSocket, batch: Buffer[], count: number): Promise<void> {
  let left = count;
  for (; left >= batch.length; left -= batch.length) await socket.sendMany(batch);
  if (left > 0) await socket.sendMany(batch.slice(0, left));
}

export function push(library: Library): void {
  const size = optionNumber("size", 10);
  const body = Buffer.alloc(size);
  const batch = Array.from({ length: batchLength(size) }, () => body);
  const batched = option("mode", "await") === "batch";
  const socket = new library.Push(socketOptions(library, "sendHighWaterMark"));
  socket.connect(option("endpoint", ""));
  serve({
    run: async (count) => {
      const cpu = cpuUs();
      await (batched ? sendBatches(socket, batch, count) : sendEach(socket, body, count));
      answer("sent", { cpuUs: cpuUs() - cpu });
    },
  });
  answer("ready");
}

async function receiveEach(socket: BatchSocket, meter: Meter): Promise<void> {
  for await (const message of socket) meter.take(message[0].length);
}

export async function receiveBatches(socket: BatchSocket, meter: Meter): Promise<void> {
  for await (const batch of socket.batches()) {
    for (const message of batch) meter.take(message[0].length);
  }
}

export async function pull(library: Library): Promise<void> {
  const meter = new Meter();
  const socket = new library.Pull(socketOptions(library, "receiveHighWaterMark"));
  await socket.bind(option("endpoint", "tcp://127.0.0.1:*"));
  const batched = option("mode", "await") === "batch";
  (batched ? receiveBatches(socket, meter) : receiveEach(socket, meter)).catch(fail);
  serve({ run: (count) => meter.arm(count) });
  answer("ready", { endpoint: socket.lastEndpoint });
}

const busyMs = 1;
const freeMs = 1;

/** An application that is busy half of the time: a millisecond of work of its own, one of receiving, and again. */
async function receiveBetweenWork(socket: BatchSocket, meter: Meter): Promise<void> {
  for (;;) {
    const free = performance.now() + busyMs;
    while (performance.now() < free);
    const busy = performance.now() + freeMs;
    do {
      for (const message of await socket.receiveMany()) meter.take(message[0].length);
    } while (performance.now() < busy);
  }
}

export async function busyPull(library: Library): Promise<void> {
  const meter = new Meter();
  const socket = new library.Pull(socketOptions(library, "receiveHighWaterMark"));
  await socket.bind(option("endpoint", "tcp://127.0.0.1:*"));
  receiveBetweenWork(socket, meter).catch(fail);
  serve({ run: (count) => meter.arm(count) });
  answer("ready", { endpoint: socket.lastEndpoint });
}
