import { platform } from "../../base/platform.ts";
import type { PipeHost } from "../../core/transport.ts";
import type { PeerInfo, Pipe } from "../../pipe/pipe.ts";
import type { Bond } from "../../transports/inproc-bond.ts";
import { HeldEvents, LocalBond, unknownPeer } from "../../transports/inproc-bond.ts";
import type { PipeOffer, PipeThread, ThreadRef } from "../pipe-thread.ts";
import type { SharedPipe } from "../ring/shared-pipe.ts";
import { createSharedPipe, openSharedPipe } from "../ring/shared-pipe.ts";
import { PendingPipe } from "./pending-pipe.ts";

/** What becomes of an offer. */
export type Outcome = "taken" | "refused" | "unbound";

/** What a socket tells of itself to one in another thread. */
export type Told = Pick<PeerInfo, "socketType" | "routingId" | "address">;

/** What a crossing needs of its exchange. */
export interface CrossingGround {
  /** Where new pipes are entered; `null` while nobody beyond this thread knows of the context. */
  readonly thread: PipeThread | null;
  /** The other thread that has the name; `null` if none has. */
  locate(name: string): ThreadRef | null;
  /** Whether who has the name in another thread keeps the newest message only. */
  conflates(name: string): boolean;
  /** Sends the offer; `onAnswer` or `onGone` follows. */
  post(crossing: Crossing, to: ThreadRef, offer: PipeOffer): void;
  /** Looks anew where the connection belongs. */
  place(crossing: Crossing): void;
}

/**
 * A connection of this thread that may lead to another one.
 *
 *     waiting, here or later there --offer--> offered --taken--> two ends in two threads
 *          ^                                     |   `--refused--> over
 *          `---- unbound, or that thread died ---'
 *
 * What is written before anybody has the other end stays in the pipe, whoever comes. A pipe of this thread is exchanged for
 * a shared one, once and for all, when it is first offered.
 */
export class Crossing implements Bond {
  readonly name: string;
  readonly endpoint: string;
  readonly connector: PipeHost;
  readonly connectorEnd: Pipe;
  readonly told: Told;
  binder: PipeHost | null;
  /** Who was asked last. */
  to: ThreadRef | null;
  /** Counts offers: an answer to an earlier one says nothing. */
  attempt: number;
  readonly #ground: CrossingGround;
  readonly #conflate: boolean;
  /** Before it is known where the name is. */
  #local: LocalBond | null;
  #shared: SharedPipe | null;
  /** Where the shared pipe is entered. */
  #thread: PipeThread | null;
  #binderEnd: Pipe | null;
  #held: HeldEvents | null;

