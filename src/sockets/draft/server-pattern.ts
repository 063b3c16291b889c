import { ZmqError } from "../../base/errors.ts";
import type { Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { Pattern, PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { FairQueue } from "../../routing/fair-queue.ts";
import type { NumberedRoute } from "../../routing/number-table.ts";
import { NumberTable, numberOfFrame } from "../../routing/number-table.ts";
import { Partings } from "../partings.ts";
import { checkSingle, receiveSingle } from "./single-frame.ts";

/**
 * 41/CLIENTSERVER, "The SERVER Socket Type", and 51/P2P, "The PEER Socket Type": each peer has a routing id of our making,
 * from the moment that its pipe is there until it is gone. Inside, a message is two frames, [routing id] [body]; on the
 * wire it is the body alone.
 *
 *     a route leaves the table      when its peer is gone: nothing can be sent to it
 *     a route leaves the pattern    when its pipe is detached: until then its unread messages bear its id
 */
export class ServerPattern implements Pattern {
  readonly type: SocketType;
  readonly #host: PatternHost;
  readonly #name: string;
  readonly #inward: FairQueue<NumberedRoute>;
  readonly #table: NumberTable;
  readonly #routes: Map<Pipe, NumberedRoute>;
  readonly #partings: Partings<NumberedRoute>;
  /** The peer of the message received last. */
  #origin: Pipe | null;

  constructor(host: PatternHost, type: SocketType) {
    this.type = type;
    this.#host = host;
    this.#name = type === SocketType.Peer ? "PEER" : "SERVER";
    this.#inward = new FairQueue();
    this.#table = new NumberTable();
    this.#routes = new Map();
    this.#partings = new Partings(host);
    this.#origin = null;
  }

  /** Gives the peer of a pipe its routing id before `attach`; `before`: the one that it had with another pipe. */
  assignNumber(pipe: Pipe, before: number): number {
    const isKnown = before !== 0 && this.#table.find(before) === undefined;
    const route = isKnown ? this.#table.restore(pipe, before) : this.#table.add(pipe);
    this.#routes.set(pipe, route);
    return route.number;
  }

  routingIdOf(pipe: Pipe): Uint8Array | undefined {
    return this.#routes.get(pipe)?.frame;
  }

  attach(pipe: Pipe): boolean {
    let route = this.#routes.get(pipe);
    if (route === undefined) {
      route = this.#table.add(pipe);
      this.#routes.set(pipe, route);
    }
    this.#inward.attach(pipe, route);
    return true;
  }

  identified(): boolean {
    return true;
  }

  detachWriter(pipe: Pipe): void {
    const route = this.#routes.get(pipe);
    if (route === undefined || !this.#table.remove(route)) return;
    this.#partings.left(pipe, route);
    // A send that waits for room in this pipe must learn that there will be none.
    this.#host.becameWritable();
  }

  detach(pipe: Pipe): void {
    this.detachWriter(pipe);
    this.#inward.detach(pipe);
    this.#routes.delete(pipe);
    this.#partings.passed(pipe);
  }

  onReadable(pipe: Pipe): void {
    this.#inward.activate(pipe);
  }

  onWritable(): void {
    // A full peer is asked again by the send that waits for it.
  }

  /** Closes the connection of a peer; what it sent before can still be received. */
  disconnectPeer(number: number): void {
    const route = this.#find(number);
    this.#table.remove(route);
    this.#host.disconnectPeer(route.pipe, "The application closed the connection.", false);
    this.#host.becameWritable();
  }

  send(message: Message): boolean {
    if (message.length !== 2) checkSingle(this.#name, message.slice(1));
    const { pipe } = this.#find(numberOfFrame(message[0]!));
    return pipe.tryWrite([message[1]!], false);
  }

  receive(): Message | undefined {
    const parting = this.#partings.take();
    if (parting !== undefined) {
      this.#origin = parting.label.pipe;
      return [parting.label.frame, parting.body];
    }
    const message = receiveSingle(this.#host, this.#inward);
    if (message === undefined) return undefined;
    const route = this.#inward.lastLabel as NumberedRoute;
    this.#origin = route.pipe;
    return [route.frame, message[0]!];
  }

  origin(): Pipe | null {
    return this.#origin;
  }

  /** libzmq always says so; a full peer shows when it is sent to. */
  canSend(): boolean {
    return true;
  }

  canReceive(): boolean {
    return this.#partings.isDue || this.#inward.canReceive();
  }

  /** The route of a peer that can be sent to. */
  #find(number: number): NumberedRoute {
    const route = this.#table.find(number);
    if (route !== undefined && !route.pipe.isEnded && !route.pipe.isClosed) return route;
    throw new ZmqError("EHOSTUNREACH", `No peer of this ${this.#name} has the routing id ${number}.`, {
      remedy: "Use the routingId of a message that was received, while its peer is connected.",
    });
  }
}
