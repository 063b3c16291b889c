// Threads of one context in one thread: a real directory and real shared pipes, with bells and mail that arrive when the
// test says so, and threads that can die at any step.

import assert from "node:assert/strict";
import { installPlatform } from "../../../src/base/platform.ts";
import type { ExchangeSeat } from "../../../src/threads/inproc/exchange.ts";
import { Exchange } from "../../../src/threads/inproc/exchange.ts";
import type { SharedEnd, ThreadRef } from "../../../src/threads/pipe-thread.ts";
import { Directory } from "../../../src/threads/seat/directory.ts";
import { InprocTransport } from "../../../src/transports/inproc.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";

installPlatform(nodePlatform);

const MEMORY = "memory";
/** News: everything that is not for a pipe. */
const NEWS = 0;
/** Making one takes longer than a whole run: those of one file share it, one after the other. */
let spareDirectory: Directory | null = null;

interface Letter {
  readonly from: ThreadRef;
  readonly topic: string;
  readonly value: unknown;
}

type MailHandler = (value: unknown, from: ThreadRef) => void;

/** All threads of a context. */
export class ThreadWorld {
  readonly directory: Directory;
  readonly seats: SeatUnderTest[] = [];
  #threadCount = 0;

  constructor(isOfItsOwn = false) {
    this.directory = isOfItsOwn ? Directory.create() : (spareDirectory ?? Directory.create());
    if (!isOfItsOwn) spareDirectory = null;
  }

  /** A thread with a seat, or one that takes it later. */
  add(isSeated = true): ThreadUnderTest {
    const thread = new ThreadUnderTest(this, ++this.#threadCount);
    if (isSeated) thread.sit();
    return thread;
  }

  /** Lets everybody do what there is to do, until there is nothing. */
  settle(): void {
    for (let turns = 0; this.seats.some((seat) => seat.turn()); turns++) {
      assert.ok(turns < 10_000, "threads come to rest");
    }
  }

  /** The directory may serve another world. */
  end(): void {
    for (const { me } of this.seats) this.directory.remove(me);
    spareDirectory = this.directory;
  }
}

/** A thread, with what it has of inproc. */
export class ThreadUnderTest {
  readonly world: ThreadWorld;
  readonly number: number;
  readonly exchange: Exchange;
  readonly transport: InprocTransport;
  seat: SeatUnderTest | null = null;

  constructor(world: ThreadWorld, number: number) {
    this.world = world;
    this.number = number;
    this.exchange = new Exchange();
    this.transport = new InprocTransport(this.exchange);
  }

  /** Takes a seat, in another world too. */
  sit(world: ThreadWorld = this.world): void {
    const me = world.directory.join({ systemId: 0, threadId: this.number, role: 0 });
    this.seat = new SeatUnderTest(world, me);
    world.seats.push(this.seat);
    this.exchange.onSeat(this.seat);
  }

  /** Handles its bell and its mail; answers whether there was anything. */
  turn(): boolean {
    return this.seat?.turn() === true;
  }

  /** Does nothing from now on. The others learn of it by `bury`. */
  die(): void {
    if (this.seat !== null) this.seat.isDead = true;
  }

  bury(): void {
    const { world, seat } = this;
    this.die();
    if (seat === null || !world.directory.remove(seat.me)) return;
    for (const other of world.seats) other.rung.add(NEWS);
  }
}

/** As src/threads/seat.ts, by hand. */
export class SeatUnderTest implements ExchangeSeat {
  readonly directory: Directory;
  readonly me: ThreadRef;
  readonly mail: {
    post: (to: ThreadRef, topic: string, value: unknown) => void;
    on: (topic: string, handler: MailHandler, isUrgent?: boolean) => void;
  };
  readonly bell: { ringAll: () => void };
  isDead = false;
  /** Letters that are on their way, by who sent them. */
  readonly arriving = new Map<number, Letter[]>();
  /** Bits that were rung. */
  readonly rung = new Set<number>();
  readonly #world: ThreadWorld;
  readonly #entries = new Map<string, { end: SharedEnd; bit: number }>();
  readonly #kept = new Map<string, { from: ThreadRef; index: number; memory: SharedArrayBuffer }[]>();
  readonly #left = new Set<string>();
  readonly #topics = new Map<string, { handler: MailHandler; isUrgent: boolean }>();
  readonly #waiting: Letter[] = [];
  readonly #newsListeners: (() => void)[] = [];
  readonly #goneListeners: ((thread: ThreadRef) => void)[] = [];
  readonly #known = new Map<number, ThreadRef>();
  #isHandling = false;
  #nextBit = 1;

