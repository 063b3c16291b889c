/**
 * One peer process on Node: `node main.js <ours|native> <role> [key=value ...]`. Started by
 * bench/harness/child.ts.
 */
import { openBooks } from "./books.ts";
import { fail, readOptions } from "./control.ts";
import { openInspection } from "./inspected.ts";
import type { Library } from "./library.ts";
import { loadLibrary } from "./library.ts";

type Role = (library: Library) => void | Promise<void>;

const roles: Record<string, () => Promise<Role>> = {
  push: async () => (await import("./throughput.ts")).push,
  pull: async () => (await import("./throughput.ts")).pull,
  "curve-server": async () => (await import("./curve.ts")).curveServer,
  "curve-clients": async () => (await import("./curve.ts")).curveClients,
  "hello-flood": async () => (await import("./curve.ts")).helloFlood,
  "curve-both-ends": async () => (await import("./curve.ts")).curveBothEnds,
  req: async () => (await import("./latency.ts")).req,
  rep: async () => (await import("./latency.ts")).rep,
  pub: async () => (await import("./fanout.ts")).pub,
  sub: async () => (await import("./fanout.ts")).sub,
  inproc: async () => (await import("./inproc.ts")).inproc,
  server: async () => (await import("./connections.ts")).server,
  threads: async () => (await import("./threads.ts")).threads,
  trips: async () => (await import("./trips.ts")).trips,
  "busy-pull": async () => (await import("./throughput.ts")).busyPull,
  idle: async () => (await import("./idle.ts")).idle,
  blocked: async () => (await import("./blocked.ts")).blocked,
  deaths: async () => (await import("./deaths.ts")).deaths,
  inspected: async () => (await import("./inspected.ts")).inspected,
  "pub-alone": async () => (await import("./books.ts")).pubAlone,
  "steady-push": async () => (await import("./blocked.ts")).steadyPush,
};

/** Roles that need no library: the same for every implementation. */
const neutralRoles: Record<string, () => Promise<() => void | Promise<void>>> = {
  clients: async () => (await import("./connections.ts")).clients,
  trie: async () => (await import("./trie.ts")).trie,
  "threads-port": async () => (await import("./threads.ts")).threadsPort,
  "threads-ring": async () => (await import("./threads.ts")).threadsRing,
  "trips-port": async () => (await import("./trips.ts")).tripsPort,
  "trips-turn": async () => (await import("./trips.ts")).tripsTurn,
  "idle-bare": async () => (await import("./idle.ts")).idleBare,
};

async function main(): Promise<void> {
  const [implementation, name, ...rest] = process.argv.slice(2);
  readOptions(rest);
  if (name in neutralRoles) {
    await (await neutralRoles[name]())();
    return;
  }
  if (!(name in roles)) throw new Error(`no role ${name}`);
  const role = await roles[name]();
  const library = await loadLibrary(implementation);
  await openBooks(library);
  await openInspection(library);
  await role(library);
}

main().catch(fail);
