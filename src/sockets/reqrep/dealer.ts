import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { DealerOptions, Settable } from "../../core/option-types.ts";
import type { Readable } from "../readable.ts";
import { installReadable } from "../readable.ts";
import { installOptions, Socket } from "../socket.ts";
import type { Writable } from "../writable.ts";
import { installWritable } from "../writable.ts";
import { DealerPattern } from "./dealer-pattern.ts";
import type { Requesting } from "./requesting.ts";
import { installRequesting } from "./requesting.ts";

/**
 * 28/REQREP, DEALER: sends to its peers in turn, receives from them in turn, and leaves envelopes to the application. Peers:
 * Reply, Dealer, Router.
 */
export class Dealer extends Socket {
  constructor(options?: Settable<DealerOptions> & { readonly context?: Context }) {
    super(SocketType.Dealer, (host) => new DealerPattern(host), options);
  }
}

export interface Dealer extends Readable, Writable, Requesting, DealerOptions {}

installOptions(Dealer, SocketType.Dealer);
installReadable(Dealer);
installWritable(Dealer);
installRequesting(Dealer);
