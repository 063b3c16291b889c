import { droppedOf, statsOf } from "../../test/interop/ours.ts";
import type { PeerSocket, Tally } from "../../test/interop/peer.ts";
import type { Open, Scope } from "../../test/interop/scope.ts";
import type { Screen } from "./screen.ts";
import { amount, sizeName } from "./screen.ts";

/** A scene: two kinds of socket, what they are for, and messages between ours and theirs. */
export interface Scene {
  readonly title: string;
  readonly about: string;
  play(stage: Stage): Promise<void>;
}

/** Hands out sockets, judges what arrived, and shows the ledger of ours when the scene is over. */
export class Stage {
  readonly #scope: Scope;
  readonly #screen: Screen;
  readonly #ours: PeerSocket[];
  readonly #share: number;
  #messageCount: number;
  #failureCount: number;

  /** `share` is how much of each scene is played, 1 being all of it. */
  constructor(scope: Scope, screen: Screen, share: number) {
    this.#scope = scope;
    this.#screen = screen;
    this.#share = share;
    this.#ours = [];
    this.#messageCount = 0;
    this.#failureCount = 0;
  }

  get messageCount(): number {
    return this.#messageCount;
  }

  get failureCount(): number {
    return this.#failureCount;
  }

  /** How many messages a scene of `count` has today. */
  count(count: number): number {
    return Math.ceil(count * this.#share);
  }

  readonly our: Open = async (type, options) => {
    const socket = await this.#scope.our(type, options);
    this.#ours.push(socket);
    return socket;
  };

  readonly their: Open = (type, options) => this.#scope.their(type, options);

  /** A socket of ours in another process. */
  readonly ourOther: Open = async (type, options) => {
    const peer = this.#scope.launch("our");
    return this.#scope.track(await peer.open(type, options));
  };

  async join(binder: PeerSocket, connector: PeerSocket): Promise<string> {
    return await this.#scope.join(binder, connector);
  }

  /** `count` numbered messages must have come, none missing between them. */
  judge(
    label: string,
    tally: Pick<Tally, "count" | "missing" | "elapsedMs">,
    count: number,
    size: number,
  ): void {
    const perSecond = (tally.count / tally.elapsedMs) * 1000;
    const good = tally.count === count && tally.missing === 0;
    const throughput = size >= 1024 ? `, ${amount((perSecond * size) / 1e6)} MB/s` : "";
    this.#report(
      label,
      `${amount(tally.count)} × ${sizeName(size)}`,
      `${amount(perSecond)} messages/s${throughput}`,
      good,
    );
    this.#messageCount += tally.count;
    if (!good)
      this.fail(
        `${amount(count)} messages were sent, ${amount(tally.count)} came, ${amount(tally.missing)} are missing`,
      );
  }

  judgeRoundTrips(
    label: string,
    trips: { count: number; elapsedMs: number },
    count: number,
    size: number,
  ): void {
    const good = trips.count === count;
    const each = `${amount((trips.elapsedMs / trips.count) * 1000)} µs each`;
    this.#report(label, `${amount(trips.count)} round trips × ${sizeName(size)}`, each, good);
    this.#messageCount += 2 * trips.count;
    if (!good) this.fail(`${amount(count)} requests were to be answered, ${amount(trips.count)} were`);
  }

  judgeBytes(label: string, good: boolean, size: number, elapsedMs: number): void {
    this.#report(label, `${amount(size)} bytes`, `${amount(size / elapsedMs / 1000)} MB/s`, good);
    if (!good) this.fail("the bytes that came are not those that were sent");
  }

  /** Who is too slow misses messages; each of them must be in the ledger. */
  judgeDrops(label: string, received: number, dropped: number, count: number): void {
    const good = received + dropped === count;
    this.#report(
      label,
      `${amount(received)} of ${amount(count)} messages`,
      `${amount(dropped)} dropped, each counted`,
      good,
    );
    if (!good)
      this.fail(`${amount(count - received)} messages did not come, the ledger has ${amount(dropped)}`);
  }

  fail(reason: string): void {
    this.#failureCount += 1;
    this.#screen.failure(reason);
  }

  /** The law of the ledger: accepted = delivered + queued + dropped. */
  showLedger(): void {
    this.#screen.ledgerHead();
    for (const socket of this.#ours) {
      const stats = statsOf(socket);
      if (stats === undefined) continue;
      let name: string = socket.type;
      for (const direction of ["sent", "received"] as const) {
        const flow = stats[direction];
        if (flow.accepted === 0) continue;
        const balanced = flow.accepted === flow.delivered + flow.queued + droppedOf(flow);
        this.#screen.ledgerLine(name, direction, flow, balanced);
        name = "";
        if (!balanced) this.fail(`the ledger of ${socket.type} does not balance`);
      }
    }
  }

  #report(label: string, what: string, rate: string, good: boolean): void {
    this.#screen.measure(label, what, rate, good);
  }
}
