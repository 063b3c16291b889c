/** REQ and REP: one round trip after the other. */
import { answer, cpuUs, fail, option, optionNumber, serve } from "./control.ts";
import type { BatchSocket, Library } from "./library.ts";

function socketOptions(): Record<string, unknown> {
  const busyPoll = optionNumber("busyPoll", 0);
  return busyPoll > 0 ? { linger: 0, busyPoll } : { linger: 0 };
}

export function req(library: Library): void {
  const size = optionNumber("size", 1);
  const body = Buffer.alloc(size);
  const socket = new library.Request(socketOptions());
  socket.connect(option("endpoint", ""));
  serve({
    run: async (count) => {
      const times = new Float64Array(count);
      const cpu = cpuUs();
      const startMs = performance.now();
      let before = startMs;
      for (let i = 0; i < count; i++) {
        await socket.send(body);
        const reply = await socket.receive();
        if (reply[0].length !== size) throw new Error(`a reply of ${reply[0].length} bytes`);
        const after = performance.now();
        times[i] = after - before;
        before = after;
      }
      const used = cpuUs() - cpu;
      times.sort();
      const at = (share: number): number => Math.round(times[Math.floor((count - 1) * share)] * 1e6);
      const ns = Math.round((before - startMs) * 1e6);
      answer("result", { count, ns, p50: at(0.5), p99: at(0.99), max: at(1), cpuUs: used });
    },
  });
  answer("ready");
}

async function echo(socket: BatchSocket): Promise<void> {
  for (;;) {
    const message = await socket.receive();
    await socket.send(message[0]);
  }
}

export async function rep(library: Library): Promise<void> {
  const socket = new library.Reply(socketOptions());
  await socket.bind(option("endpoint", "tcp://127.0.0.1:*"));
  echo(socket).catch(fail);
  serve({});
  answer("ready", { endpoint: socket.lastEndpoint });
}
