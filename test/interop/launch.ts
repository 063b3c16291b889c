import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { LibraryName } from "./libraries.ts";
import { subjectName } from "./libraries.ts";
import { Peer } from "./peer.ts";
import { sourcePath } from "./peer-process.ts";

/** Who the tests talk to: the two bindings of libzmq, each in a process, and sockets of ours in another thread. */
export type PeerKind = "native" | "pyzmq" | "thread";

export interface Availability {
  readonly launch?: () => Peer;
  /** Why there is none. */
  readonly missing?: string;
  /** The Python that can import zmq. */
  readonly python?: string;
}

const PROBE_TIMEOUT_MS = 10_000;
const peerMain = fileURLToPath(new URL(`./peer-main${import.meta.url.slice(-3)}`, import.meta.url));
/** Peers to do without although they are there, to see what happens then: INTEROP_WITHOUT=native,pyzmq. */
const unwanted = (process.env.INTEROP_WITHOUT ?? "").split(",");
const probed = new Map<PeerKind, Availability>();

/** Whether this kind of peer can be had here; looked up once. */
export function availability(kind: PeerKind): Availability {
  const found = probed.get(kind) ?? probe(kind);
  probed.set(kind, found);
  return found;
}

/** A process with libzmq in it, or a thread. */
export function launchPeer(kind: PeerKind): Peer {
  const { launch, missing } = availability(kind);
  if (launch === undefined) throw new Error(missing);
  return launch();
}

/** A process with a library of Node in it. */
export function launchLibrary(name: LibraryName): Peer {
  return Peer.inChild(process.execPath, [peerMain, name]);
}

function probe(kind: PeerKind): Availability {
  if (unwanted.includes(kind)) return { missing: "not wanted (INTEROP_WITHOUT)" };
  if (kind === "thread") return findThread();
  return kind === "native" ? findNative() : findPyzmq();
}

function findThread(): Availability {
  if (subjectName !== "zeromq-ts")
    return { missing: "the sockets of other threads are ours, and share our context" };
  return { launch: () => Peer.inThread(subjectName) };
}

function findNative(): Availability {
  const probe = spawnSync(process.execPath, ["-e", "require('zeromq')"], {
    timeout: PROBE_TIMEOUT_MS,
    encoding: "utf8",
  });
  if (probe.status === 0) return { launch: () => launchLibrary("zeromq") };
  return { missing: `the npm package zeromq does not load here (${lastLine(probe.stderr) || probe.signal})` };
}

function findPyzmq(): Availability {
  const candidates = [process.env.PYTHON, "/usr/bin/python3", "python3", "python"].filter(
    (name) => name !== undefined,
  );
  for (const command of candidates) {
    const probe = spawnSync(command, ["-c", "import zmq.asyncio"], { timeout: PROBE_TIMEOUT_MS });
    if (probe.status !== 0) continue;
    return { launch: () => Peer.inChild(command, [sourcePath("pyzmq-peer.py")]), python: command };
  }
  return { missing: `no Python that can import zmq (tried ${candidates.join(", ")})` };
}

function lastLine(text: string | null): string {
  return (text ?? "").trim().split("\n").at(-1) ?? "";
}
