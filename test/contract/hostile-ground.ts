import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  Dealer,
  type Event,
  Publisher,
  Pull,
  Push,
  Router,
  type Socket,
  Subscriber,
  XPublisher,
} from "../../src/index.ts";
import { pause, RawListener, RawPeer, within } from "../peers/raw-peer.ts";
import { assertLaw, assertTold } from "../peers/sockets.ts";

/** "At once", with room for a busy machine. */
export const AT_ONCE_MS = 3_000;
/** How long a connection that is kept is watched. */
const KEPT_MS = 60;
const ANY = "tcp://127.0.0.1:*";

/** What a hostile peer did to the process; empty, always. */
const incidents: string[] = [];
process.on("warning", (warning) => incidents.push(`warning: ${warning.message}`));
process.on("uncaughtExceptionMonitor", (error) => incidents.push(`uncaught: ${error.stack}`));

export function checkProcess(): void {
  assert.deepEqual(incidents, []);
}

export type Victim = Pull | Push | Publisher | XPublisher | Router | Dealer | Subscriber;

/** How octets reach the victim. */
export type Shape = "whole" | "octets" | "split" | "reset";
export const SHAPES: readonly Shape[] = ["whole", "octets", "split", "reset"];

/**
 * A socket of ours that a hostile peer attacks, and beside it a good client: the good client exchanges messages before,
 * during and after; what else the application gets is noted; the events are kept.
 */
export class Ground<T extends Victim> {
  readonly victim: T;
  readonly events: Event[];
  /** What the application received besides the good client's messages, frames joined by `|`. */
  readonly strange: string[];
  #good: Socket | null;
  #goodCount: number;
  readonly #goodSeen: Set<string>;
  readonly #waiters: Set<() => void>;
  readonly #test: TestContext;

  constructor(test: TestContext, victim: T) {
    this.#test = test;
    this.victim = victim;
    this.events = [];
    this.strange = [];
    this.#good = null;
    this.#goodCount = 0;
    this.#goodSeen = new Set();
    this.#waiters = new Set();
    for (const type of EVENT_TYPES) victim.events.on(type, (event) => this.#onEvent(event));
    test.after(() => this.#account());
  }

  /** The victim bound, its good client connected. */
  static async bind<T extends Victim>(
    test: TestContext,
    victim: T,
    good = goodFor(victim),
  ): Promise<Ground<T>> {
    const ground = new Ground(test, victim);
    await victim.bind(ANY);
    await ground.#addGood(() => good.connect(victim.lastEndpoint as string), good);
    return ground;
  }

  /** The victim connected to a good peer; a hostile server is to come. */
  static async connect<T extends Victim>(
    test: TestContext,
    victim: T,
    good = goodFor(victim),
  ): Promise<Ground<T>> {
    const ground = new Ground(test, victim);
    await good.bind(ANY);
    victim.connect(good.lastEndpoint as string);
    await ground.#addGood(() => undefined, good);
    return ground;
  }

  /** The good client still exchanges a message. */
  async checkGood(): Promise<void> {
    await this.#exchange();
    assertLaw(this.victim.stats());
    // Whatever a peer did, it can be looked at.
    assert.ok(Array.isArray(this.victim.explain()));
  }

  async #exchange(): Promise<void> {
    const text = `good ${this.#goodCount++}`;
    const good = this.#good as Socket;
    if (good instanceof Subscriber) {
      const deadline = performance.now() + 2_000;
      await (this.victim as Publisher).send(text);
      for (;;) {
        const got = String((await within(good.receive(), text, deadline - performance.now()))[0]);
        if (got === text) return;
      }
    }
    if (good instanceof Pull) {
      await (this.victim as Push).send(text);
      for (;;) if (String((await within(good.receive(), text))[0]) === text) return;
    }
    await within((good as Push | Dealer).send(text), `send ${text}`);
    await within(this.#seen(text), text);
  }

  async hostile(): Promise<RawPeer> {
    const peer = await RawPeer.connect(this.victim.lastEndpoint);
    this.#test.after(() => peer.destroy());
    return peer;
  }

  async listener(): Promise<RawListener> {
    const listener = await RawListener.open();
    this.#test.after(() => listener.close());
    return listener;
  }

  /** Gives `octets` to the victim in one of the shapes. `reset` waits a moment, so that something arrives. */
  async deliver(peer: RawPeer, octets: Uint8Array, shape: Shape): Promise<void> {
    if (shape === "octets" && octets.length <= 400) {
      await peer.sendSlowly(octets);
    } else if (shape === "split") {
      const at = Math.floor(octets.length / 2);
      peer.send(octets.subarray(0, at));
      await pause(5);
      peer.send(octets.subarray(at));
    } else {
      peer.send(octets);
      if (shape === "reset") {
        await pause(2);
        peer.reset();
      }
    }
  }

  /** X: the connection ends at once, with that code if one is named. */
  async expectEnd(peer: RawPeer, code: string | undefined, withinMs = AT_ONCE_MS): Promise<void> {
    assert.ok(await peer.ends(withinMs), `the connection still stands after ${withinMs} ms`);
    if (code === undefined) return;
    await this.eventually(
      () => this.codes.includes(code),
      `event ${code} (there are: ${this.codes.join(", ")})`,
    );
  }

  /** K: the connection stays. */
  async expectKept(peer: RawPeer, watchMs = KEPT_MS): Promise<void> {
    assert.ok(!(await peer.ends(watchMs)), `the connection was closed; ${this.codes.join(", ")}`);
  }

  /** Codes of all errors in events. */
  get codes(): string[] {
    return this.events.flatMap((event) => {
      const error = (event as { error?: { code?: string; status?: number } }).error;
      if (error === undefined) return [];
      return [error.code ?? (error.status === undefined ? "no code" : `AUTH_${error.status}`)];
    });
  }

  eventsOf(type: Event["type"]): Event[] {
    return this.events.filter((event) => event.type === type);
  }

  async eventually(condition: () => boolean, what: string, patienceMs = 2_000): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!condition()) {
      assert.ok(performance.now() < deadline, `not within ${patienceMs} ms: ${what}`);
      await pause(5);
    }
  }

