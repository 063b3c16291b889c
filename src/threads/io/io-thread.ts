import type { ProtocolError } from "../../base/errors.ts";
import type { DropReason } from "../../pipe/pipe.ts";
import type { ThreadRef } from "../pipe-thread.ts";
import type { SharedPipe } from "../ring/shared-pipe.ts";
import type { OutcomeData } from "./io-codec.ts";
import { encodeError } from "./io-codec.ts";
import type { IoCall, LinkOrder } from "./io-mail.ts";
import { IO_TOPIC } from "./io-mail.ts";

/** How calls travel. */
export interface IoPost {
  post(to: ThreadRef, topic: string, value: IoCall): void;
}

interface WaitingCall {
  readonly link: number;
  readonly make: (thread: ThreadRef) => IoCall;
}

/**
 * One of a context's I/O threads, as a thread of the application calls it: what is `connect` here is `onConnect` in
 * IoWorker. Calls that are made before the I/O thread is there wait for it, in order.
 */
export class IoThread {
  /** From 0: its bit in `affinity`. */
  readonly number: number;
  readonly #mail: IoPost;
  #thread: ThreadRef | null;
  #waiting: WaitingCall[];

  constructor(number: number, mail: IoPost) {
    this.number = number;
    this.#mail = mail;
    this.#thread = null;
    this.#waiting = [];
  }

  /** `null` while it is not there. */
  get thread(): ThreadRef | null {
    return this.#thread;
  }

  /** Calls that wait for it. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** It is there. */
  arrive(thread: ThreadRef): void {
    this.#thread = thread;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { make } of waiting) this.#mail.post(thread, IO_TOPIC, make(thread));
  }

  /** It is gone; calls wait for the one that comes after it. */
  depart(): void {
    this.#thread = null;
  }

  /** Takes back the calls of a link that wait here; `false` if they were made already. */
  withdraw(link: number): boolean {
    const kept = this.#waiting.filter((one) => one.link !== link);
    const isWithdrawn = kept.length < this.#waiting.length;
    this.#waiting = kept;
    return isWithdrawn;
  }

  /** With a pipe the peer has one at once, and it stays; else each connection brings one. */
  connect(order: LinkOrder, pipe: SharedPipe | null): void {
    this.#call(order.link, (thread) => ({
      call: "connect",
      order,
      offer: pipe === null ? null : pipe.offer(thread),
    }));
  }

  listen(order: LinkOrder, isSync: boolean): void {
    this.#call(order.link, () => ({ call: "listen", order, isSync }));
  }

  finish(link: number): void {
    this.#call(link, () => ({ call: "finish", link }));
  }

  abort(link: number, reason: DropReason): void {
    this.#call(link, () => ({ call: "abort", link, reason }));
  }

  breakConnection(link: number, pipe: string, error: ProtocolError): void {
    const data = encodeError(error);
    this.#call(link, () => ({ call: "breakConnection", link, pipe, error: data }));
  }

  endConnection(link: number, pipe: string): void {
    this.#call(link, () => ({ call: "endConnection", link, pipe }));
  }

  /** The socket has heard of the peer that was identified in this turn. */
  confirm(link: number, turn: number): void {
    this.#call(link, () => ({ call: "confirm", link, turn }));
  }

  /** The socket does not take that peer. */
  refuse(link: number, pipe: string, turn: number, address: string, why: string): void {
    this.#call(link, () => ({ call: "refuse", link, pipe, turn, address, why }));
  }

  /** What the authenticator said; nobody waits for it if the thread that asked is gone. */
  answer(link: number, question: number, outcome: OutcomeData, asker: ThreadRef | null): void {
    if (asker === null || this.#thread !== asker) return;
    this.#mail.post(asker, IO_TOPIC, { call: "answer", link, question, outcome });
  }

  /** This thread, or with it the whole process, is at its end. */
  leave(isProcess: boolean): void {
    if (this.#thread !== null) this.#mail.post(this.#thread, IO_TOPIC, { call: "leave", isProcess });
  }

  #call(link: number, make: (thread: ThreadRef) => IoCall): void {
    if (this.#thread === null) this.#waiting.push({ link, make });
    else this.#mail.post(this.#thread, IO_TOPIC, make(this.#thread));
  }
}
