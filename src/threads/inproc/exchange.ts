import { ZmqError } from "../../base/errors.ts";
import { platform } from "../../base/platform.ts";
import type { PipeHost } from "../../core/transport.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import type { Bond } from "../../transports/inproc-bond.ts";
import { welcome } from "../../transports/inproc-bond.ts";
import type { LocalNames, Neighbours } from "../../transports/neighbours.ts";
import type { PipeOffer, PipeThread, ThreadRef } from "../pipe-thread.ts";
import type { SharedPipe } from "../ring/shared-pipe.ts";
import { openSharedPipe } from "../ring/shared-pipe.ts";
import type { Directory } from "../seat/directory.ts";
import type { SeatUser } from "../shared-context.ts";
import type { CrossingGround, Outcome, Told } from "./crossing.ts";
import { Crossing, peerOf } from "./crossing.ts";

/** What an exchange needs of its thread's seat in the context. */
export interface ExchangeSeat extends PipeThread {
  readonly directory: Pick<Directory, "claim" | "release" | "find" | "isPresent" | "namesEpoch">;
  readonly mail: {
    post(to: ThreadRef, topic: string, value: unknown): void;
    on(topic: string, handler: (value: unknown, from: ThreadRef) => void, isUrgent?: boolean): void;
  };
  readonly bell: { ringAll(): void };
  /** Called when something came that is not for a pipe. */
  addNewsListener(listener: () => void): unknown;
  /** Called for every thread that we wrote to and that is gone, after its letters and the ends of pipes to it. */
  onGone(listener: (thread: ThreadRef) => void): unknown;
  /** Lets go of the memory that was given to a key so far. */
  discard(key: string): void;
}

/** A connector's end waits at a name; to the name's thread. */
interface OfferLetter {
  readonly name: string;
  readonly attempt: number;
  readonly offer: PipeOffer;
  readonly peer: Told;
}

/** Back to the connector's thread. */
interface AnswerLetter {
  readonly id: string;
  readonly attempt: number;
  readonly outcome: Outcome;
  /** What the binder tells of itself, if it took the offer. */
  readonly peer: Told | null;
}

const OFFER = "inproc offer";
const ANSWER = "inproc answer";
/** After the answer that the name is not bound: memory that was sent after the offer can go. */
const WITHDRAWAL = "inproc withdrawal";

/**
 * inproc between threads: names stand in the context's directory, and connections to another thread's names are offered
 * to it by mail.
 *
 *     connector's thread                                     binder's thread
 *     end A, attached and writable      --- offer -->        end B, attached
 *     peer complete, live, identified   <-- taken ---        live, identified
 *                                       <-- unbound          the name is not bound (any more): A waits, and is offered again
 *                                       <-- refused          B is closed
 *
 * Nobody waits for an answer: two threads may connect to each other at once, and either may die at any instant.
 */
export class Exchange implements SeatUser, Neighbours, CrossingGround {
  /** `null` as long as no other thread knows of the context. */
  #seat: ExchangeSeat | null;
  #names: LocalNames | null;
  /** Names that we claimed, and whether their binders conflate. */
  readonly #claims: Map<string, boolean>;
  /** Without an answer, by the ids of their pipes. */
  readonly #offered: Map<string, Crossing>;
  /** Where they were offered. */
  readonly #offeredAt: WeakMap<Crossing, ExchangeSeat>;
  /** Ends that binders of this thread got. */
  readonly #ends: WeakMap<Pipe, SharedPipe>;
  /** The state of names that was looked at last. */
  #epoch: number;

  constructor() {
    this.#seat = null;
    this.#names = null;
    this.#claims = new Map();
    this.#offered = new Map();
    this.#offeredAt = new WeakMap();
    this.#ends = new WeakMap();
    this.#epoch = 0;
  }

  // SeatUser.

