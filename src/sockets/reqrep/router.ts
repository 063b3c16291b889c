import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { RouterOptions, Settable } from "../../core/option-types.ts";
import type { ConnectOptions } from "../connect-named.ts";
import { connectNamed } from "../connect-named.ts";
import type { Readable } from "../readable.ts";
import { installReadable } from "../readable.ts";
import { installOptions, Socket } from "../socket.ts";
import type { Writable } from "../writable.ts";
import { installWritable } from "../writable.ts";
import { RouterPattern } from "./router-pattern.ts";

/**
 * 28/REQREP, ROUTER: the first frame of each message is the routing id of its peer, received and sent. Peers: Request, Dealer,
 * Router.
 */
export class Router extends Socket {
  constructor(options?: Settable<RouterOptions> & { readonly context?: Context }) {
    super(SocketType.Router, (host) => new RouterPattern(host), options);
  }

  /**
   * Connects; `routingId` names the peer at once, so that messages can be sent to it before it is connected, whatever it
   * announces itself. EADDRINUSE when another peer has that id. libzmq: ZMQ_CONNECT_ROUTING_ID.
   */
  override connect(endpoint: string, options: ConnectOptions = {}): void {
    connectNamed(this, endpoint, options);
  }
}

export interface Router extends Readable, Writable, RouterOptions {}

installOptions(Router, SocketType.Router);
installReadable(Router);
installWritable(Router);
