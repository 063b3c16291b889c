import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { LibraryName } from "./libraries.ts";
import { Peer } from "./peer.ts";
import { sourcePath } from "./peer-process.ts";

/** The two bindings of libzmq that the tests talk to. */
export type PeerKind = "native" | "pyzmq";

interface Launch {
  readonly command: string;
  readonly args: readonly string[];
}

export interface Availability {
  readonly launch?: Launch;
  /** Why there is none. */
  readonly missing?: string;
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

/** A process with libzmq in it. */
export function launchPeer(kind: PeerKind): Peer {
  const { launch, missing } = availability(kind);
  if (launch === undefined) throw new Error(missing);
  return Peer.inChild(launch.command, launch.args);
}

/** A process with a library of Node in it. */
export function launchLibrary(name: LibraryName): Peer {
  return Peer.inChild(process.execPath, [peerMain, name]);
}

function probe(kind: PeerKind): Availability {
  if (unwanted.includes(kind)) return { missing: "not wanted (INTEROP_WITHOUT)" };
  return kind === "native" ? findNative() : findPyzmq();
}

function findNative(): Availability {
  const probe = spawnSync(process.execPath, ["-e", "require('zeromq')"], {
    timeout: PROBE_TIMEOUT_MS,
    encoding: "utf8",
  });
  if (probe.status === 0) return { launch: { command: process.execPath, args: [peerMain, "zeromq"] } };
  return { missing: `the npm package zeromq does not load here (${lastLine(probe.stderr) || probe.signal})` };
}

function findPyzmq(): Availability {
  const candidates = [process.env.PYTHON, "/usr/bin/python3", "python3", "python"].filter(
    (name) => name !== undefined,
  );
  for (const command of candidates) {
    const probe = spawnSync(command, ["-c", "import zmq.asyncio"], { timeout: PROBE_TIMEOUT_MS });
    if (probe.status === 0) return { launch: { command, args: [sourcePath("pyzmq-peer.py")] } };
  }
  return { missing: `no Python that can import zmq (tried ${candidates.join(", ")})` };
}

function lastLine(text: string | null): string {
  return (text ?? "").trim().split("\n").at(-1) ?? "";
}
