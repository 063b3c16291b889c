import { platform } from "../base/platform.ts";
import { BATCH_SIZE } from "./frame.ts";

/**
 * Memory for messages that go to many connections: each is encoded here once, and every connection sends its slice of
 * the same octets. Messages follow each other without gaps, so a connection that gets all of them sends one long slice.
 *
 *     batch   [ m1 | m2 | m3 | m4 | m5 | ......... ]
 *     peer A    ------------------                      one slice: m1 to m4
 *     peer B    ----           ------                   two: m1, m4 and m5
 *
 * Nobody knows when the last connection is done with a batch: the collector does.
 */
export class FanOut {
  batch: Uint8Array;
  /** The slice of the message that was encoded last. */
  start: number;
  end: number;
  #message: object | null;

  constructor() {
    this.batch = new Uint8Array(0);
    this.start = 0;
    this.end = 0;
    this.#message = null;
  }

  /** Whether this very message is the one in the slice. */
  holds(message: object): boolean {
    return this.#message === message;
  }

  /** Makes room for `size` octets of a message; the caller writes them from `start` on. */
  begin(message: object, size: number): void {
    if (this.end + size > this.batch.length) {
      this.batch = platform.allocate(Math.max(BATCH_SIZE, size));
      this.end = 0;
    }
    this.#message = message;
    this.start = this.end;
    this.end += size;
  }
}
