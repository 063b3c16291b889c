import { open } from "node:fs/promises";

/**
 * A file with a line `name=password` for each user, as CZMQ's `zauth` reads it; empty lines and those that begin with `#`
 * say nothing. It is read again when it has changed.
 */
export class PasswordFile {
  readonly #path: string;
  #passwords: ReadonlyMap<string, string>;
  /** What was read; another one is read again. */
  #state: string;

  constructor(path: string) {
    this.#path = path;
    this.#passwords = new Map();
    this.#state = "";
  }

  /** The passwords as they stand in the file now. Rejects where it cannot be read. */
  async load(): Promise<ReadonlyMap<string, string>> {
    const file = await open(this.#path, "r");
    try {
      const { mtimeNs, ctimeNs, size, ino } = await file.stat({ bigint: true });
      const state = [mtimeNs, ctimeNs, size, ino].join(" ");
      if (state !== this.#state) {
        this.#passwords = parsePasswords(await file.readFile("utf8"));
        this.#state = state;
      }
    } finally {
      await file.close();
    }
    return this.#passwords;
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
