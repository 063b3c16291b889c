import { SocketType } from "../base/socket-type.ts";
import type { Context } from "../core/context.ts";
import type { Settable, StreamOptions } from "../core/option-types.ts";
import type { ConnectOptions } from "./connect-named.ts";
import { connectNamed } from "./connect-named.ts";
import type { Readable } from "./readable.ts";
import { installReadable } from "./readable.ts";
import { installOptions, Socket } from "./socket.ts";
import { StreamPattern } from "./stream-pattern.ts";
import type { Writable } from "./writable.ts";
import { installWritable } from "./writable.ts";

/**
 * STREAM: raw TCP. Messages are `[routing id, octets]`; empty octets tell of a connect or disconnect, and sent, close the
 * connection.
 */
export class Stream extends Socket {
  constructor(options?: Settable<StreamOptions> & { readonly context?: Context }) {
    super(SocketType.Stream, (host) => new StreamPattern(host), options);
  }

  /**
   * Connects; `routingId` names the peer at once, so that messages can be sent to it before it is connected, whatever it
   * announces itself. EADDRINUSE when another peer has that id. libzmq: ZMQ_CONNECT_ROUTING_ID.
   */
  override connect(endpoint: string, options: ConnectOptions = {}): void {
    connectNamed(this, endpoint, options);
  }
}

export interface Stream extends Readable, Writable, StreamOptions {}

installOptions(Stream, SocketType.Stream);
installReadable(Stream);
installWritable(Stream);
