import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { GatherOptions, Settable } from "../../core/option-types.ts";
import type { Readable } from "../readable.ts";
import { installReadable } from "../readable.ts";
import { installOptions, Socket } from "../socket.ts";
import { GatherPattern } from "./gather-pattern.ts";

/**
 * 49/SCATTERGATHER, GATHER: receives from its peers in turn, as PULL, messages of one frame; others are dropped and counted
 * as `protocol`. Peers: Scatter.
 */
export class Gather extends Socket {
  constructor(options?: Settable<GatherOptions> & { readonly context?: Context }) {
    super(SocketType.Gather, (host) => new GatherPattern(host), options);
  }
}

export interface Gather extends Readable, GatherOptions {}

installOptions(Gather, SocketType.Gather);
installReadable(Gather);
