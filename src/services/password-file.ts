import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { platform } from "../base/platform.ts";
import { fileError } from "./file-error.ts";

/** A file's times are no finer than a tick of the system's clock: so long after a change it is read each time. */
const SETTLED_MS = 1000;

/**
 * A file with a line `name=password` for each user, as CZMQ's `zauth` reads it; empty lines and those that begin with `#`
 * say nothing. It is read again when it has changed.
 */
export class PasswordFile {
  readonly #path: string;
  #passwords: ReadonlyMap<string, string>;
  /** What was read; another one is read again. */
  #state: string;
  #changedAt: number;
  #running: Promise<ReadonlyMap<string, string>> | null;
  #next: Promise<ReadonlyMap<string, string>> | null;

  constructor(path: string) {
    this.#path = path;
    this.#passwords = new Map();
    this.#state = "";
    this.#changedAt = Number.NEGATIVE_INFINITY;
    this.#running = null;
    this.#next = null;
  }

  /**
   * The passwords as they stand in the file now. Rejects where it cannot be read. However many clients come at once, the
   * file is open once: who comes while it is read waits, with all others, until it has been read again.
   */
  load(): Promise<ReadonlyMap<string, string>> {
    if (this.#running === null) return this.#start();
    const goOn = (): Promise<ReadonlyMap<string, string>> => {
      this.#next = null;
      return this.#running ?? this.#start();
    };
    this.#next ??= this.#running.then(goOn, goOn);
    return this.#next;
  }

  #start(): Promise<ReadonlyMap<string, string>> {
    this.#running = this.#load().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #load(): Promise<ReadonlyMap<string, string>> {
    let file: FileHandle | null = null;
    try {
      file = await open(this.#path, "r");
      await this.#read(file);
    } catch (error) {
      throw fileError("read the passwords in", this.#path, error);
    } finally {
      await file?.close();
    }
    return this.#passwords;
  }

  async #read(file: FileHandle): Promise<void> {
    const { mtimeNs, ctimeNs, size, ino } = await file.stat({ bigint: true });
    const state = [mtimeNs, ctimeNs, size, ino].join(" ");
    const isSame = state === this.#state;
    if (!isSame) this.#changedAt = platform.now();
    else if (platform.now() - this.#changedAt >= SETTLED_MS) return;
    this.#passwords = parsePasswords(await file.readFile("utf8"));
    this.#state = state;
  }
}

export function parsePasswords(text: string): Map<string, string> {
  const passwords = new Map<string, string>();
  for (const line of text.replace(/^\ufeff/, "").split(/\r?\n/)) {
    const at = line.indexOf("=");
    if (at > 0 && !line.startsWith("#")) passwords.set(line.slice(0, at), line.slice(at + 1));
  }
  return passwords;
}
