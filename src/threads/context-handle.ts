import { ZmqError } from "../base/errors.ts";
import type { ContextHandle } from "../core/context-share.ts";
import { DIRECTORY_MAGIC } from "./layout.ts";
import { Directory } from "./seat/directory.ts";

/** The directory of a handle that another thread, or this one, was given. EINVAL for anything else. */
export function openHandle(handle: unknown): Directory {
  const { zeromqContext, memory } = (handle ?? {}) as Partial<ContextHandle>;
  if (typeof zeromqContext !== "number") {
    const what = typeof handle === "object" && handle !== null ? "another object" : String(handle);
    throw new ZmqError("EINVAL", `Context.attach takes the handle of a context, not ${what}.`, {
      remedy: "Post context.handle to this thread and pass it on as it came.",
    });
  }
  if (zeromqContext !== DIRECTORY_MAGIC) {
    throw new ZmqError("EINVAL", "The handle comes from another version of the package.", {
      remedy: "Load the same version in all threads.",
    });
  }
  return new Directory(memory as SharedArrayBuffer);
}

/** Contexts of this thread that others may know of, by directory: a thread has one object for each. */
export class ContextsHere<Context extends object> {
  /** What the handle of the default context attaches to, whichever directory it came from. */
  default: Context | null;
  readonly #contexts: Map<string, WeakRef<Context>>;
  readonly #forgotten: FinalizationRegistry<string>;

  constructor() {
    this.default = null;
    this.#contexts = new Map();
    this.#forgotten = new FinalizationRegistry((id) => {
      if (this.find(id) === undefined) this.#contexts.delete(id);
    });
  }

  add(id: string, context: Context): void {
    this.#contexts.set(id, new WeakRef(context));
    this.#forgotten.register(context, id);
  }

  find(id: string): Context | undefined {
    return this.#contexts.get(id)?.deref();
  }

  /** The context of a handle; `make` makes it if this thread has none. EINVAL for what is no handle. */
  attach(handle: ContextHandle, make: (directory: Directory) => Context): Context {
    const directory = openHandle(handle);
    if (handle.isDefault && this.default !== null) return this.default;
    return this.find(directory.id) ?? make(directory);
  }
}
