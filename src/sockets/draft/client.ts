import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { ClientOptions, Settable } from "../../core/option-types.ts";
import type { Readable } from "../readable.ts";
import { installReadable } from "../readable.ts";
import { installOptions, Socket } from "../socket.ts";
import type { Writable } from "../writable.ts";
import { installWritable } from "../writable.ts";
import { ClientPattern } from "./client-pattern.ts";

/**
 * 41/CLIENTSERVER, CLIENT: sends to its peers in turn and receives from them in turn, as DEALER, with messages of one frame:
 * more are EINVAL. Peers: Server.
 */
export class Client extends Socket {
  constructor(options?: Settable<ClientOptions> & { readonly context?: Context }) {
    super(SocketType.Client, (host) => new ClientPattern(host), options);
  }
}

export interface Client extends Readable, Writable, ClientOptions {}

installOptions(Client, SocketType.Client);
installReadable(Client);
installWritable(Client);
