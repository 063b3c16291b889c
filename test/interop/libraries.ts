import { createRequire } from "node:module";
import { isMainThread } from "node:worker_threads";
import { withDrafts } from "./draft-library.ts";
import type { Library } from "./driver.ts";
import { toLibrary } from "./driver.ts";

export type LibraryName = "zeromq-ts" | "zeromq";

/** Set by test/background.ts, for the peer processes that a test starts too. */
export const isInBackground = process.env.INTEROP_IO_MODE === "background";

/** Loads lazily: where the native addon cannot load, only its own peer process may notice. */
export async function loadLibrary(name: LibraryName): Promise<Library> {
  if (name === "zeromq-ts") {
    const ours = await import("../../src/index.ts");
    if (isMainThread && isInBackground) ours.context.ioMode = "background";
    const drafts = await import("../../src/draft.ts");
    return toLibrary(withDrafts(ours, () => drafts));
  }
  const native = plain(await import("zeromq"));
  const { draft = false } = native["capability"] as { readonly draft?: boolean };
  const require = createRequire(import.meta.url);
  return toLibrary(withDrafts(native, () => (draft ? plain(require("zeromq/draft.js") as object) : {})));
}

function plain(module: object): Record<string, unknown> {
  return ("default" in module ? module.default : module) as Record<string, unknown>;
}

/** Which library the tests are about: ours, unless the native package stands in for it. */
export const subjectName = (process.env.INTEROP_SUBJECT ?? "zeromq-ts") as LibraryName;

export function loadSubject(): Promise<Library> {
  return loadLibrary(subjectName);
}
