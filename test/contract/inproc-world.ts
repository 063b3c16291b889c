// Where a behaviour of inproc is tried: in which threads its sockets live, and who comes first.

import type { TestContext } from "node:test";
import { Context } from "../../src/index.ts";
import type { Side } from "./inproc-sides.ts";
import { Bench, FarSide, Sock } from "./inproc-sides.ts";

/** Which of the two sides is another thread. */
export const PLACES = {
  "in one thread": null,
  "the connector in another thread": "connector",
  "the binder in another thread": "binder",
} as const;

export type Place = keyof typeof PLACES;
export type Role = "binder" | "connector";
export type Behaviour = (world: World) => Promise<void>;
export type Behaviours = Readonly<Record<string, Behaviour>>;

let nameCount = 0;

/** Threads that serve one test after the other: starting one takes longer than a test. */
const standing: FarSide[] = [];

/** To be called when all tests are over. */
export async function dismiss(): Promise<void> {
  for (const side of standing.splice(0)) await side.end("terminate");
}

export class World {
  readonly place: Place;
  readonly isBoundFirst: boolean;
  readonly context: Context;
  readonly #near: Side;
  readonly #far: Side;
  readonly #socks: Set<Sock>;

  /** `isMortal`: the other thread is of this test alone, and may end. */
  constructor(t: TestContext, place: Place, isBoundFirst: boolean, isMortal = false) {
    this.place = place;
    this.isBoundFirst = isBoundFirst;
    this.context = new Context();
    this.#near = new Bench(this.context);
    this.#socks = new Set();
    if (PLACES[place] === null) this.#far = this.#near;
    else if (isMortal) this.#far = new FarSide();
    else this.#far = standing[0] ??= new FarSide();
    t.after(async () => {
      for (const sock of this.#socks) await sock.do("discard");
      await this.context.terminate();
      if (isMortal && this.#far instanceof FarSide) await this.#far.worker.terminate();
    });
  }

  get isShared(): boolean {
    return this.#far !== this.#near;
  }

  /** An endpoint that nobody else uses. */
  name(): string {
    return `inproc://behaviour ${++nameCount}`;
  }

  async open(role: Role, type: string, options: object = {}): Promise<Sock> {
    const isFar = PLACES[this.place] === role;
    const handle = isFar ? this.context.handle : null;
    const sock = await Sock.open(isFar ? this.#far : this.#near, type, options, handle);
    this.#socks.add(sock);
    return sock;
  }

  binder(type: string, options?: object): Promise<Sock> {
    return this.open("binder", type, options);
  }

  connector(type: string, options?: object): Promise<Sock> {
    return this.open("connector", type, options);
  }

  /** Joins the two, in the order that is tried, and waits until both know of the other. */
  async join(binder: Sock, connector: Sock, endpoint: string = this.name()): Promise<string> {
    const counts = await Promise.all([binder, connector].map((sock) => sock.peers()));
    const live = counts.map((peers) => peers.filter((peer) => peer.live).length);
    if (this.isBoundFirst) await binder.bind(endpoint);
    await connector.connect(endpoint);
    if (!this.isBoundFirst) await binder.bind(endpoint);
    await Promise.all([binder, connector].map((sock, i) => sock.do("waitForPeers", live[i]! + 1, 5000)));
    return endpoint;
  }

  /** The socket goes: it is closed, or its thread ends with all its sockets. */
  async leave(sock: Sock, way: Way): Promise<void> {
    if (way === "close") {
      await sock.close();
      return;
    }
    for (const one of this.#socks) if (one.side === this.#far) this.#socks.delete(one);
    await (this.#far as FarSide).end(way);
  }
}

export type Way = "close" | "exit" | "terminate";
