import { BroadcastChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { invariant } from "../../base/errors.ts";
import { platform } from "../../base/platform.ts";
import { RingQueue } from "../../base/ring-queue.ts";
import { SEAT } from "../layout.ts";
import type { ThreadRef } from "../pipe-thread.ts";
import type { Bell } from "./bell.ts";
import type { Directory } from "./directory.ts";
import { callSafely } from "./ready-bits.ts";

type MailHandler = (value: unknown, from: ThreadRef) => void;

/** What travels: the sender's seat and uid, the letter's place among all from this sender to this receiver, and it. */
type Letter = readonly [seat: number, uid: number, place: number, topic: string, value: unknown];

/** The place of a letter that says only that its sender listens on the pair's channel. */
const GREETING = -1;

/** A thread that we had mail with. */
interface Correspondent {
  readonly thread: ThreadRef;
  /** The channel of the two of us. */
  readonly pair: BroadcastChannel;
  /** It listens there. */
  isListening: boolean;
  /** Its inbox, while it is not known whether it listens on the pair's channel. */
  inbox: BroadcastChannel | null;
  sentCount: number;
  takenCount: number;
  /** Letters that came before one that was sent earlier, by their places. */
  readonly early: Map<number, Letter>;
  /** Letters from before its inbox was open. */
  readonly unsent: Letter[];
}

interface Topic {
  readonly handler: MailHandler;
  readonly isUrgent: boolean;
}

/**
 * A thread's mail: rare commands, and memory, which nothing else can carry. Posted in order, it comes in order.
 *
 * Ports cannot be sent to a thread that one has no port to, but channels have names. Each thread listens on one that
 * bears its uid, its inbox, and each two that had mail with each other share another. To post to an inbox takes 100 us
 * (it is opened for it), to the pair's channel 2. So the first letters go to the inbox, and every letter in an inbox
 * says, besides, that its sender listens on the pair's channel already. Letters are numbered, for the two may overlap.
 *
 * A letter sets the receiver's news bit, so that a thread in a blocking call sees it too.
 */
export class Mail {
  /** A thread is written to, or writes to us, for the first time: whose end we must hear of, to `forget` it. */
  onMeet: ((thread: ThreadRef) => void) | null;
  readonly #directory: Directory;
  readonly #me: ThreadRef;
  readonly #bell: Bell;
  readonly #inbox: BroadcastChannel;
  readonly #topics: Map<string, Topic>;
  /** By uid. */
  readonly #correspondents: Map<number, Correspondent>;
  /** Those with unsent letters. */
  readonly #unreached: Set<Correspondent>;
  /** Taken in order, not handled yet. */
  readonly #waiting: RingQueue<Letter>;
  #handledCount: number;
  #isHandling: boolean;
  #isClosed: boolean;

  constructor(directory: Directory, me: ThreadRef, bell: Bell) {
    this.onMeet = null;
    this.#directory = directory;
    this.#me = me;
    this.#bell = bell;
    this.#topics = new Map();
    this.#correspondents = new Map();
    this.#unreached = new Set();
    this.#waiting = new RingQueue();
    this.#handledCount = 0;
    this.#isHandling = false;
    this.#isClosed = false;
    this.#inbox = this.#listen(`${me.uid}`, (letter) => this.#takeFromInbox(letter));
    const mailAt = directory.seatWord(me.seat, SEAT.MAIL);
    // Who wanted to write to us between our joining and now waits for news.
    if (Atomics.exchange(directory.words, mailAt, me.uid) === -me.uid) bell.ringAll();
  }

  /**
   * Posts to a thread; `false`: it is gone. `value` is cloned as by `structuredClone`, which may throw; shared memory in
   * it is shared.
   */
  post(to: ThreadRef, topic: string, value: unknown): boolean {
    if (this.#isClosed) return false;
    if (to.uid === this.#me.uid) {
      this.#keep([to.seat, to.uid, 0, topic, structuredClone(value)]);
      platform.defer(() => this.#handle());
    } else if (this.#directory.isPresent(to)) {
      const correspondent = this.#correspondents.get(to.uid) ?? this.#meet(to);
      this.#send(correspondent, [this.#me.seat, this.#me.uid, correspondent.sentCount, topic, value]);
      correspondent.sentCount++;
    } else {
      return false;
    }
    this.#bell.markNews(to);
    return true;
  }

  /**
   * What is done with letters of a topic; those without are dropped. What a handler throws becomes an uncaught error. An
   * urgent topic is handled as soon as a letter is taken, even while another is being handled: for what others wait for.
   */
  on(topic: string, handler: MailHandler, isUrgent = false): void {
    invariant(!this.#topics.has(topic), `mail about ${topic} has one handler`);
    this.#topics.set(topic, { handler, isUrgent });
  }

  /**
   * Handles what has come, without the loop's help; answers whether there was anything. Called by a handler, it takes
   * what has come, handles what is urgent, and leaves the rest for afterwards.
   */
  poll(): boolean {
    const before = this.#handledCount;
    this.#take();
    this.#handle();
    return this.#handledCount !== before;
  }

  /**
   * Takes what has come and handles what is urgent, no more: for who is in the midst of something that other handlers may
   * come to as well. The rest is handled in its turn.
   */
  collect(): void {
    this.#take();
    if (this.#waiting.isEmpty || this.#isHandling) return;
    platform.defer(() => this.#handle());
    // A thread that only blocks has no turns; it looks at its news.
    this.#bell.markNews(this.#me);
  }

  /** It is gone: what it posted is handled, and its channels are closed. */
  forget(thread: ThreadRef): void {
    this.#take();
    const correspondent = this.#correspondents.get(thread.uid);
    if (correspondent !== undefined) this.#part(correspondent);
    this.#handle();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#inbox.close();
    for (const correspondent of this.#correspondents.values()) this.#part(correspondent);
    while (this.#waiting.take() !== undefined) this.#handledCount++;
  }

  #channel(name: string): BroadcastChannel {
    return new BroadcastChannel(`zeromq-ts/${this.#directory.id}/${name}`).unref() as BroadcastChannel;
  }

  /** A channel without a handler loses what comes; so it gets one at once. */
  #listen(name: string, onLetter: (letter: Letter) => void): BroadcastChannel {
    const channel = this.#channel(name);
    channel.onmessage = (event: unknown) => {
      onLetter((event as { readonly data: Letter }).data);
      this.#handle();
    };
    return channel;
  }

  #meet(thread: ThreadRef): Correspondent {
    const [first, second] = [thread.uid, this.#me.uid].sort((a, b) => a - b);
    const correspondent: Correspondent = {
      thread,
      pair: this.#listen(`${first}-${second}`, (letter) => this.#takeFromPair(correspondent, letter)),
      isListening: false,
      inbox: null,
      sentCount: 0,
      takenCount: 0,
      early: new Map(),
      unsent: [],
    };
    this.#correspondents.set(thread.uid, correspondent);
    this.onMeet?.(thread);
    return correspondent;
  }

  #part(correspondent: Correspondent): void {
    correspondent.pair.close();
    correspondent.inbox?.close();
    this.#correspondents.delete(correspondent.thread.uid);
    this.#unreached.delete(correspondent);
  }

  #send(to: Correspondent, letter: Letter): void {
    if (to.isListening) {
      to.pair.postMessage(letter);
    } else if (this.#reaches(to)) {
      to.inbox!.postMessage(letter);
    } else {
      to.unsent.push(structuredClone(letter));
      this.#unreached.add(to);
    }
  }

  /** Whether letters in its inbox reach a thread. If not, it is made to ring us once they do. */
  #reaches(correspondent: Correspondent): boolean {
    if (correspondent.inbox !== null) return true;
    const { thread } = correspondent;
    const { words } = this.#directory;
    const mailAt = this.#directory.seatWord(thread.seat, SEAT.MAIL);
    for (;;) {
      const mail = Atomics.load(words, mailAt);
      if (mail === thread.uid) break;
      // In this order: what another thread writes in the same seat afterwards is not overwritten.
      if (!this.#directory.isPresent(thread)) return false;
      if (Atomics.compareExchange(words, mailAt, mail, -thread.uid) === mail) return false;
    }
    correspondent.inbox = this.#channel(`${thread.uid}`);
    for (const letter of correspondent.unsent.splice(0)) correspondent.inbox.postMessage(letter);
    return true;
  }

  /** Takes what has come from all channels. */
  #take(): void {
    if (this.#isClosed) return;
    for (const correspondent of this.#unreached) {
      if (!this.#reaches(correspondent)) continue;
      this.#unreached.delete(correspondent);
      this.#bell.markNews(correspondent.thread);
    }
    readAll(this.#inbox, (letter) => this.#takeFromInbox(letter));
    for (const correspondent of this.#correspondents.values()) {
      readAll(correspondent.pair, (letter) => this.#takeFromPair(correspondent, letter));
    }
  }

  #takeFromInbox(letter: Letter): void {
    const [seat, uid] = letter;
    const from = { seat, uid };
    let correspondent = this.#correspondents.get(uid);
    if (correspondent === undefined) {
      // The last letters of a thread that is gone: nobody would tell us again to forget it.
      if (!this.#directory.isPresent(from)) return this.#keep(letter);
      correspondent = this.#meet(from);
    }
    if (!correspondent.isListening) {
      correspondent.pair.postMessage([this.#me.seat, this.#me.uid, GREETING, "", null] satisfies Letter);
      this.#noteListening(correspondent);
    }
    this.#takeInOrder(correspondent, letter);
  }

  #takeFromPair(correspondent: Correspondent, letter: Letter): void {
    this.#noteListening(correspondent);
    if (letter[2] !== GREETING) this.#takeInOrder(correspondent, letter);
  }

  #noteListening(correspondent: Correspondent): void {
    if (correspondent.isListening) return;
    correspondent.isListening = true;
    correspondent.inbox?.close();
    correspondent.inbox = null;
    this.#unreached.delete(correspondent);
    if (correspondent.unsent.length === 0) return;
    for (const letter of correspondent.unsent.splice(0)) correspondent.pair.postMessage(letter);
    this.#bell.markNews(correspondent.thread);
  }

  #takeInOrder(from: Correspondent, letter: Letter): void {
    const { early } = from;
    if (letter[2] !== from.takenCount) {
      early.set(letter[2], letter);
      return;
    }
    let next: Letter | undefined = letter;
    while (next !== undefined) {
      from.takenCount++;
      this.#keep(next);
      next = early.get(from.takenCount);
      if (next !== undefined) early.delete(from.takenCount);
    }
  }

  #keep(letter: Letter): void {
    if (this.#topics.get(letter[3])?.isUrgent) this.#deliver(letter);
    else this.#waiting.push(letter);
  }

  #handle(): void {
    if (this.#isHandling) return;
    this.#isHandling = true;
    for (let letter = this.#waiting.take(); letter !== undefined; letter = this.#waiting.take()) {
      this.#deliver(letter);
    }
    this.#isHandling = false;
  }

  #deliver([seat, uid, , topic, value]: Letter): void {
    this.#handledCount++;
    const { handler } = this.#topics.get(topic) ?? NOBODY;
    callSafely(() => handler(value, { seat, uid }));
  }
}

const NOBODY: Topic = {
  handler: () => undefined,
  isUrgent: false,
};

function readAll(channel: BroadcastChannel, take: (letter: Letter) => void): void {
  // Node takes any port here; its types know of one.
  const port = channel as unknown as MessagePort;
  for (;;) {
    const found = receiveMessageOnPort(port) as { readonly message: Letter } | undefined;
    if (found === undefined) return;
    take(found.message);
  }
}
