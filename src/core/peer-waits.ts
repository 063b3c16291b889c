import type { WaitOptions } from "./waiters.ts";
import { WaitQueue } from "./waiters.ts";

/** Calls that wait for peers, or for what peers subscribe to. */
export class PeerWaits {
  readonly #waits: WaitQueue<() => boolean, void>;

  constructor(label: () => string) {
    this.#waits = new WaitQueue(
      (timeoutMs) => `${label()} did not see the awaited peers within ${timeoutMs} ms.`,
    );
  }

  /** Resolves once `condition` holds; it is looked at when peers or their subscriptions change. */
  until(condition: () => boolean, options: WaitOptions): Promise<void> {
    if (condition()) return Promise.resolve();
    return this.#waits.add(condition, options.timeoutMs ?? -1, options.signal, options.keepAlive);
  }

  /** Peers, or what they subscribed to, changed. */
  look(): void {
    this.#waits.resolveWhere((condition) => condition(), undefined);
  }

  rejectAll(makeError: () => Error): void {
    this.#waits.rejectAll(makeError);
  }
}
