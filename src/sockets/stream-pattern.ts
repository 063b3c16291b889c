import { hex } from "../base/bytes.ts";
import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { SocketType } from "../base/socket-type.ts";
import type { Pattern, PatternHost } from "../core/pattern.ts";
import type { Pipe } from "../pipe/pipe.ts";
import { FairQueue } from "../routing/fair-queue.ts";
import type { Route } from "../routing/routing-table.ts";
import { RoutingTable } from "../routing/routing-table.ts";
import { Notices } from "./notices.ts";

/** What a STREAM knows of a peer. */
class StreamPeer {
  readonly route: Route;
  isConnected: boolean;
  /** It was connected before. */
  isKnown: boolean;
  /** The application closed the connection: it needs no notice of that. */
  isClosedByUs: boolean;

  constructor(route: Route) {
    this.route = route;
    this.isConnected = false;
    this.isKnown = false;
    this.isClosedByUs = false;
  }
}

/**
 * STREAM: octets from and to peers that do not speak ZMTP, as messages of two frames, [id] [octets]. An empty second
 * frame tells of a connection made or ended, and ends one when sent (libzmq behaviours B98, B99).
 *
 *     from one peer, in order:   [id] []   [id] [octets]   [id] [octets]   [id] []
 */
export class StreamPattern implements Pattern {
  readonly type: SocketType;
  readonly refusal: string;
  readonly #host: PatternHost;
  readonly #inward: FairQueue<StreamPeer>;
  readonly #table: RoutingTable;
  readonly #peers: Map<Pipe, StreamPeer>;
  readonly #notices: Notices<Route>;

  constructor(host: PatternHost) {
    this.type = SocketType.Stream;
    this.refusal = "The connection was closed by the application.";
    this.#host = host;
    this.#inward = new FairQueue();
    this.#table = new RoutingTable();
    this.#peers = new Map();
    this.#notices = new Notices(host);
  }

  assignRoutingId(pipe: Pipe, id: Uint8Array): void {
    this.#peers.set(pipe, new StreamPeer(this.#table.assign(pipe, id)));
  }

  routingIdOf(pipe: Pipe): Uint8Array | undefined {
    return this.#peers.get(pipe)?.route.id;
  }

  attach(pipe: Pipe): boolean {
    let peer = this.#peers.get(pipe);
    if (peer === undefined) {
      peer = new StreamPeer(this.#table.addGenerated(pipe));
      this.#peers.set(pipe, peer);
    }
    this.#inward.attach(pipe, peer);
    return true;
  }

  identified(pipe: Pipe): boolean {
    const peer = this.#peers.get(pipe) as StreamPeer;
    if (peer.isClosedByUs) return false;
    // A connection that was made again: the one before ended.
    if (peer.isConnected) this.#tellDeparture(peer);
    const { isKnown, route } = peer;
    peer.isConnected = peer.isKnown = true;
    this.#table.restore(route);
    if (this.#host.options.notify) this.#notices.tellArrival(pipe, route, isKnown);
    if (this.#notices.isDue) this.#host.becameReadable();
    return true;
  }

  /** Told at once, not with the next connection. */
  lost(pipe: Pipe): void {
    this.detachWriter(pipe);
  }

  detachWriter(pipe: Pipe): void {
    const peer = this.#peers.get(pipe);
    if (peer === undefined) return;
    this.#table.remove(peer.route);
    if (!peer.isConnected) return;
    peer.isConnected = false;
    this.#tellDeparture(peer);
    // A send that waits for room in this pipe must learn that there will be none.
    this.#host.becameWritable();
  }

  detach(pipe: Pipe): void {
    const peer = this.#peers.get(pipe);
    if (peer === undefined) return;
    this.detachWriter(pipe);
    this.#inward.detach(pipe);
    this.#peers.delete(pipe);
    if (this.#notices.passed(pipe)) this.#host.becameReadable();
  }

  onReadable(pipe: Pipe): void {
    this.#inward.activate(pipe);
  }

  onWritable(): void {
    // A full peer is asked again by the send that waits for it.
  }

  send(message: Message): boolean {
    if (message.length !== 2) {
      throw new ZmqError(
        "EINVAL",
        `A STREAM message has two frames, the routing id and the octets, not ${message.length}.`,
      );
    }
    const id = message[0]!;
    const octets = message[1]!;
    const pipe = this.#table.find(id)?.pipe;
    if (pipe === undefined || pipe.isEnded || pipe.isClosed) {
      throw new ZmqError("EHOSTUNREACH", `No peer has the routing id ${hex(id.subarray(0, 32))}.`);
    }
    if (octets.length > 0) return pipe.tryWrite([octets], false);
    const peer = this.#peers.get(pipe) as StreamPeer;
    peer.isClosedByUs = true;
    this.#table.remove(peer.route);
    this.#host.disconnectPeer(pipe, "The application closed the connection.", false);
    return true;
  }

  receive(): Message | undefined {
    const notice = this.#notices.take();
    if (notice !== undefined) return [notice.label.id, notice.body];
    const chunk = this.#inward.receive();
    if (chunk === undefined) return undefined;
    const { route } = this.#inward.lastLabel as StreamPeer;
    if (this.#notices.areWaiting && this.#notices.received(route.pipe)) this.#host.becameReadable();
    return [route.id, chunk[0]!];
  }

  /** libzmq always says so; a full peer shows when it is sent to. */
  canSend(): boolean {
    return true;
  }

  canReceive(): boolean {
    return this.#notices.isDue || this.#inward.canReceive();
  }

  #tellDeparture({ route, isClosedByUs }: StreamPeer): void {
    if (!this.#host.options.notify || isClosedByUs) return;
    this.#notices.tellDeparture(route.pipe, route);
    if (this.#notices.isDue) this.#host.becameReadable();
  }
}
