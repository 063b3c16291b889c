/** One of the threads of bench/idle.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { fail } from "./control.ts";
import type { IdleData } from "./idle.ts";
import { countReceived } from "./idle.ts";
import type { Library, Socket } from "./library.ts";
import { loadLibrary } from "./library.ts";

const { part, memory, endpoint, handle } = workerData as IdleData;

/** Sockets by what they do here: some send when the main thread says so, some count what they get. */
interface Sockets {
  senders: Socket[];
  receivers: Socket[];
}

type Open = (library: Library, inContext: Record<string, unknown>) => Promise<Sockets>;

const parts: Record<"router" | "clients" | "server", Open> = {
  router: async (library, inContext) => {
    const push = new library.Push(inContext);
    const router = new library.Router(inContext);
    push.connect("inproc://jobs");
    await router.bind("inproc://router");
    return { senders: [push], receivers: [router] };
  },
  clients: async (library, inContext) => {
    const subscriber = new library.Subscriber(inContext);
    const dealer = new library.Dealer(inContext);
    const pair = new library.Pair(inContext);
    subscriber.subscribe("");
    subscriber.connect(endpoint);
    dealer.connect("inproc://router");
    pair.connect("inproc://pair");
    return { senders: [dealer, pair], receivers: [subscriber] };
  },
  server: async (library, inContext) => {
    const push = new library.Push(inContext);
    const reply = new library.Reply(inContext);
    push.connect("inproc://jobs");
    await reply.bind("tcp://127.0.0.1:*");
    return { senders: [push], receivers: [reply] };
  },
};

async function start(): Promise<void> {
  const senders: Socket[] = [];
  if (part !== "bare") {
    const library = await loadLibrary("ours");
    const inContext = handle === undefined ? {} : { context: library.Context.attach(handle) };
    const sockets = await parts[part](library, inContext);
    senders.push(...sockets.senders);
    const arrived = new Int32Array(memory);
    for (const socket of sockets.receivers) countReceived(socket, arrived).catch(fail);
  }
  parentPort!.on("message", () => {
    for (const socket of senders) socket.send(Buffer.from("here")).catch(fail);
  });
  parentPort!.postMessage("ready");
}

await start();
