import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { ServerOptions, Settable } from "../../core/option-types.ts";
import { installOptions, Socket } from "../socket.ts";
import type { LabelledReadable, LabelledWritable } from "./labelled.ts";
import type { RoutingOptions } from "./routed.ts";
import { disconnectNumbered, installRouted } from "./routed.ts";
import { ServerPattern } from "./server-pattern.ts";

/**
 * 41/CLIENTSERVER, SERVER: `receive` gives `[message, { routingId }]`, and `send(message, { routingId })` answers that very
 * client: as ROUTER, with messages of one frame and numbers in place of names. A peer that is not there is EHOSTUNREACH, and
 * for one that is full `send` waits. Peers: Client.
 */
export class Server extends Socket {
  constructor(options?: Settable<ServerOptions> & { readonly context?: Context }) {
    super(SocketType.Server, (host) => new ServerPattern(host, SocketType.Server), options);
  }

  /**
   * Closes the connection of a client, which may connect again and has another routing id then. What it sent before can
   * still be received. EHOSTUNREACH if no peer has that id. libzmq: zmq_disconnect_peer.
   */
  disconnectPeer(routingId: number): void {
    disconnectNumbered(this, "SERVER", routingId);
  }
}

export interface Server
  extends LabelledReadable<RoutingOptions>,
    LabelledWritable<RoutingOptions>,
    ServerOptions {}

installOptions(Server, SocketType.Server);
installRouted(Server, "SERVER");
