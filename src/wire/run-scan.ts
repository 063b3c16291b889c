import { RUN_FRAMES_MAX, RUN_SIZE_MAX } from "../base/run.ts";
import { MORE, SHORT_HEADER_SIZE } from "./frame.ts";

/** Finds the run that octets begin with. */
export class RunScan {
  /** The offset behind the run that was found last. */
  end: number;

  constructor() {
    this.end = 0;
  }

  /**
   * How many messages the run from `from` on has: at most `countMax`, no frame larger than `frameMax`, and none but short
   * frames of messages. 0: what lies there is no run, or not whole.
   */
  find(octets: Uint8Array, from: number, to: number, countMax: number, frameMax: number): number {
    const end = Math.min(to, from + RUN_SIZE_MAX);
    let count = 0;
    let begin = from;
    let at = from;
    let frameCount = 0;
    while (count < countMax && at + SHORT_HEADER_SIZE <= end) {
      const flags = octets[at]!;
      const size = octets[at + 1]!;
      at += SHORT_HEADER_SIZE + size;
      if (flags > MORE || at > end || size > frameMax) break;
      if (flags === MORE) {
        if (++frameCount === RUN_FRAMES_MAX) break;
      } else {
        frameCount = 0;
        begin = at;
        count++;
      }
    }
    this.end = begin;
    return count;
  }
}
