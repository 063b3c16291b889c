import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { PeerOptions, Settable } from "../../core/option-types.ts";
import { installOptions, Socket } from "../socket.ts";
import type { LabelledReadable, LabelledWritable } from "./labelled.ts";
import type { RoutingOptions } from "./routed.ts";
import { connectNumbered, disconnectNumbered, installRouted } from "./routed.ts";
import { ServerPattern } from "./server-pattern.ts";

/**
 * 51/P2P, PEER: as SERVER, among equals: each may speak first, to whomever it connected to or heard from. Messages have one
 * frame and go to one peer, `send(message, { routingId })`. Peers: Peer.
 */
export class Peer extends Socket {
  constructor(options?: Settable<PeerOptions> & { readonly context?: Context }) {
    super(SocketType.Peer, (host) => new ServerPattern(host, SocketType.Peer), options);
  }

  /**
   * Connects, and resolves with the routing id of the peer there, at once: what is sent to it waits for the connection. The
   * id stays when the connection is made again. Rejects where `connect` throws. libzmq: zmq_connect_peer.
   */
  async connectPeer(endpoint: string): Promise<number> {
    return connectNumbered(this, endpoint);
  }

  /**
   * Closes the connection of a peer; one that was connected from here is given up as by `disconnect`. EHOSTUNREACH if no peer
   * has that id. libzmq: zmq_disconnect_peer.
   */
  disconnectPeer(routingId: number): void {
    disconnectNumbered(this, "PEER", routingId);
  }
}

export interface Peer
  extends LabelledReadable<RoutingOptions>,
    LabelledWritable<RoutingOptions>,
    PeerOptions {}

installOptions(Peer, SocketType.Peer);
installRouted(Peer, "PEER");
