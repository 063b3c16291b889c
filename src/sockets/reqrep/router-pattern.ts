import { hex } from "../../base/bytes.ts";
import { ZmqError } from "../../base/errors.ts";
import type { Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { Pattern, PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { FairQueue } from "../../routing/fair-queue.ts";
import { LoadBalancer } from "../../routing/load-balancer.ts";
import type { Route } from "../../routing/routing-table.ts";
import { isRoutingId, RoutingTable } from "../../routing/routing-table.ts";
import { framesFrom, probe, withFrame } from "../envelope.ts";
import { Partings } from "../partings.ts";

/**
 * 28/REQREP, "The ROUTER Socket Type": the first frame names the peer. A peer can be sent to, and its messages be seen,
 * from the moment that its name is known (libzmq behaviour B40): the id that `connect` gave it, the identity that it
 * announced, or one that is generated.
 *
 *     a route leaves the table      when its peer is gone or another took over its id: nothing can be sent to it
 *     a route leaves the pattern    when its pipe is detached: until then its unread messages bear its id
 */
export class RouterPattern implements Pattern {
  readonly type: SocketType;
  readonly #host: PatternHost;
  readonly #inward: FairQueue<Route>;
  readonly #table: RoutingTable;
  readonly #routes: Map<Pipe, Route>;
  /** Only asked whether any peer has room. */
  readonly #withRoom: LoadBalancer;
  readonly #partings: Partings<Route>;
  /** Of whom the message received last told that it came or left. */
  #parted: Pipe | null;
  #refusal: string;

  constructor(host: PatternHost) {
    this.type = SocketType.Router;
    this.#host = host;
    this.#inward = new FairQueue();
    this.#table = new RoutingTable();
    this.#routes = new Map();
    this.#withRoom = new LoadBalancer();
    this.#partings = new Partings(host);
    this.#parted = null;
    this.#refusal = "";
  }

  get refusal(): string {
    return this.#refusal;
  }

  assignRoutingId(pipe: Pipe, id: Uint8Array): void {
    this.#routes.set(pipe, this.#table.assign(pipe, id));
  }

  routingIdOf(pipe: Pipe): Uint8Array | undefined {
    return this.#routes.get(pipe)?.id;
  }

  attach(pipe: Pipe): boolean {
    const route = this.#routes.get(pipe);
    if (route !== undefined) this.#open(route);
    return true;
  }

  identified(pipe: Pipe): boolean {
    if (!this.#name(pipe)) return false;
    this.#partings.came(pipe, this.#routes.get(pipe) as Route);
    if (this.#host.options.probeRouter) probe(pipe);
    return true;
  }

  lost(pipe: Pipe): void {
    const route = this.#routes.get(pipe);
    if (route !== undefined) this.#partings.lost(pipe, route);
  }

  detachWriter(pipe: Pipe): void {
    const route = this.#routes.get(pipe);
    if (route === undefined || !this.#unroute(route)) return;
    this.#partings.left(pipe, route);
    // A send that waits for room in this pipe must learn that there will be none.
    if (this.#host.options.mandatory) this.#host.becameWritable();
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

  onWritable(pipe: Pipe): void {
    this.#withRoom.activate(pipe);
  }

  send(message: Message): boolean {
    if (message.length === 1) {
      // libzmq behaviour B50: an id without a message is ignored.
      this.#host.countDrop("protocol");
      return true;
    }
    const id = message[0]!;
    const pipe = this.#table.find(id)?.pipe;
    if (pipe?.tryWrite(framesFrom(message, 1), false)) return true;
    const isMandatory = this.#host.options.mandatory;
    if (pipe === undefined || pipe.isEnded || pipe.isClosed) {
      if (isMandatory)
        throw new ZmqError("EHOSTUNREACH", `No peer has the routing id ${hex(id.subarray(0, 32))}.`);
      this.#host.countDrop("unroutable", id);
      return true;
    }
    if (isMandatory) return false;
    pipe.countDrop("hwm");
    return true;
  }

  receive(): Message | undefined {
    const parting = this.#partings.take();
    if (parting !== undefined) {
      this.#parted = parting.label.pipe;
      return [parting.label.id, parting.body];
    }
    this.#parted = null;
    const message = this.#inward.receive();
    if (message === undefined) return undefined;
    const route = this.#inward.lastLabel as Route;
    if (this.#partings.areWaiting) this.#partings.received(route.pipe);
    return withFrame(route.id, message);
  }

  origin(): Pipe | null {
    return this.#parted ?? this.#inward.origin;
  }

  canSend(): boolean {
    return !this.#host.options.mandatory || this.#withRoom.canSend();
  }

  canReceive(): boolean {
    return this.#partings.isDue || this.#inward.canReceive();
  }

  /** Finds the peer its name. A peer that comes back under another one is known by that from now on. */
  #name(pipe: Pipe): boolean {
    const route = this.#routes.get(pipe);
    const announced = pipe.peer.routingId;
    if (announced.length === 0 || route?.isAssigned) {
      if (route === undefined) this.#open(this.#table.addGenerated(pipe));
      return true;
    }
    if (!isRoutingId(announced)) {
      this.#refusal =
        "The peer announced an identity that starts with a zero octet or is longer than 255 octets.";
      return false;
    }
    const holder = this.#table.find(announced);
    if (holder !== undefined && holder === route) return true;
    if (holder !== undefined && !this.#takeOver(holder)) return false;
    if (route === undefined) this.#open(this.#table.addNamed(pipe, announced));
    else this.#table.rename(route, announced);
    return true;
  }

  /** libzmq behaviours B45, B46, but the newcomer that is refused, and the peer that gave way, are told by closing. */
  #takeOver(holder: Route): boolean {
    const id = hex(holder.id);
    if (!this.#host.options.handover) {
      this.#refusal = `The peer announced the identity ${id}, which belongs to the peer at ${holder.pipe.peer.address}.`;
      return false;
    }
    // First of all, so that a send that waits for the holder goes on to wait for the newcomer.
    this.#unroute(holder);
    this.#host.disconnectPeer(holder.pipe, `Another peer took over the identity ${id}.`, false);
    return true;
  }

  #unroute(route: Route): boolean {
    this.#withRoom.detach(route.pipe);
    return this.#table.remove(route);
  }

  #open(route: Route): void {
    this.#routes.set(route.pipe, route);
    this.#inward.attach(route.pipe, route);
    this.#withRoom.attach(route.pipe);
  }
}
