/** PUSH to PULL over inproc, both in this one thread. */
import { answer, cpuUs, option, optionNumber, serve } from "./control.ts";
import type { BatchSocket, Library } from "./library.ts";

/** Below the high-water mark, so that a burst always fits. */
const burst = 512;

/** Sends and takes in turns without a promise anywhere. */
function exchangeTry(push: BatchSocket, pull: BatchSocket, body: Buffer, count: number): number {
  let bytes = 0;
  for (let sent = 0; sent < count; ) {
    const end = Math.min(count, sent + burst);
    while (sent < end && push.trySend(body)) sent++;
    for (let message = pull.tryReceive(); message !== undefined; message = pull.tryReceive()) {
      bytes += message[0].length;
    }
  }
  return bytes;
}

async function exchangeMany(
  push: BatchSocket,
  pull: BatchSocket,
  body: Buffer,
  count: number,
): Promise<number> {
  const full = Array.from({ length: burst }, () => body);
  let bytes = 0;
  for (let left = count; left > 0; ) {
    const batch = left >= burst ? full : full.slice(0, left);
    await push.sendMany(batch);
    left -= batch.length;
    for (let got = 0; got < batch.length; ) {
      const messages = await pull.receiveMany();
      got += messages.length;
      for (const message of messages) bytes += message[0].length;
    }
  }
  return bytes;
}

async function exchangeAwait(
  push: BatchSocket,
  pull: BatchSocket,
  body: Buffer,
  count: number,
): Promise<number> {
  const send = async (): Promise<void> => {
    for (let i = 0; i < count; i++) await push.send(body);
  };
  const receive = async (): Promise<number> => {
    let bytes = 0;
    for (let i = 0; i < count; i++) bytes += (await pull.receive())[0].length;
    return bytes;
  };
  const [bytes] = await Promise.all([receive(), send()]);
  return bytes;
}

const modes = { try: exchangeTry, many: exchangeMany, await: exchangeAwait };

export async function inproc(library: Library): Promise<void> {
  const exchange = modes[option("mode", "await") as keyof typeof modes];
  const body = Buffer.alloc(optionNumber("size", 10));
  const pull = new library.Pull({ linger: 0 });
  const push = new library.Push({ linger: 0 });
  await pull.bind("inproc://throughput");
  push.connect("inproc://throughput");
  serve({
    run: async (count) => {
      const cpu = cpuUs();
      const startMs = performance.now();
      const bytes = await exchange(push, pull, body, count);
      const ns = Math.round((performance.now() - startMs) * 1e6);
      answer("result", { count, bytes, ns, cpuUs: cpuUs() - cpu });
    },
  });
  answer("ready");
}
