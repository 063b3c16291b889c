import type { FrameLike } from "../index.ts";

/** What `send` calls when the message was handed over, or could not be. */
export type SendCallback = (error?: Error) => void;

/** A message in the making or on its way: the frames of all `send` calls up to one without ZMQ_SNDMORE. */
export interface Outgoing {
  readonly frames: FrameLike[];
  readonly callbacks: SendCallback[];
  isWhole: boolean;
  next: Outgoing | null;
}

/** Messages that wait for the socket, in order. */
export class OutgoingQueue {
  #first: Outgoing | null;
  #last: Outgoing | null;

  constructor() {
    this.#first = null;
    this.#last = null;
  }

  /** Adds a frame to the message that is not whole yet, or begins one. */
  append(frame: unknown, more: boolean, callback: SendCallback | undefined): void {
    let last = this.#last;
    if (last === null || last.isWhole) {
      last = { frames: [], callbacks: [], isWhole: false, next: null };
      if (this.#last === null) this.#first = last;
      else this.#last.next = last;
      this.#last = last;
    }
    last.frames.push(toFrame(frame));
    if (typeof callback === "function") last.callbacks.push(callback);
    last.isWhole = !more;
  }

  /** The message that is next, once it is whole. */
  peek(): Outgoing | null {
    return this.#first?.isWhole === true ? this.#first : null;
  }

  /** Takes out what `peek` gave. */
  drop(): void {
    this.#first = this.#first?.next ?? null;
    if (this.#first === null) this.#last = null;
  }

  clear(): void {
    this.#first = null;
    this.#last = null;
  }
}

/** Octets as they are, everything else as text: `null` is "null", as it was. */
function toFrame(value: unknown): FrameLike {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value;
  return Buffer.from(String(value), "utf8");
}
