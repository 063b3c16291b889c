import { invariant } from "../../base/errors.ts";
import { platform } from "../../base/platform.ts";
import type { PipeThread, SharedEnd, ThreadRef } from "../pipe-thread.ts";
import { Bell } from "./bell.ts";
import type { Directory } from "./directory.ts";
import { Mail } from "./mail.ts";
import { callSafely } from "./ready-bits.ts";
import { ownSystemThread } from "./system-thread.ts";
import { ThreadWatch } from "./watch.ts";

interface Entry {
  readonly end: SharedEnd;
  readonly bit: number;
  readonly onBell: () => void;
}

interface Gift {
  readonly from: ThreadRef;
  readonly index: number;
  readonly memory: SharedArrayBuffer;
}

type GoneListener = (thread: ThreadRef) => void;

const MEMORY = "memory";
/** How many of the ends that left are remembered: what is on its way to them takes no longer than as many others. */
const LEFT_COUNT = 256;

/**
 * A thread's seat in a context: its bell, its mail and its watch put together, and the ends of shared pipes that it has.
 */
export class Seat implements PipeThread {
  readonly directory: Directory;
  readonly me: ThreadRef;
  readonly bell: Bell;
  readonly mail: Mail;
  readonly watch: ThreadWatch;
  readonly #entries: Map<string, Entry>;
  /** Memory for ends that are not here yet, by their keys. */
  readonly #kept: Map<string, Gift[]>;
  /** Keys of the ends that left last: memory that still comes for them is not kept. */
  readonly #left: Set<string>;
  readonly #newsListeners: Set<() => void>;
  readonly #goneListeners: Set<GoneListener>;
  readonly #lookAround: () => boolean;
  readonly #stopListening: () => void;
  #hasLeft: boolean;

  /**
   * Sits down, and leaves by itself when the thread ends. `role` is 0 for the application's threads. EMFILE if all seats
   * are taken.
   */
  static take(directory: Directory, role = 0): Seat {
    return new Seat(directory, directory.join({ ...ownSystemThread(), role }));
  }

  /** `me` has joined; see `take`. */
  constructor(directory: Directory, me: ThreadRef) {
    this.directory = directory;
    this.me = me;
    this.bell = new Bell(directory, me);
    this.mail = new Mail(directory, me, this.bell);
    this.watch = new ThreadWatch(directory, me);
    this.#entries = new Map();
    this.#kept = new Map();
    this.#left = new Set();
    this.#newsListeners = new Set();
    this.#goneListeners = new Set();
    this.#lookAround = () => {
      const hadMail = this.mail.poll();
      return this.watch.poll().length > 0 || hadMail;
    };
    this.#hasLeft = false;
    this.bell.onNews = () => this.#onNews();
    this.mail.onMeet = (thread) => this.watch.know(thread);
    this.mail.on(MEMORY, (value, from) => this.#onGift(value as GiftLetter, from), true);
    this.watch.onGone = (thread) => this.#onGone(thread);
    this.watch.announce = () => this.bell.ringAll();
    this.watch.start();
    this.#stopListening = platform.onExit(() => this.vacate());
  }

  /** Registers an end. What was given to the key before comes at once. */
  enter(key: string, end: SharedEnd): number {
    invariant(!this.#entries.has(key), `the end ${key} enters once`);
    const onBell = () => end.onBell();
    const bit = this.bell.register(onBell);
    this.#entries.set(key, { end, bit, onBell });
    this.#left.delete(key);
    if (end.peerThread !== null) this.watch.know(end.peerThread);
    this.#listen();
    const gifts = this.#kept.get(key) ?? [];
    this.#kept.delete(key);
    for (const { index, memory } of gifts) end.onMemory(index, memory);
    return bit;
  }

  leave(key: string, end: SharedEnd): void {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.end !== end) return;
    this.#entries.delete(key);
    this.bell.unregister(entry.bit, entry.onBell);
    this.#left.add(key);
    if (this.#left.size <= LEFT_COUNT) return;
    for (const oldest of this.#left) {
      this.#left.delete(oldest);
      break;
    }
  }

  /** What was given to the key so far is let go; an end may still enter under it. */
  discard(key: string): void {
    this.#kept.delete(key);
  }

  ring(thread: ThreadRef, bit: number): void {
    this.bell.ring(thread, bit);
  }

  give(thread: ThreadRef, key: string, index: number, memory: SharedArrayBuffer): void {
    if (thread.uid === this.me.uid) this.#onGift([key, index, memory], thread);
    else this.mail.post(thread, MEMORY, [key, index, memory] satisfies GiftLetter);
  }

  collect(): void {
    this.mail.collect();
  }

  /**
   * Blocks this thread until something came and was handled, or `timeoutMs` (-1: for ever) is over. Answers whether
   * anything came. Not while the bell is drained.
   */
  block(timeoutMs: number): boolean {
    return this.bell.block(timeoutMs, this.#lookAround);
  }

  /** Called when something came that is not for a pipe. Gives back what takes the listener off again. */
  addNewsListener(listener: () => void): () => void {
    this.#listen();
    return addTo(this.#newsListeners, listener);
  }

  /** Called once for every thread that this one had to do with and that is gone, after the ends of pipes to it. */
  onGone(listener: GoneListener): () => void {
    this.#listen();
    return addTo(this.#goneListeners, listener);
  }

  /** No end of a pipe is here. */
  get isIdle(): boolean {
    return this.#entries.size === 0;
  }

  /** Leaves the context: all others learn it at once, and nothing comes here any more. */
  vacate(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#stopListening();
    this.watch.stop();
    this.bell.stop();
    this.directory.remove(this.me);
    this.bell.ringAll();
    this.mail.close();
    this.#kept.clear();
  }

  /** Who only looks at a context has nothing to listen for. */
  #listen(): void {
    if (!this.#hasLeft) this.bell.start();
  }

  #onNews(): void {
    this.#lookAround();
    for (const listener of [...this.#newsListeners]) callSafely(listener);
  }

  #onGift([key, index, memory]: GiftLetter, from: ThreadRef): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      entry.end.onMemory(index, memory);
    } else if (!this.#left.has(key)) {
      // Until its giver is gone, which may be so already.
      this.watch.know(from);
      const gifts = this.#kept.get(key) ?? [];
      this.#kept.set(key, gifts);
      gifts.push({ from, index, memory });
    }
  }

  #onGone(thread: ThreadRef): void {
    this.mail.forget(thread);
    for (const [key, gifts] of this.#kept) if (gifts[0]?.from.uid === thread.uid) this.#kept.delete(key);
    for (const { end } of [...this.#entries.values()]) {
      if (end.peerThread?.uid === thread.uid) callSafely(() => end.onPeerGone());
    }
    for (const listener of [...this.#goneListeners]) callSafely(() => listener(thread));
  }
}

type GiftLetter = readonly [key: string, index: number, memory: SharedArrayBuffer];

function addTo<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
