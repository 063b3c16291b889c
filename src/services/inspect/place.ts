import type { Stats } from "node:fs";
import { chmodSync, lstatSync, mkdirSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ZmqError } from "../../base/errors.ts";
import { hasIpc } from "../../transports/ipc.ts";
import { codeOf } from "../../transports/system-error.ts";

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
const OTHERS = 0o077;

/** A thread that can be inspected, by its socket file. */
export interface Seat {
  readonly pid: number;
  readonly threadId: number;
  readonly path: string;
}

/** Makes the directory where this process's socket files are, and answers the path for this thread. */
export function claimPath(pid: number, threadId: number): string {
  const uid = ownUid();
  const directory = ownDirectory(uid);
  try {
    mkdirSync(directory, { mode: DIRECTORY_MODE });
  } catch (cause) {
    if (codeOf(cause) !== "EEXIST")
      throw new ZmqError("EACCES", `Cannot make ${directory} to be inspected at.`, { cause, remedy: REMEDY });
  }
  const wrong = whatIsWrong(directory, uid);
  if (wrong !== null) throw new ZmqError("EACCES", wrong, { address: directory, remedy: REMEDY });
  return join(directory, `${pid}-${threadId}.ipc`);
}

const REMEDY = "Remove it, or set XDG_RUNTIME_DIR to a directory of your own.";

/** Nobody but the owner may connect. */
export function closeToOthers(path: string): void {
  chmodSync(path, FILE_MODE);
}

/** All socket files of this user, wherever processes with other environments put theirs. */
export function findSeats(warn: (sentence: string) => void = () => undefined): Seat[] {
  const uid = ownUid();
  const seats: Seat[] = [];
  for (const directory of directories(uid)) {
    const names = namesIn(directory, uid, warn);
    for (const name of names) {
      const found = /^([1-9]\d{0,9})-(\d{1,10})\.ipc$/.exec(name);
      if (found === null) continue;
      seats.push({ pid: Number(found[1]), threadId: Number(found[2]), path: join(directory, name) });
    }
  }
  return seats.sort((a, b) => a.pid - b.pid || a.threadId - b.threadId);
}

function namesIn(directory: string, uid: number, warn: (sentence: string) => void): string[] {
  if (stat(directory) === undefined) return [];
  // A socket in somebody else's directory may be somebody else's.
  const wrong = whatIsWrong(directory, uid);
  if (wrong !== null) {
    warn(`${wrong} It is not looked into.`);
    return [];
  }
  return readdirSync(directory);
}

/** Why a directory must not be trusted, or `null`. */
export function whatIsWrong(directory: string, uid: number): string | null {
  const found = stat(directory);
  if (found === undefined) return `${directory} is not there.`;
  if (found.isSymbolicLink())
    return `${directory} is a symbolic link, where a directory of your own must be.`;
  if (!found.isDirectory()) return `${directory} is no directory.`;
  if (found.uid !== uid) return `${directory} belongs to the user ${found.uid}, not to ${uid}.`;
  const mode = found.mode & 0o777;
  if ((mode & OTHERS) === 0) return null;
  return `${directory} is open to others than its owner (mode ${mode.toString(8)}, not ${DIRECTORY_MODE.toString(8)}).`;
}

/** Where a process with this environment is inspected. */
function ownDirectory(uid: number): string {
  const runtime = process.env.XDG_RUNTIME_DIR;
  if (runtime !== undefined && runtime.startsWith("/") && isOwn(runtime, uid))
    return join(runtime, "zeromq-ts");
  return join(tmpdir(), `zeromq-ts-${uid}`);
}

function directories(uid: number): Set<string> {
  return new Set([
    ownDirectory(uid),
    `/run/user/${uid}/zeromq-ts`,
    join(tmpdir(), `zeromq-ts-${uid}`),
    `/tmp/zeromq-ts-${uid}`,
  ]);
}

function isOwn(directory: string, uid: number): boolean {
  const found = stat(directory);
  return found !== undefined && found.isDirectory() && found.uid === uid;
}

function stat(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return undefined;
  }
}

function ownUid(): number {
  const uid = process.getuid?.();
  if (uid !== undefined && hasIpc) return uid;
  throw new ZmqError("ENOTSUP", "A process can be inspected over ipc:// alone, which this system has not.", {
    remedy: "Use explain(), stats() and metrics() in the program itself.",
  });
}
