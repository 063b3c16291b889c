import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { ReplyOptions, Settable } from "../../core/option-types.ts";
import type { Readable } from "../readable.ts";
import { installReadable } from "../readable.ts";
import { installOptions, Socket } from "../socket.ts";
import type { Writable } from "../writable.ts";
import { installWritable } from "../writable.ts";
import { RepPattern } from "./rep-pattern.ts";

/**
 * 28/REQREP, REP: receives a request, sends the reply back to where it came from, in strict turns. Peers: Request, Dealer.
 */
export class Reply extends Socket {
  constructor(options?: Settable<ReplyOptions> & { readonly context?: Context }) {
    super(SocketType.Reply, (host) => new RepPattern(host), options);
  }
}

export interface Reply extends Readable, Writable, ReplyOptions {}

installOptions(Reply, SocketType.Reply);
installReadable(Reply);
installWritable(Reply);
