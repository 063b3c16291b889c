import { readU32, writeU32 } from "../base/bytes.ts";
import type { Frame } from "../base/message.ts";
import { platform } from "../base/platform.ts";
import type { Pipe } from "../pipe/pipe.ts";

/** Octets of a routing id as a frame. */
export const NUMBER_SIZE = 4;
const NUMBER_MAX = 0xffffffff;

/** A peer's entry: its number and its pipe. */
export class NumberedRoute {
  readonly pipe: Pipe;
  readonly number: number;
  /** The number as a frame, big-endian; all messages of the peer share it. It never reaches the application. */
  readonly frame: Frame;

  constructor(pipe: Pipe, number: number) {
    this.pipe = pipe;
    this.number = number;
    this.frame = frameOfNumber(number);
  }
}

/**
 * Peers by number. 41/CLIENTSERVER, The SERVER Socket Type: a "routing id", "which is a non-zero 32-bit unsigned integer
 * value". The first is chosen by chance, so that ids of an earlier run reach nobody; then they count up, and a number is
 * used again only after all others.
 */
export class NumberTable {
  readonly #routes: Map<number, NumberedRoute>;
  #next: number;

  constructor(first = Math.floor(platform.random() * 0x100000000)) {
    this.#routes = new Map();
    this.#next = first;
  }

  get size(): number {
    return this.#routes.size;
  }

  find(number: number): NumberedRoute | undefined {
    return this.#routes.get(number);
  }

  add(pipe: Pipe): NumberedRoute {
    while (this.#next === 0 || this.#routes.has(this.#next)) this.#next = (this.#next + 1) >>> 0;
    const route = new NumberedRoute(pipe, this.#next);
    this.#next = (this.#next + 1) >>> 0;
    this.#routes.set(route.number, route);
    return route;
  }

  /** A route with a number that another pipe of the same connection had before. */
  restore(pipe: Pipe, number: number): NumberedRoute {
    const route = new NumberedRoute(pipe, number);
    this.#routes.set(number, route);
    return route;
  }

  /** Takes the route out. `false` if it was out already. */
  remove(route: NumberedRoute): boolean {
    return this.#routes.get(route.number) === route && this.#routes.delete(route.number);
  }
}

/** Whether a value can be looked up: a whole number of 32 bits. */
export function isRoutingNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= NUMBER_MAX;
}

/** A number as the first frame of a message, in memory of its own. */
export function frameOfNumber(number: number): Frame {
  const frame = platform.view(new ArrayBuffer(NUMBER_SIZE), 0, NUMBER_SIZE);
  writeU32(frame, 0, number);
  return frame;
}

/** The number that `frameOfNumber` made a frame of. */
export function numberOfFrame(frame: Frame): number {
  return readU32(frame, 0);
}
