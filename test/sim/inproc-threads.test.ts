// inproc between threads under a seeded scheduler (hostile inputs J07, J08): sockets of several threads bind, unbind,
// connect, disconnect, send and close in any order, letters and bells arrive when they like, threads die at any step, out
// of the middle of a call too, and are missed later. Nothing may be lost, doubled or out of order, every connection finds
// its binder, a name has one owner, and nothing is left behind.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ZmqError } from "../../src/base/errors.ts";
import { DROP_REASONS } from "../../src/pipe/pipe.ts";
import type { ThreadUnderTest } from "../unit/threads/thread-world.ts";
import { ThreadWorld } from "../unit/threads/thread-world.ts";
import { Actor, randomFrom } from "./inproc-actor.ts";

const NAMES = ["a", "b", "c"];
const THREAD_COUNT = 4;
const ACTOR_COUNT = 6;
const SEQUENCE_COUNT = 700;
const STEP_COUNT = 150;
/** So that memory is handed over, beside the rings and for larger ones. */
const PADDINGS = ["", "x".repeat(20_000), "x".repeat(300_000)];

class Death extends Error {}

/** An actor, and where it is. */
interface Citizen {
  readonly actor: Actor;
  readonly thread: ThreadUnderTest;
}

class Run {
  readonly #random: () => number;
  readonly #world = new ThreadWorld();
  readonly #threads: ThreadUnderTest[];
  readonly #citizens: Citizen[];
  readonly #dead = new Set<ThreadUnderTest>();
  readonly #buried = new Set<ThreadUnderTest>();
  /** Who has which name, as far as a single clerk would know. */
  readonly #owners = new Map<string, Citizen>();
  readonly #history: string[] = [];
  #depth = 0;
  #isLastAct = false;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
    this.#threads = Array.from({ length: THREAD_COUNT }, (_, i) => this.#world.add(i > 0));
    this.#citizens = Array.from({ length: ACTOR_COUNT }, (_, i) => this.#settleIn(`actor ${i}`, i % 4));
  }

  get history(): string {
    return this.#history.slice(-25).join("; ");
  }

  steps(): void {
    for (let i = 0; i < STEP_COUNT; i++) {
      const chance = this.#random();
      if (chance < 0.55) this.#inThread((thread) => this.#act(thread));
      else if (chance < 0.97) this.#inThread((thread) => this.#receive(thread));
      else if (chance < 0.98) this.#threads.find(({ seat }) => seat === null)?.sit();
      else if (chance < 0.985) this.#kill(this.#pick(this.#threads));
      else for (const thread of this.#dead) if (this.#random() < 0.5) this.#bury(thread);
    }
  }

  /** A socket in a thread of its own that binds every name and closes nothing takes what still waits. */
  finish(): void {
    this.#isLastAct = true;
    for (const thread of this.#dead) this.#bury(thread);
    for (const thread of this.#threads) if (thread.seat === null) thread.sit();
    for (const { actor, thread } of this.#alive) thread.transport.release(actor);
    const heir = { actor: new Actor("heir", 0, () => undefined), thread: this.#world.add() };
    for (const name of NAMES) heir.thread.transport.bind(name, heir.actor);
    this.#world.settle();
    const alive = [...this.#alive, heir];
    for (const { actor } of alive) actor.check();
    this.#checkSent(alive);
    for (const { thread } of alive) assert.equal(thread.exchange.needsSeat, false, "nothing waits");
    for (const { actor, thread } of alive) actor.close(thread.transport);
    this.#world.settle();
    for (const { thread } of alive) {
      assert.equal(thread.seat?.endCount, 0, "all ends have left");
      assert.equal(thread.seat?.keptCount, 0, "no memory is kept for nobody");
    }
    this.#world.end();
  }

  get #alive(): Citizen[] {
    return this.#citizens.filter(({ thread }) => !this.#dead.has(thread));
  }

  #settleIn(typeName: string, hwm: number): Citizen {
    const actor = new Actor(typeName, hwm, () => this.#interrupt(thread));
    const thread = this.#pick(this.#threads);
    actor.padding = this.#pick(PADDINGS);
    return { actor, thread };
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)] as T;
  }

  /** A step of one thread. It may be its last, at any point. */
  #inThread(step: (thread: ThreadUnderTest) => void): void {
    const thread = this.#pick(this.#threads);
    if (this.#dead.has(thread)) return;
    try {
      step(thread);
    } catch (error) {
      if (!(error instanceof Death)) throw error;
    }
    this.#depth = 0;
  }

  #interrupt(thread: ThreadUnderTest): void {
    if (this.#isLastAct) return;
    if (this.#random() < 0.003 && this.#kill(thread)) throw new Death();
    if (this.#depth >= 3 || this.#random() > 0.2) return;
    this.#depth++;
    this.#act(thread);
    this.#depth--;
  }

  #kill(thread: ThreadUnderTest): boolean {
    // A thread without a seat is not known to anybody.
    if (thread.seat === null || this.#dead.size > 1 || this.#dead.has(thread)) return false;
    this.#history.push(`thread ${thread.number} dies`);
    this.#dead.add(thread);
    thread.die();
    return true;
  }

  #bury(thread: ThreadUnderTest): void {
    if (this.#buried.has(thread)) return;
    this.#history.push(`thread ${thread.number} is missed`);
    this.#buried.add(thread);
    thread.bury();
    for (const [name, owner] of this.#owners) if (owner.thread === thread) this.#owners.delete(name);
  }

  #receive(thread: ThreadUnderTest): void {
    const { seat } = thread;
    if (seat === null) return;
    const letters = this.#pick([...seat.arriving.values(), []]);
    const bit = this.#pick([...seat.rung, -1]);
    const chance = this.#random();
    this.#history.push(`thread ${thread.number} receives ${chance.toFixed(2)}`);
    if (chance < 0.3) seat.take(letters, 1 + Math.floor(this.#random() * 3));
    else if (chance < 0.5) seat.handle();
    else if (chance < 0.9) seat.hear(bit);
    else seat.turn();
  }

  #act(thread: ThreadUnderTest): void {
    const citizens = this.#citizens.filter((one) => one.thread === thread);
    if (citizens.length === 0) return;
    const citizen = this.#pick(citizens);
    const { actor } = citizen;
    const { transport } = thread;
    const name = this.#pick(NAMES);
    const chance = this.#random();
    this.#history.push(`thread ${thread.number} ${actor.typeName} ${chance.toFixed(3)} ${name}`);
    if (chance < 0.15) {
      // Two contexts that become one may have bound a name twice: that is another story.
      if (!actor.isClosed && thread.seat !== null) this.#bind(citizen, name);
    } else if (chance < 0.25) {
      if (this.#owners.get(name) === citizen) this.#owners.delete(name);
      transport.unbind(name, actor);
    } else if (chance < 0.42) {
      if (!actor.isClosed) actor.links.push(transport.connect(name, actor, null));
    } else if (chance < 0.48) actor.links.at(Math.floor(this.#random() * actor.links.length))?.disconnect();
    else if (chance < 0.95) {
      const pipes = [...actor.traffic.keys()];
      if (pipes.length > 0) actor.send(this.#pick(pipes));
    } else if (chance < 0.97) {
      for (const [owned, owner] of this.#owners) if (owner === citizen) this.#owners.delete(owned);
      actor.close(transport);
    } else {
      actor.options.sendHighWaterMark = Math.floor(this.#random() * 4);
      for (const pipe of actor.traffic.keys()) transport.optionsChanged(actor, pipe);
    }
  }

  #bind(citizen: Citizen, name: string): void {
    const owner = this.#owners.get(name);
    try {
      // Before the call, in whose midst anything may happen.
      if (owner === undefined) this.#owners.set(name, citizen);
      citizen.thread.transport.bind(name, citizen.actor);
      assert.ok(owner === undefined, "a name has one owner");
    } catch (error) {
      if (!(error instanceof ZmqError && error.code === "EADDRINUSE")) throw error;
      assert.ok(owner !== undefined, "a name that nobody has is free");
    }
  }

  /** What was written came to its reader, or is counted as dropped by a reader that closed or died. */
  #checkSent(alive: readonly Citizen[]): void {
    const readCounts = new Map<number, number>();
    for (const { actor } of [...this.#citizens, ...alive]) {
      for (const { reads, readCount } of actor.traffic.values()) readCounts.set(reads, readCount);
    }
    for (const { actor } of alive) {
      for (const [{ written }, { writer, sentCount }] of actor.traffic) {
        const { accepted, delivered, queued, dropped } = written;
        const lost = DROP_REASONS.reduce((sum, reason) => sum + dropped[reason], 0);
        assert.equal(accepted, sentCount);
        assert.equal(accepted, delivered + queued + lost);
        assert.equal(delivered, readCounts.get(writer) ?? 0);
        assert.equal(queued, 0, "all that was written found its reader");
      }
    }
  }
}

test(`inproc between threads holds in ${SEQUENCE_COUNT} random orders (J07, J08)`, (t) => {
  const given = process.env.INPROC_SEED;
  const first = given === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(given);
  const count = given === undefined ? Number(process.env.INPROC_ORDERS ?? SEQUENCE_COUNT) : 1;
  t.diagnostic(`seeds ${first} to ${first + count - 1}; INPROC_SEED runs one, INPROC_ORDERS that many`);
  for (let seed = first; seed < first + count; seed++) {
    const run = new Run(seed);
    try {
      run.steps();
      run.finish();
    } catch (error) {
      throw new Error(`seed ${seed}: ${run.history}`, { cause: error });
    }
  }
});
