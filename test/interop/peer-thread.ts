import { Worker } from "node:worker_threads";
import type { Command, Reply } from "./driver.ts";
import type { LibraryName } from "./libraries.ts";
import type { Answer } from "./replies.ts";
import { Replies } from "./replies.ts";

/** A thread of this process that obeys commands. It shares the default context with the test. */
export class PeerThread {
  readonly #worker: Worker;
  readonly #replies: Replies;
  readonly #exited: Promise<void>;

  constructor(library: LibraryName) {
    const main = new URL(`./peer-main${import.meta.url.slice(-3)}`, import.meta.url);
    this.#replies = new Replies();
    this.#worker = new Worker(main, { argv: [library] });
    this.#exited = new Promise((resolve) => {
      this.#worker.on("error", (error) => this.#replies.end(`the thread failed: ${error.stack}`));
      this.#worker.on("exit", (code) => {
        this.#replies.end(`the thread has ended with code ${code}`);
        resolve();
      });
    });
    this.#worker.on("message", (answer: Answer) => this.#replies.onAnswer(answer));
  }

  get alive(): boolean {
    return !this.#replies.hasEnded;
  }

  run(command: Command): Promise<Reply> {
    return this.#replies.expect((id) => this.#worker.postMessage({ id, ...command }));
  }

  /** It comes to its end by itself, with its sockets open; one that does not is ended. */
  async leave(timeoutMs = 2000): Promise<void> {
    this.#worker.postMessage(null);
    const timer = setTimeout(() => void this.#worker.terminate(), timeoutMs);
    await this.#exited;
    clearTimeout(timer);
  }

  /** At any instant, in the midst of whatever it does. */
  async kill(): Promise<void> {
    await this.#worker.terminate();
    await this.#exited;
  }
}