  /**
   * This thread has a seat from now on: its names are claimed there, and what waits looks there. When it is not the first,
   * because the default context has moved, pipes and offers without an answer stay where they are.
   */
  onSeat(seat: ExchangeSeat): void {
    const former = this.#seat;
    this.#seat = seat;
    this.#listen(seat);
    for (const [name, conflate] of [...this.#claims]) {
      if (former !== null) releaseIn(former, name, conflate);
      if (!claimIn(seat, name, conflate)) this.#clash(name);
    }
    if (this.#claims.size > 0) seat.bell.ringAll();
    this.#epoch = seat.directory.namesEpoch;
    this.#names?.lookAgain();
  }

  /** All sockets are closed, and nothing of theirs waits. */
  onSeatLeft(): void {
    this.#seat = null;
    this.#offered.clear();
  }

  /** Something that was sent still looks for its binder. */
  get needsSeat(): boolean {
    return this.#offered.size > 0 || this.#names?.hasWaiting === true;
  }

  // Neighbours.

  serve(names: LocalNames): void {
    this.#names = names;
  }

  claim(name: string, host: PipeHost): boolean {
    const { conflate } = host.options;
    if (this.#seat !== null && !claimIn(this.#seat, name, conflate)) return false;
    this.#claims.set(name, conflate);
    this.#seat?.bell.ringAll();
    return true;
  }

  release(name: string): void {
    const conflate = this.#claims.get(name);
    if (conflate === undefined) return;
    this.#claims.delete(name);
    if (this.#seat !== null) releaseIn(this.#seat, name, conflate);
  }

  find(name: string): boolean {
    return this.locate(name) !== null;
  }

  createBond(name: string, connector: PipeHost): Bond {
    return new Crossing(this, name, connector);
  }

  marksChanged({ options }: PipeHost, pipe: Pipe): void {
    this.#ends.get(pipe)?.setOwnMarks(options.sendHighWaterMark, options.receiveHighWaterMark);
  }

  // CrossingGround.

  get thread(): PipeThread | null {
    return this.#seat;
  }

  locate(name: string): ThreadRef | null {
    if (this.#seat === null) return null;
    const thread = this.#seat.directory.find(keyOf(name));
    return thread === null || thread.uid === this.#seat.me.uid ? null : thread;
  }

  conflates(name: string): boolean {
    return this.#seat !== null && this.#seat.directory.find(conflateKeyOf(name)) !== null;
  }

  post(crossing: Crossing, to: ThreadRef, offer: PipeOffer): void {
    const { name, attempt, told, id } = crossing;
    const seat = this.#seat as ExchangeSeat;
    this.#offered.set(id, crossing);
    this.#offeredAt.set(crossing, seat);
    const letter: OfferLetter = { name, attempt, offer, peer: portable(told) };
    seat.mail.post(to, OFFER, letter);
    // It may have died before we found it, and then nobody tells us any more.
    if (!seat.directory.isPresent(to)) this.#comeBackFrom(crossing);
  }

  place(crossing: Crossing): void {
    this.#names?.place(crossing);
  }

  #listen(seat: ExchangeSeat): void {
    seat.mail.on(OFFER, (letter, from) => this.#onOffer(seat, letter as OfferLetter, from));
    seat.mail.on(ANSWER, (letter, from) => this.#onAnswer(seat, letter as AnswerLetter, from));
    seat.mail.on(WITHDRAWAL, (key) => seat.discard(key as string), true);
    seat.addNewsListener(() => this.#onNews(seat));
    seat.onGone((thread) => this.#onGone(seat, thread));
  }

  #onOffer(seat: ExchangeSeat, { name, attempt, offer, peer }: OfferLetter, from: ThreadRef): void {
    const answer = (outcome: Outcome, told: Told | null): void => {
      const letter: AnswerLetter = { id: offer.id, attempt, outcome, peer: told && portable(told) };
      seat.mail.post(from, ANSWER, letter);
    };
    const binder = this.#names?.binderOf(name) ?? null;
    if (binder === null) return answer("unbound", null);
    const endpoint = `inproc://${name}`;
    const end = openSharedPipe(seat, offer, peerOf(endpoint, received(peer)));
    // What a thread left that is gone is read like what a socket left that is closed.
    const isGone = !seat.directory.isPresent(from);
    if ((isGone || end.isEnded) && !end.checkReadable()) {
      end.close("peer-gone");
      return answer("refused", null);
    }
    this.#ends.set(end, end);
    this.marksChanged(binder, end);
    if (!welcome(binder, end, () => answer("taken", binder.describe(endpoint)))) answer("refused", null);
    if (isGone) end.onPeerGone();
  }

  #onAnswer(seat: ExchangeSeat, { id, attempt, outcome, peer }: AnswerLetter, from: ThreadRef): void {
    const crossing = this.#offered.get(id);
    if (crossing === undefined || crossing.attempt !== attempt) return;
    this.#offered.delete(id);
    // Before it may be offered to the same thread again.
    if (outcome === "unbound") seat.mail.post(from, WITHDRAWAL, `${id}/B`);
    crossing.onAnswer(outcome, peer && received(peer));
  }

  #onNews(seat: ExchangeSeat): void {
    if (seat !== this.#seat) return;
    const epoch = seat.directory.namesEpoch;
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#names?.lookAgain();
  }

  /** What it answered was handled, and who was asked by us and did not answer is not waited for. */
  #onGone(seat: ExchangeSeat, thread: ThreadRef): void {
    for (const crossing of [...this.#offered.values()]) {
      if (crossing.to?.uid === thread.uid && this.#offeredAt.get(crossing) === seat)
        this.#comeBackFrom(crossing);
    }
  }

  #comeBackFrom(crossing: Crossing): void {
    this.#offered.delete(crossing.id);
    crossing.onGone();
  }

  /** Another thread had the name there first: ours is known in this thread only, and when it is freed it stays theirs. */
  #clash(name: string): void {
    this.#claims.delete(name);
    const address = `inproc://${name}`;
    const binder = this.#names?.binderOf(name);
    const error = new ZmqError(
      "EADDRINUSE",
      `${address} is bound in another thread too: both did so before they found that they share a context.`,
      { address, remedy: "Import the package in the main thread before workers are started." },
    );
    platform.warn(error.message, "ZMQ_INPROC_MOVED");
    binder?.emit?.({ type: "bind:error", address, error });
  }
}

/** Names in the directory. */
function keyOf(name: string): string {
  return `inproc://${name}`;
}

/** A second name, of those whose binders keep the newest message only: a connector must know before it writes. */
function conflateKeyOf(name: string): string {
  return `conflate inproc://${name}`;
}

/** Who has the name of a conflating binder has its second name too, from before to after. */
function claimIn({ directory, me }: ExchangeSeat, name: string, conflate: boolean): boolean {
  const isMarked = conflate && directory.claim(conflateKeyOf(name), me);
  let isOurs = false;
  try {
    isOurs = directory.claim(keyOf(name), me);
  } finally {
    if (isMarked && !isOurs) directory.release(conflateKeyOf(name), me);
  }
  // Who had the name before us frees the second one first, so by now it is free.
  if (isOurs && conflate && !isMarked) directory.claim(conflateKeyOf(name), me);
  return isOurs;
}

function releaseIn({ directory, me }: ExchangeSeat, name: string, conflate: boolean): void {
  if (conflate) directory.release(conflateKeyOf(name), me);
  directory.release(keyOf(name), me);
}

/** Without the memory that a routing id may be a small part of. */
function portable({ socketType, routingId, address }: Told): Told {
  return { socketType, routingId: new Uint8Array(routingId), address };
}

function received({ socketType, routingId, address }: Told): Told {
  const { buffer, byteOffset, length } = routingId;
  return { socketType, routingId: platform.view(buffer, byteOffset, length), address };
}
