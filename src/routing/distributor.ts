import { invariant } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { keepMessage } from "../base/message.ts";
import type { Pipe } from "../pipe/pipe.ts";

/**
 * Sends one message to many pipes. Every attached pipe has a number from 1, by which it is matched:
 *
 *     begin, then match or matchAll or invert, then send
 *
 * A pipe takes part once however often it is matched. A pipe that is full misses the message and counts it as `hwm`.
 */
export class Distributor {
  /** By number. */
  readonly #pipes: (Pipe | null)[];
  readonly #numbers: Map<Pipe, number>;
  readonly #freeNumbers: number[];
  /** The round in which a pipe was matched last, by number. */
  readonly #rounds: number[];
  #round: number;
  /** The numbers matched in this round are those from `first` to `end`; what lies before belongs to sends under way. */
  readonly #matched: number[];
  #first: number;
  #end: number;

  constructor() {
    this.#pipes = [null];
    this.#numbers = new Map();
    this.#freeNumbers = [];
    this.#rounds = [0];
    this.#round = 0;
    this.#matched = [];
    this.#first = 0;
    this.#end = 0;
  }

  /** Attached pipes. */
  get size(): number {
    return this.#numbers.size;
  }

  /** Pipes matched since `begin`. */
  get matchedCount(): number {
    return this.#end - this.#first;
  }

  /** Gives the pipe its number. */
  attach(pipe: Pipe): number {
    invariant(!this.#numbers.has(pipe), "a pipe is attached to a distributor once");
    const number = this.#freeNumbers.pop() ?? this.#pipes.length;
    this.#pipes[number] = pipe;
    this.#rounds[number] = 0;
    this.#numbers.set(pipe, number);
    return number;
  }

  /**
   * The pipe takes part no more; answers its number, or 0 if it has none. The number stays taken until `release`: topics
   * may still name it.
   */
  detach(pipe: Pipe): number {
    const number = this.#numbers.get(pipe);
    if (number === undefined) return 0;
    this.#numbers.delete(pipe);
    this.#pipes[number] = null;
    return number;
  }

  release(number: number): void {
    this.#freeNumbers.push(number);
  }

  /** Starts a round with no pipe matched. */
  begin(): void {
    this.#round++;
    this.#end = this.#first;
  }

  match(number: number): void {
    if (this.#rounds[number] === this.#round) return;
    this.#rounds[number] = this.#round;
    if (this.#pipes[number] !== null) this.#matched[this.#end++] = number;
  }

  matchAll(): void {
    for (let number = 1; number < this.#pipes.length; number++) this.match(number);
  }

  /** Matches the pipes that are not matched, and no others (ZMQ_INVERT_MATCHING). */
  invert(): void {
    this.#end = this.#first;
    for (let number = 1; number < this.#pipes.length; number++) {
      if (this.#rounds[number] !== this.#round) this.match(number);
    }
  }

  /** Whether all matched pipes have room. Those that have none will tell by `onWritable`. */
  canSend(): boolean {
    let canSend = true;
    for (let i = this.#first; i < this.#end; i++) {
      const pipe = this.#pipes[this.#matched[i]!];
      if (pipe != null && !pipe.checkWritable()) canSend = false;
    }
    return canSend;
  }

  /**
   * Sends to the matched pipes; answers how many took it. Bodies are copied once at most, however many pipes keep them.
   * Pipes may go while it runs, and a send within this one leaves its matches alone.
   */
  send(message: Message): number {
    const first = this.#first;
    const end = this.#end;
    this.#first = end;
    let count = 0;
    if (end - first === 1) {
      count = this.#write(this.#matched[first]!, message, false);
    } else if (end > first) {
      const kept = keepMessage(message);
      for (let i = first; i < end; i++) count += this.#write(this.#matched[i]!, kept, true);
    }
    this.#first = first;
    this.#end = first;
    return count;
  }

  #write(number: number, message: Message, owned: boolean): number {
    const pipe = this.#pipes[number];
    if (pipe == null) return 0;
    if (pipe.tryWrite(message, owned)) return 1;
    pipe.countDrop("hwm");
    return 0;
  }
}
