import { SocketType } from "../base/socket-type.ts";
import type { Context } from "../core/context.ts";
import type { PairOptions, Settable } from "../core/option-types.ts";
import { PairPattern } from "./pair-pattern.ts";
import type { Readable } from "./readable.ts";
import { installReadable } from "./readable.ts";
import { installOptions, Socket } from "./socket.ts";
import type { Writable } from "./writable.ts";
import { installWritable } from "./writable.ts";

/** 31/EXPAIR, PAIR: one peer and no routing; a second peer is refused. Peers: Pair. */
export class Pair extends Socket {
  constructor(options?: Settable<PairOptions> & { readonly context?: Context }) {
    super(SocketType.Pair, (host) => new PairPattern(host), options);
  }
}

export interface Pair extends Readable, Writable, PairOptions {}

installOptions(Pair, SocketType.Pair);
installReadable(Pair);
installWritable(Pair);