  constructor(world: ThreadWorld, me: ThreadRef) {
    this.#world = world;
    this.directory = world.directory;
    this.me = me;
    this.mail = {
      post: (to, topic, value) => this.#post(to, topic, value),
      on: (topic, handler, isUrgent = false) => this.#topics.set(topic, { handler, isUrgent }),
    };
    this.bell = { ringAll: () => this.#ringAll() };
    this.mail.on(MEMORY, (value, from) => this.#onGift(value as GiftLetter, from), true);
  }

  get endCount(): number {
    return this.#entries.size;
  }

  get keptCount(): number {
    return this.#kept.size;
  }

  enter(key: string, end: SharedEnd): number {
    assert.ok(!this.#entries.has(key), "an end enters once");
    const bit = this.#nextBit++;
    this.#entries.set(key, { end, bit });
    if (end.peerThread !== null) this.#known.set(end.peerThread.uid, end.peerThread);
    for (const { index, memory } of this.#kept.get(key) ?? []) end.onMemory(index, memory);
    this.#kept.delete(key);
    this.#left.delete(key);
    return bit;
  }

  leave(key: string, end: SharedEnd): void {
    if (this.#entries.get(key)?.end !== end) return;
    this.#entries.delete(key);
    this.#kept.delete(key);
    this.#left.add(key);
  }

  discard(key: string): void {
    this.#kept.delete(key);
  }

  ring(thread: ThreadRef, bit: number): void {
    this.#seatOf(thread)?.rung.add(bit);
  }

  give(thread: ThreadRef, key: string, index: number, memory: SharedArrayBuffer): void {
    if (thread.uid === this.me.uid) this.#onGift([key, index, memory], thread);
    else this.#post(thread, MEMORY, [key, index, memory]);
  }

  collect(): void {
    for (const letters of this.arriving.values()) this.take(letters, letters.length);
    this.#handle();
  }

  addNewsListener(listener: () => void): void {
    this.#newsListeners.push(listener);
  }

  onGone(listener: (thread: ThreadRef) => void): void {
    this.#goneListeners.push(listener);
  }

  turn(): boolean {
    if (this.isDead) return false;
    const isBusy = this.rung.size > 0 || [...this.arriving.values()].some((letters) => letters.length > 0);
    this.collect();
    for (const bit of [...this.rung]) this.hear(bit);
    return isBusy;
  }

  /** Letters of one thread arrive. */
  take(letters: Letter[], count: number): void {
    for (const letter of letters.splice(0, count)) {
      if (this.directory.isPresent(letter.from)) this.#known.set(letter.from.uid, letter.from);
      const topic = this.#topics.get(letter.topic);
      if (topic?.isUrgent) topic.handler(letter.value, letter.from);
      else this.#waiting.push(letter);
    }
  }

  handle(): void {
    this.#handle();
  }

  hear(bit: number): void {
    if (!this.rung.delete(bit)) return;
    if (bit === NEWS) this.#onNews();
    for (const entry of [...this.#entries.values()]) if (entry.bit === bit) entry.end.onBell();
  }

  #onNews(): void {
    this.collect();
    for (const thread of this.#known.values()) {
      if (this.directory.isPresent(thread)) continue;
      this.#known.delete(thread.uid);
      for (const [key, gifts] of this.#kept) if (gifts[0]?.from.uid === thread.uid) this.#kept.delete(key);
      for (const { end } of [...this.#entries.values()]) {
        if (end.peerThread?.uid === thread.uid) end.onPeerGone();
      }
      for (const listener of this.#goneListeners) listener(thread);
    }
    for (const listener of this.#newsListeners) listener();
  }

  #handle(): void {
    if (this.#isHandling) return;
    this.#isHandling = true;
    for (
      let letter = this.#waiting.splice(0, 1)[0];
      letter !== undefined;
      letter = this.#waiting.splice(0, 1)[0]
    ) {
      this.#topics.get(letter.topic)?.handler(letter.value, letter.from);
    }
    this.#isHandling = false;
  }

  #post(to: ThreadRef, topic: string, value: unknown): void {
    if (!this.directory.isPresent(to)) return;
    this.#known.set(to.uid, to);
    const seat = this.#seatOf(to);
    if (seat === undefined) return;
    const letters = seat.arriving.get(this.me.uid) ?? [];
    seat.arriving.set(this.me.uid, letters);
    letters.push({ from: this.me, topic, value: structuredClone(value) });
    seat.rung.add(NEWS);
  }

  #ringAll(): void {
    for (const seat of this.#world.seats) if (seat !== this) seat.rung.add(NEWS);
  }

  #seatOf(thread: ThreadRef): SeatUnderTest | undefined {
    return this.#world.seats.find(({ me }) => me.uid === thread.uid);
  }

  #onGift([key, index, memory]: GiftLetter, from: ThreadRef): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.end.onMemory(index, memory);
    else if (!this.#left.has(key))
      this.#kept.set(key, [...(this.#kept.get(key) ?? []), { from, index, memory }]);
  }
}

type GiftLetter = readonly [key: string, index: number, memory: SharedArrayBuffer];
