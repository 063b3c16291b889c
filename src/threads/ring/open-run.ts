import type { Message } from "../../base/message.ts";
import { RUN_FRAMES_MAX } from "../../base/run.ts";
import { MORE, SHORT_HEADER_SIZE } from "../../wire/frame.ts";
import { ALIGNED_SIZE, KIND, KIND_SHIFT, RUN_HEAD_SIZE, RUN_SKIP_SHIFT } from "./record.ts";

/**
 * The record of short messages that is being written: others may follow in it until it is published. Its head is right
 * after each of them, so that nothing must be done to close it.
 */
export class OpenRun {
  #cells: Int32Array;
  #octets: Uint8Array;
  /** The record's first word. */
  #cell: number;
  /** Where its messages begin, where the next one goes, and the end of its room; offsets. No room: it is closed. */
  #begin: number;
  #at: number;
  #end: number;
  #count: number;

  constructor() {
    this.#cells = NO_CELLS;
    this.#octets = NO_OCTETS;
    this.#cell = 0;
    this.#begin = 0;
    this.#at = 0;
    this.#end = 0;
    this.#count = 0;
  }

  /** Begins a record at offset `at` that may take `room` octets; the messages begin after `skip` more. */
  open(cells: Int32Array, octets: Uint8Array, at: number, room: number, skip: number): void {
    this.#cells = cells;
    this.#octets = octets;
    this.#cell = at >> 2;
    this.#begin = at + RUN_HEAD_SIZE + skip;
    this.#at = this.#begin;
    this.#end = at + room;
    this.#count = 0;
  }

  close(): void {
    this.#end = 0;
  }

  fits(size: number): boolean {
    return this.#at + size <= this.#end;
  }

  /** One frame. Answers the offset behind the record; so do the others. */
  put(body: Uint8Array): number {
    const octets = this.#octets;
    const at = this.#at;
    const size = body.length;
    octets[at] = 0;
    octets[at + 1] = size;
    for (let i = 0, to = at + SHORT_HEADER_SIZE; i < size; i++) octets[to + i] = body[i]!;
    return this.#note(at + SHORT_HEADER_SIZE + size, 1);
  }

  putFrames(message: Message): number {
    const octets = this.#octets;
    const last = message.length - 1;
    let at = this.#at;
    for (let f = 0; f <= last; f++) {
      const body = message[f]!;
      const size = body.length;
      octets[at++] = f < last ? MORE : 0;
      octets[at++] = size;
      for (let i = 0; i < size; i++) octets[at + i] = body[i]!;
      at += size;
    }
    return this.#note(at, 1);
  }

  /** `count` messages as they are. */
  putRun(octets: Uint8Array, from: number, to: number, count: number): number {
    const size = to - from;
    if (size < ALIGNED_SIZE) {
      for (let i = 0, at = this.#at; i < size; i++) this.#octets[at + i] = octets[from + i]!;
    } else this.#octets.set(octets.subarray(from, to), this.#at);
    return this.#note(this.#at + size, count);
  }

  #note(at: number, more: number): number {
    this.#at = at;
    this.#count += more;
    const cells = this.#cells;
    const cell = this.#cell;
    const skip = this.#begin - 4 * cell - RUN_HEAD_SIZE;
    cells[cell] = (KIND.RUN << KIND_SHIFT) | this.#count;
    cells[cell + 1] = (skip << RUN_SKIP_SHIFT) | (at - this.#begin);
    return (at + 7) & ~7;
  }
}

/** Octets that a message takes in a run; 0 if it does not go there: bodies are copied octet by octet. */
export function shortSize(message: Message): number {
  const count = message.length;
  if (count > RUN_FRAMES_MAX - 1) return 0;
  let size = 0;
  for (let i = 0; i < count; i++) {
    const bodySize = message[i]!.length;
    if (bodySize >= ALIGNED_SIZE) return 0;
    size += SHORT_HEADER_SIZE + bodySize;
  }
  return size;
}

const NO_CELLS = new Int32Array(0);
const NO_OCTETS = new Uint8Array(0);
