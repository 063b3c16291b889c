/** CURVE beyond a stream of messages: a server of many handshakes, those who come to it, and a process that is both ends. */
import type { Socket as NetSocket } from "node:net";
import { connect, createServer } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { greeting, greetingSize, waitForEver } from "./connections.ts";
import { answer, cpuUs, fail, Meter, option, optionNumber, serve } from "./control.ts";
import { curveOptions } from "./curve-keys.ts";
import type { BatchSocket, Library } from "./library.ts";
import { batchLength, receiveBatches, sendBatches } from "./throughput.ts";

/** A PULL that nobody sends to; `report` has its processor time and its loop's delays since `watch`. */
export async function curveServer(library: Library): Promise<void> {
  // The crowd is not to be turned away: ours has a limit by default, of who may be in a handshake at once.
  const pending = optionNumber("pending", 0);
  const limits = pending > 0 ? { maxPendingHandshakes: pending } : {};
  const socket = new library.Pull({ linger: 0, ...limits, ...curveOptions("server") });
  await socket.bind("tcp://127.0.0.1:*");
  waitForEver(socket).catch(fail);
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  let cpuBefore = 0;
  serve({
    watch: () => {
      delays.reset();
      cpuBefore = cpuUs();
      answer("watching");
    },
    report: () => {
      const p99 = delays.percentile(99) / 1e6;
      answer("report", { p99, max: delays.max / 1e6, cpuUs: cpuUs() - cpuBefore });
    },
  });
  answer("ready", { endpoint: socket.lastEndpoint });
}

/** Handshakes under way at once. */
const CONCURRENCY = 16;

/** Whole handshakes, a socket for each: what a crowd that comes back after an outage does. */
export function curveClients(library: Library): void {
  const endpoint = option("endpoint", "");
  const shake = (): Promise<void> =>
    new Promise((resolve) => {
      const socket = new library.Push({ linger: 0, ...curveOptions("client") });
      socket.events.on("handshake", () => {
        socket.close();
        resolve();
      });
      socket.connect(endpoint);
    });
  serve({
    run: async (count) => {
      const startMs = performance.now();
      let started = 0;
      const worker = async (): Promise<void> => {
        for (; started < count; ) {
          started++;
          await shake();
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, worker));
      answer("result", { count, ns: Math.round((performance.now() - startMs) * 1e6) });
    },
  });
  answer("ready");
}

/** 26/CURVEZMQ: a frame's header of two octets and the command. */
const HELLO_SIZE = 202;
const WELCOME_SIZE = 170;
const greetingBytes = greeting("CURVE");

/** A HELLO that is good for the server of these benchmarks, as a client of ours says it to somebody who listens. */
function takeHello(library: Library): Promise<Buffer> {
  return new Promise((resolve) => {
    const client = new library.Push({ linger: 0, ...curveOptions("client") });
    const listener = createServer((socket) => {
      const chunks: Buffer[] = [];
      socket.on("error", () => undefined);
      socket.write(greetingBytes);
      socket.on("data", (chunk) => {
        chunks.push(chunk);
        const all = Buffer.concat(chunks);
        if (all.length < greetingSize + HELLO_SIZE) return;
        listener.close();
        client.close();
        resolve(all.subarray(greetingSize, greetingSize + HELLO_SIZE));
      });
    });
    listener.listen(0, "127.0.0.1", () => {
      client.connect(`tcp://127.0.0.1:${(listener.address() as { port: number }).port}`);
    });
  });
}

/** `count` connections that have greeted, and then say HELLO all at once: the same one, which costs its sender nothing. */
export async function helloFlood(library: Library): Promise<void> {
  const hello = await takeHello(library);
  const port = optionNumber("port", 0);
  const open: NetSocket[] = [];
  let greeted = 0;
  let welcomed = 0;
  let onProgress: () => void = () => undefined;
  const until = (isDone: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      onProgress = () => {
        if (isDone()) resolve();
      };
      onProgress();
    });
  const join = (): void => {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    let received = 0;
    socket.on("error", fail);
    socket.on("connect", () => socket.write(greetingBytes));
    socket.on("data", (chunk: Buffer) => {
      const before = received;
      received += chunk.length;
      if (before < greetingSize && received >= greetingSize) greeted++;
      if (before < greetingSize + WELCOME_SIZE && received >= greetingSize + WELCOME_SIZE) welcomed++;
      onProgress();
    });
    open.push(socket);
  };
  serve({
    join: async (count) => {
      // By hundreds, below every listen backlog.
      while (open.length < count) {
        for (let i = 0; i < 100 && open.length < count; i++) join();
        await until(() => greeted === open.length);
      }
      answer("joined", { count: greeted });
    },
    run: async (count) => {
      const startMs = performance.now();
      for (const socket of open) socket.write(hello);
      await until(() => welcomed === count);
      answer("result", { count: welcomed, ns: Math.round((performance.now() - startMs) * 1e6) });
    },
  });
  answer("ready");
}

/** Both ends of two connections in one process: one thread does everything, or two I/O threads encrypt and decrypt. */
export async function curveBothEnds(library: Library): Promise<void> {
  const size = optionNumber("size", 65_536);
  const context = new library.Context({ ioMode: option("ioMode", "loop"), ioThreads: 2 });
  const meter = new Meter();
  const pull = new library.Pull({
    context,
    linger: 0,
    receiveHighWaterMark: 100,
    ...curveOptions("server"),
  });
  const pushes: BatchSocket[] = [];
  for (let i = 0; i < 2; i++) {
    await pull.bind("tcp://127.0.0.1:*");
    const push = new library.Push({ context, linger: 0, sendHighWaterMark: 100, ...curveOptions("client") });
    push.connect(pull.lastEndpoint as string);
    pushes.push(push);
  }
  const batch = Array.from({ length: batchLength(size) }, () => Buffer.alloc(size));
  receiveBatches(pull, meter).catch(fail);
  serve({
    run: (count) => {
      meter.arm(count);
      const half = count >> 1;
      Promise.all([sendBatches(pushes[0], batch, half), sendBatches(pushes[1], batch, count - half)]).catch(
        fail,
      );
    },
  });
  answer("ready");
}
