import type { Library } from "./driver.ts";
import { toLibrary } from "./driver.ts";

export type LibraryName = "zeromq-ts" | "zeromq";

/** Loads lazily: where the native addon cannot load, only its own peer process may notice. */
export async function loadLibrary(name: LibraryName): Promise<Library> {
  if (name === "zeromq-ts") return toLibrary(await import("../../src/index.ts"));
  const native = await import("zeromq");
  return toLibrary("default" in native ? (native.default as object) : native);
}

/** Which library the tests are about: ours, unless the native package stands in for it. */
export const subjectName = (process.env.INTEROP_SUBJECT ?? "zeromq-ts") as LibraryName;

export function loadSubject(): Promise<Library> {
  return loadLibrary(subjectName);
}