  /** At the end every message is accounted for: delivered, or dropped for a reason that was told. */
  async #account(): Promise<void> {
    const { stats } = await this.victim.close();
    assertLaw(stats);
    assert.deepEqual([stats.sent.queued, stats.received.queued], [0, 0]);
    assertTold(this.victim);
  }

  #onEvent(event: Event): void {
    this.events.push(event);
  }

  async #addGood(reach: (good: Socket) => void, good: Socket): Promise<void> {
    this.#good = good;
    this.#test.after(() => good.close());
    if (good instanceof Subscriber) good.subscribe("good");
    reach(good);
    if (this.victim instanceof Publisher || this.victim instanceof XPublisher) {
      await within(this.victim.waitForSubscribers(1, "good"), "the good subscriber");
    } else {
      await within(good.waitForPeers(), "the good client");
    }
    if ("receive" in this.victim) void this.#collect(this.victim);
    await this.checkGood();
  }

  async #collect(victim: Pull | Router | Dealer | XPublisher | Subscriber): Promise<void> {
    for await (const frames of victim) {
      const text = frames.map((body) => body.toString("latin1")).join("|");
      const good = /good \d+$/.exec(text)?.[0];
      if (good !== undefined) this.#goodSeen.add(good);
      else if (!(victim instanceof XPublisher && text === "\x01good")) this.strange.push(text);
      for (const waiter of this.#waiters) waiter();
    }
  }

  async #seen(text: string): Promise<void> {
    while (!this.#goodSeen.has(text)) {
      await new Promise<void>((resolve) => {
        const waiter = (): void => {
          this.#waiters.delete(waiter);
          resolve();
        };
        this.#waiters.add(waiter);
      });
    }
    this.#goodSeen.delete(text);
  }
}

const EVENT_TYPES = [
  "accept",
  "accept:error",
  "disconnect",
  "handshake",
  "handshake:error:protocol",
  "handshake:error:auth",
  "handshake:error:other",
  "connect",
  "connect:retry",
] as const;

function goodFor(victim: Victim): Socket {
  if (victim instanceof Pull) return new Push({ linger: 0 });
  if (victim instanceof Push) return new Pull();
  if (victim instanceof Router) return new Dealer({ linger: 0, routingId: "good client" });
  if (victim instanceof Dealer) return new Dealer({ linger: 0 });
  if (victim instanceof Subscriber) return new Publisher({ linger: 0 });
  return new Subscriber();
}

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Octets of JavaScript's memory in use, after the collector ran twice. */
export function heldMemory(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
