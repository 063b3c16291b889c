/** What the solver costs: the same roles with and without what a socket writes into its books. */
import { pathToFileURL } from "node:url";
import { ourIndex } from "../harness/places.ts";
import { answer, cpuUs, option, serve } from "./control.ts";
import type { Library } from "./library.ts";

/** In place of everything that remembers, warns or looks from time to time: nothing. */
async function emptyBooks(library: Library): Promise<void> {
  const load = (path: string): Promise<Record<string, { prototype: object }>> =>
    import(new URL(path, pathToFileURL(ourIndex)).href);
  const { Books } = await load("./core/books.js");
  const { Journal } = await load("./core/journal.js");
  const { Ledger } = await load("./core/ledger.js");
  silence(Books.prototype, ["countDrop", "noteFirstDrop", "noteSubscribers", "noteOutOfStep", "audit"]);
  silence(Journal.prototype, ["noteEvent", "noteAttached", "noteLive", "noteSubscribers", "forget"]);
  silence(Ledger.prototype, ["countSentDrop", "retire"]);
  const { solver } = library.context as unknown as { solver: { listeners: Set<unknown> } };
  solver.listeners.clear();
}

function silence(prototype: object, names: readonly string[]): void {
  for (const name of names) {
    if (!Object.hasOwn(prototype, name)) throw new Error(`there is no ${name} to silence`);
    Object.defineProperty(prototype, name, { value: () => undefined });
  }
}

/** With `books=off`, before the first socket is made. */
export async function openBooks(library: Library): Promise<void> {
  if (option("books", "on") === "off") await emptyBooks(library);
}

/** A publisher to whom nobody listens: each message is a count in the ledger and nothing else. */
export async function pubAlone(library: Library): Promise<void> {
  const socket = new library.Publisher({ linger: 0 });
  await socket.bind("tcp://127.0.0.1:*");
  const body = Buffer.alloc(10);
  serve({
    run: (count) => {
      const startCpu = cpuUs();
      const start = performance.now();
      for (let i = 0; i < count; i++) socket.trySend(body);
      const ns = Math.round((performance.now() - start) * 1e6);
      answer("result", { count, ns, cpuUs: cpuUs() - startCpu });
    },
  });
  answer("ready");
}