  constructor(ground: CrossingGround, name: string, connector: PipeHost) {
    this.name = name;
    this.endpoint = `inproc://${name}`;
    this.connector = connector;
    this.binder = null;
    this.to = null;
    this.attempt = 0;
    this.#ground = ground;
    this.#shared = null;
    this.#thread = null;
    this.#held = null;
    const told = connector.describe(this.endpoint);
    this.told = told;
    if (ground.locate(name) === null) {
      this.#conflate = connector.options.conflate;
      this.#local = new LocalBond(name, connector, null);
      this.#binderEnd = this.#local.binderEnd;
      this.connectorEnd = new PendingPipe(this.#local.connectorEnd);
    } else {
      this.#conflate = connector.options.conflate || ground.conflates(name);
      this.#local = null;
      this.#binderEnd = null;
      this.connectorEnd = this.#share(unknownPeer(told));
      this.setMarks();
    }
  }

  get tellsLater(): boolean {
    return this.#shared !== null;
  }

  /** Of the shared pipe; while it is offered. */
  get id(): string {
    return this.#shared === null ? "" : this.#shared.id;
  }

  openHere(): Pipe {
    if (this.connectorEnd instanceof PendingPipe) this.connectorEnd.settle();
    if (this.#binderEnd === null) {
      const shared = this.#shared as SharedPipe;
      const thread = this.#thread as PipeThread;
      shared.publish();
      this.#binderEnd = openSharedPipe(thread, shared.offer(thread.me), peerOf(this.endpoint, this.told));
    }
    return this.#binderEnd;
  }

  offer(): boolean {
    const to = this.#ground.locate(this.name);
    if (to === null) return false;
    if (this.connectorEnd.isClosed && this.connectorEnd.written.queued === 0) return false;
    if (this.#shared === null || this.#thread !== this.#ground.thread) {
      if (!(this.connectorEnd instanceof PendingPipe)) return this.#strand();
      this.#cross(this.connectorEnd);
    }
    this.to = to;
    this.attempt++;
    this.#held = new HeldEvents(this.connectorEnd);
    this.#ground.post(this, to, (this.#shared as SharedPipe).offer(to));
    return true;
  }

  setMarks(): void {
    if (this.#local !== null) {
      this.#local.binder = this.binder;
      this.#local.setMarks();
      return;
    }
    const { sendHighWaterMark, receiveHighWaterMark } = this.connector.options;
    this.#shared?.setOwnMarks(sendHighWaterMark, receiveHighWaterMark);
    if (this.binder === null) return;
    const { options } = this.binder;
    (this.#binderEnd as SharedPipe).setOwnMarks(options.sendHighWaterMark, options.receiveHighWaterMark);
  }

  onAnswer(outcome: Outcome, peer: Told | null): void {
    const end = this.connectorEnd;
    if (outcome === "taken") {
      Object.assign(end.peer, peer);
      end.live = !end.isClosed && !end.isEnded;
      // The letter may be here before the bell that was rung first: who knows its peer knows what room that peer gives.
      (this.#shared as SharedPipe).onBell();
      this.#takeHeld().introduce(this.connector, true);
    } else if (outcome === "refused") {
      // The binder has closed its end; we hear of it, or have heard.
      this.#takeHeld().release();
    } else {
      this.#comeBack();
    }
  }

  /** The thread that was asked died, and did not answer. */
  onGone(): void {
    const shared = this.#shared as SharedPipe;
    shared.withdraw();
    if (shared.peerThread === null) return this.#comeBack();
    // It had opened its end: what it took of the pipe is lost, and so is the pipe. What it wrote comes from nobody known.
    shared.onPeerGone();
    this.#takeHeld().release();
    shared.discard(shared.unreadCount, "peer-gone");
  }

  #comeBack(): void {
    (this.#shared as SharedPipe).withdraw();
    this.#takeHeld().release();
    this.#ground.place(this);
  }

  #takeHeld(): HeldEvents {
    const held = this.#held as HeldEvents;
    this.#held = null;
    return held;
  }

  #share(peer: PeerInfo): SharedPipe {
    const settings = { firstToSecondHwm: 0, secondToFirstHwm: 0, conflate: this.#conflate, sums: true };
    const thread = this.#ground.thread as PipeThread;
    this.#thread = thread;
    this.#shared = createSharedPipe(thread, settings, peer);
    return this.#shared;
  }

  /** Exchanges the pipe for one that can be offered. */
  #cross(pending: PendingPipe): void {
    const rest = this.openHere();
    this.#local = null;
    this.#binderEnd = null;
    pending.moveTo(this.#share(pending.peer), rest, () => this.setMarks());
  }

  /** The pipe is entered where we sit no more, and the connector has it in hands: such a connection is over. */
  #strand(): boolean {
    platform.warn(
      `${this.connector.typeName} ${this.endpoint} was connecting while this thread found the context of the process; ` +
        "the connection is over. Connect again.",
      "ZMQ_INPROC_MOVED",
    );
    this.openHere().close("peer-gone");
    return true;
  }
}

export function peerOf(endpoint: string, { socketType, routingId, address }: Told): PeerInfo {
  return { endpoint, address, socketType, routingId, outgoing: false, properties: undefined };
}
