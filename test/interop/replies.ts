import type { Reply } from "./driver.ts";

/** What a peer outside of the test's thread answers: the reply to a command, or why there is none. */
export interface Answer extends Reply {
  readonly id: number;
  readonly error?: { readonly code: string; readonly message: string };
}

interface Waiter {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/** Commands under way to a peer. When it ends, every one that still waits is rejected with the reason. */
export class Replies {
  readonly #waiters: Map<number, Waiter>;
  #lastId: number;
  #end: string | undefined;

  constructor() {
    this.#waiters = new Map();
    this.#lastId = 0;
    this.#end = undefined;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** The reply to a command that `send` sends under the given id. */
  expect(send: (id: number) => void): Promise<Reply> {
    if (this.#end !== undefined) return Promise.reject(new Error(this.#end));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiters.set(id, { resolve, reject });
      send(id);
    });
  }

  onAnswer({ id, error, ...reply }: Answer): void {
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    if (error === undefined) waiter?.resolve(reply);
    else waiter?.reject(Object.assign(new Error(`the peer says: ${error.message}`), { code: error.code }));
  }

  end(reason: string): void {
    this.#end ??= reason;
    for (const waiter of this.#waiters.values()) waiter.reject(new Error(this.#end));
    this.#waiters.clear();
  }
}
