import type { Stats } from "node:fs";
import { lstatSync, mkdtempSync, renameSync, rmdirSync, unlinkSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ZmqError } from "../base/errors.ts";
import { platform } from "../base/platform.ts";
import { parseIpc } from "../core/endpoint.ts";
import { codeOf, systemError } from "./system-error.ts";

/** A place to bind to: a path, or a name of Linux's abstract namespace, which leaves no file. */
export class IpcPlace {
  readonly endpoint: string;
  /** As Node takes it. */
  readonly path: string;
  readonly isAbstract: boolean;
  /** Why there is no such place after all: a wildcard may find no directory, or one whose path is too long. */
  readonly failure: ZmqError | null;
  /** Made for a wildcard, and removed with it. */
  readonly #directory: string | null;
  /** The socket file that our server made. */
  #file: Stats | undefined;
  #forgetExit: (() => void) | null;

  constructor(address: string) {
    const parsed = parseIpc(address);
    let made: string | ZmqError | null = null;
    if (parsed.kind === "wildcard") made = makeDirectory();
    this.isAbstract = parsed.kind === "abstract";
    this.#directory = typeof made === "string" ? made : null;
    if (parsed.kind === "abstract") this.path = `\0${parsed.name}`;
    else this.path = parsed.kind === "path" ? parsed.path : join(this.#directory ?? tmpdir(), "socket");
    this.endpoint = parsed.kind === "wildcard" ? `ipc://${this.path}` : `ipc://${address}`;
    this.failure = typeof made === "string" ? failureOf(() => parseIpc(this.path)) : made;
    this.#file = undefined;
    this.#forgetExit = null;
  }

  /** The server listens: the file there is its own, and goes with it, at the latest when the process ends. */
  onListening(server: Server): void {
    if (this.isAbstract) return;
    this.#file = stat(this.path);
    this.#forgetExit = platform.onExit(() => this.close(server));
  }

  /**
   * Closes the server. Its file goes too, but not one that somebody put in its place. Answers why something stayed that
   * should have gone.
   */
  close(server: Server): ZmqError | null {
    this.#forgetExit?.();
    this.#forgetExit = null;
    const file = this.#file;
    const current = file === undefined ? undefined : stat(this.path);
    // Closing deletes whatever is at the path: for that moment somebody else's file is elsewhere.
    const aside = current === undefined || isSameFile(file, current) ? null : setAside(this.path);
    server.close();
    if (aside !== null) tryTo(() => renameSync(aside, this.path));
    else if (file !== undefined && isSameFile(file, stat(this.path))) return this.#left(this.path, undefined);
    return this.removeDirectory();
  }

  /** Removes what was made for a wildcard, or answers why it stays. */
  removeDirectory(): ZmqError | null {
    const directory = this.#directory;
    if (directory === null) return null;
    try {
      rmdirSync(directory);
      return null;
    } catch (cause) {
      return codeOf(cause) === "ENOENT" ? null : this.#left(directory, cause);
    }
  }

  #left(what: string, cause: unknown): ZmqError {
    const sentence = `${this.endpoint} is closed, but ${what} could not be removed`;
    return systemError(sentence, this.endpoint, cause ?? new Error("the system gave no reason"));
  }
}

/** The system's answer where `bind` failed, in words that fit a path. */
export function bindError(place: IpcPlace, cause: unknown): ZmqError {
  const { endpoint, path, isAbstract } = place;
  const what = `Cannot bind to ${endpoint}`;
  const code = codeOf(cause);
  // Node says EACCES for both.
  if (!isAbstract && (code === "EACCES" || code === "ENOENT") && !stat(`${dirname(path)}/`)?.isDirectory()) {
    return new ZmqError("ENOTDIR", `${what}: ${dirname(path)} is no directory.`, {
      address: endpoint,
      cause,
    });
  }
  return systemError(what, endpoint, cause);
}

/** Why a file that stands at the path stays: it is no socket, or somebody listens there. */
export function takenError({ endpoint, path }: IpcPlace, file: Stats | undefined): ZmqError {
  const why = file === undefined || file.isSocket() ? "somebody listens there" : `${path} is ${kindOf(file)}`;
  return new ZmqError("EADDRINUSE", `Cannot bind to ${endpoint}: ${why}.`, { address: endpoint });
}

function kindOf(file: Stats): string {
  if (file.isSymbolicLink()) return "a symbolic link";
  if (file.isDirectory()) return "a directory";
  return file.isFile() ? "a file" : "no socket";
}

/** What stands at a path, links not followed; `undefined` if nothing does or nobody may know. */
export function stat(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (codeOf(error) !== "") return undefined;
    throw error;
  }
}

/** Removes a stale socket file, unless another took its place meanwhile. */
export function removeStale(path: string, file: Stats): void {
  const current = stat(path);
  if (current?.isSocket() && isSameFile(current, file)) tryTo(() => unlinkSync(path));
}

function isSameFile(a: Stats | undefined, b: Stats | undefined): boolean {
  // A number of a file may be given again at once; its times are not.
  return (
    a !== undefined &&
    b !== undefined &&
    a.ino === b.ino &&
    a.dev === b.dev &&
    a.birthtimeMs === b.birthtimeMs
  );
}

function makeDirectory(): string | ZmqError {
  try {
    return mkdtempSync(join(tmpdir(), "zmq-"));
  } catch (cause) {
    return systemError("Cannot make a directory for ipc://*", "ipc://*", cause);
  }
}

function failureOf(act: () => unknown): ZmqError | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof ZmqError) return error;
    throw error;
  }
}

function setAside(path: string): string | null {
  const aside = `${path}.${process.pid}.aside`;
  return tryTo(() => renameSync(path, aside)) ? aside : null;
}

/** A system call whose failure changes nothing for us: the file is gone, or is not ours to touch. */
function tryTo(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return false;
  }
}
