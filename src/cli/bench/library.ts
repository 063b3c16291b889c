import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Pull, Push, Reply, Request } from "../../index.ts";

/** Who is measured: this package, or libzmq through one of its bindings. */
export type LibraryName = "zeromq-ts" | "zeromq" | "pyzmq";

/** What an exchange is made of; the `zeromq` package has the same, without the calls for many messages. */
export interface Library {
  readonly Push: typeof Push;
  readonly Pull: typeof Pull;
  readonly Request: typeof Request;
  readonly Reply: typeof Reply;
}

const PROBE_TIMEOUT_MS = 10_000;

/** The package `zeromq` as a program in this folder would find it. */
function requireFrom(folder: string): NodeJS.Require {
  return createRequire(join(folder, "package.json"));
}

export async function loadLibrary(name: LibraryName): Promise<Library> {
  if (name === "zeromq") return requireFrom(process.cwd())("zeromq") as Library;
  return import("../../index.ts");
}

/** Which binding of libzmq can be had: the one that is named, or for `libzmq` the first. */
export function findLibzmq(wanted: string): LibraryName | undefined {
  const names = (["zeromq", "pyzmq"] as const).filter((name) => wanted === "libzmq" || wanted === name);
  return names.find((name) => (name === "zeromq" ? hasNative() : pythonCommand() !== undefined));
}

function hasNative(): boolean {
  try {
    requireFrom(process.cwd()).resolve("zeromq");
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return false;
    throw error;
  }
}

/** A Python that can import zmq. */
export function pythonCommand(): string | undefined {
  const candidates = [process.env["PYTHON"], "python3", "/usr/bin/python3"].filter(
    (name) => name !== undefined,
  );
  return candidates.find(
    (command) => spawnSync(command, ["-c", "import zmq"], { timeout: PROBE_TIMEOUT_MS }).status === 0,
  );
}
