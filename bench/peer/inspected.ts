/** A process of many sockets that is inspected: how long is its loop held up meanwhile? */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { answer, option, optionNumber, serve } from "./control.ts";
import type { Library } from "./library.ts";

/** Opens the process to inspection, with `inspect=on`. */
export async function openInspection(library: Library): Promise<void> {
  if (option("inspect", "off") !== "on") return;
  const { context } = library as unknown as { context: { inspect(): Promise<unknown> } };
  await context.inspect();
}

/** A PULL and PUSH sockets that are connected with it. */
export async function inspected(library: Library): Promise<void> {
  const count = optionNumber("count", 1000);
  const pull = new library.Pull();
  await pull.bind("tcp://127.0.0.1:*");
  const pushes = Array.from({ length: count - 1 }, () => new library.Push({ linger: 0 }));
  for (const push of pushes) push.connect(pull.lastEndpoint as string);
  await Promise.all(pushes.map((push) => push.send(Buffer.from("x"))));
  for (let at = 1; at < count; at++) await pull.receive();
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  serve({
    reset: () => {
      delays.reset();
      answer("armed");
    },
    // The loop must turn once more for its last delay to be counted.
    delay: async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      answer("delay", { max: delays.max / 1e6 });
    },
  });
  answer("ready", { pid: process.pid });
}
