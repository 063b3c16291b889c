import type { Message } from "../../base/message.ts";
import { platform } from "../../base/platform.ts";
import { RingQueue } from "../../base/ring-queue.ts";
import type { PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import type { FairQueue } from "../../routing/fair-queue.ts";
import { framesFrom } from "../envelope.ts";
import type { Asker } from "./asker.ts";
import { replyId } from "./asker.ts";

/** So many numbers back, a reply is known as one to a request that is over. */
const RECENT_COUNT = 65536;

/** A message that is no reply, and where it came from. */
interface Aside {
  readonly message: Message;
  readonly pipe: Pipe;
}

/**
 * What a DEALER receives, sorted: replies to requests under way go to who asked, replies to requests that are over are
 * dropped, and everything else is for `receive`, in order.
 *
 *     pipes --> fair queue --> reply?  --- yes ---> its asker, or dropped as `protocol`
 *                                 `------- no ----> aside --> receive()
 *
 * While requests are under way all is read as it comes, so that no reply waits behind what nobody receives; at most
 * `receiveHighWaterMark` messages are put aside, and then the rest waits in the pipes. Otherwise nothing is read that was
 * not asked for.
 */
export class ReplySorter {
  /** Where the message that was given away last came from. */
  origin: Pipe | null;
  readonly #host: PatternHost;
  readonly #inward: FairQueue;
  readonly #askers: Map<number, Asker>;
  readonly #aside: RingQueue<Aside>;
  #nextId: number;
  /** Numbers given, up to `RECENT_COUNT`. */
  #recentCount: number;

  constructor(host: PatternHost, inward: FairQueue) {
    this.origin = null;
    this.#host = host;
    this.#inward = inward;
    this.#askers = new Map();
    this.#aside = new RingQueue();
    this.#nextId = Math.floor(platform.random() * 0x100000000);
    this.#recentCount = 0;
  }

  /** Requests under way. */
  get askerCount(): number {
    return this.#askers.size;
  }

  /** Messages that are no replies and wait for `receive`. */
  get asideCount(): number {
    return this.#aside.length;
  }

  open(asker: Asker): number {
    // What came before anybody asked would keep the edge from telling of what comes now.
    const isFirst = this.#askers.size === 0;
    while (this.#askers.has(this.#nextId)) this.#nextId = (this.#nextId + 1) >>> 0;
    const id = this.#nextId;
    this.#nextId = (id + 1) >>> 0;
    this.#recentCount = Math.min(this.#recentCount + 1, RECENT_COUNT);
    this.#askers.set(id, asker);
    if (isFirst) this.sort();
    return id;
  }

  close(id: number): void {
    this.#askers.delete(id);
  }

  lost(pipe: Pipe): void {
    for (const asker of this.#askers.values()) {
      if (asker.server !== pipe) continue;
      asker.server = null;
      asker.onServerLost();
    }
  }

  /** Reads what is there, as far as there is room aside. */
  sort(): void {
    while (this.#askers.size > 0 && this.#hasRoom()) {
      const message = this.#inward.receive();
      if (message === undefined) return;
      if (!this.#takeReply(message)) this.#putAside(message);
    }
  }

  receive(): Message | undefined {
    const first = this.#aside.take();
    if (first !== undefined) {
      this.sort();
      this.origin = first.pipe;
      return first.message;
    }
    for (let message = this.#inward.receive(); message !== undefined; message = this.#inward.receive()) {
      if (this.#takeReply(message)) continue;
      this.origin = this.#inward.origin;
      return message;
    }
    return undefined;
  }

  canReceive(): boolean {
    while (this.#aside.isEmpty) {
      const message = this.#inward.receive();
      if (message === undefined) return false;
      if (!this.#takeReply(message)) this.#putAside(message);
    }
    return true;
  }

  /** Nobody will receive what is aside. */
  shut(): void {
    for (let one = this.#aside.take(); one !== undefined; one = this.#aside.take())
      if (!one.pipe.isClosed) this.#host.countReceivedDrop(one.pipe, "orphaned");
  }

  #takeReply(message: Message): boolean {
    const id = replyId(message);
    if (id < 0) return false;
    const asker = this.#askers.get(id);
    if (asker !== undefined) {
      this.#askers.delete(id);
      this.origin = this.#inward.origin;
      asker.onReply(framesFrom(message, 2));
      return true;
    }
    if ((this.#nextId - 1 - id) >>> 0 >= this.#recentCount) return false;
    this.#host.countReceivedDrop(this.#inward.origin as Pipe, "protocol");
    return true;
  }

  #putAside(message: Message): void {
    this.#aside.push({ message, pipe: this.#inward.origin as Pipe });
  }

  #hasRoom(): boolean {
    const { receiveHighWaterMark } = this.#host.options;
    return receiveHighWaterMark === 0 || this.#aside.length < receiveHighWaterMark;
  }
}
