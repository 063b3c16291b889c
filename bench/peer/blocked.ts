/** An application whose thread is blocked for long while messages come, and the peer that sends them. */
import { answer, fail, option, optionNumber, serve } from "./control.ts";
import type { Library, Socket } from "./library.ts";
import { socketOptions } from "./throughput.ts";

/** Messages before the block: the connection is up and used. */
const prelude = 100;

function heartbeatOptions(): Record<string, unknown> {
  return { heartbeatInterval: optionNumber("heartbeat", 500) };
}

/** Connections made and lost, as the socket tells it. */
function countEvents(socket: Socket): { connects: number; disconnects: number } {
  const counts = { connects: 0, disconnects: 0 };
  socket.events.on("handshake", () => counts.connects++);
  socket.events.on("disconnect", () => counts.disconnects++);
  return counts;
}

/** Which of the numbered messages came. */
class Roll {
  received: number;
  duplicates: number;
  disordered: number;
  #seen: Set<number>;
  #last: number;

  constructor() {
    this.received = 0;
    this.duplicates = 0;
    this.disordered = 0;
    this.#seen = new Set();
    this.#last = -1;
  }

  take(number: number): void {
    this.received++;
    if (this.#seen.has(number)) this.duplicates++;
    this.#seen.add(number);
    if (number < this.#last) this.disordered++;
    this.#last = number;
  }
}

async function receiveAndBlock(socket: Socket, roll: Roll): Promise<void> {
  const blockMs = optionNumber("blockMs", 30_000);
  for await (const [body] of socket) {
    roll.take(Number(body));
    if (roll.received !== prelude) continue;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs);
    answer("unblocked");
  }
}

export async function blocked(library: Library): Promise<void> {
  const socket = new library.Pull({
    ...socketOptions(library, "receiveHighWaterMark"),
    ...heartbeatOptions(),
    // All that comes during the block fits.
    receiveHighWaterMark: 1_000_000,
  });
  const events = countEvents(socket);
  const roll = new Roll();
  await socket.bind(option("endpoint", "tcp://127.0.0.1:*"));
  receiveAndBlock(socket, roll).catch(fail);
  serve({
    report: async (expected) => {
      let before = -1;
      // Until all came, or none came for two seconds.
      for (let silent = 0; roll.received < expected && silent < 20; silent++) {
        if (roll.received !== before) silent = 0;
        before = roll.received;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const { received, duplicates, disordered } = roll;
      answer("report", { received, duplicates, disordered, ...events });
    },
  });
  answer("ready", { endpoint: socket.lastEndpoint });
}

/** As bench/c/steady.c. */
export function steadyPush(library: Library): void {
  const rate = optionNumber("rate", 1000);
  const socket = new library.Push({ ...heartbeatOptions(), reconnectInterval: 50 });
  const events = countEvents(socket);
  socket.connect(option("endpoint", ""));
  serve({
    run: async (count) => {
      const startMs = performance.now();
      for (let sent = 0; sent < count; ) {
        const due = Math.min(count, 1 + Math.floor(((performance.now() - startMs) * rate) / 1000));
        for (; sent < due; sent++) await socket.send(Buffer.from(`${sent}`));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      const ns = Math.round((performance.now() - startMs) * 1e6);
      answer("sent", { count, ns, ...events });
    },
  });
  answer("ready");
}
