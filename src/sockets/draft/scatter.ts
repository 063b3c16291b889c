import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { ScatterOptions, Settable } from "../../core/option-types.ts";
import { installOptions, Socket } from "../socket.ts";
import type { Writable } from "../writable.ts";
import { installWritable } from "../writable.ts";
import { ScatterPattern } from "./scatter-pattern.ts";

/**
 * 49/SCATTERGATHER, SCATTER: sends each message to one of its peers, in turn, past those that are full, as PUSH, with
 * messages of one frame: more are EINVAL. With no peer, or all full, `send` waits. Peers: Gather.
 */
export class Scatter extends Socket {
  constructor(options?: Settable<ScatterOptions> & { readonly context?: Context }) {
    super(SocketType.Scatter, (host) => new ScatterPattern(host), options);
  }
}

export interface Scatter extends Writable, ScatterOptions {}

installOptions(Scatter, SocketType.Scatter);
installWritable(Scatter);
