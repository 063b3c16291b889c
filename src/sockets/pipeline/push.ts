import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { PushOptions, Settable } from "../../core/option-types.ts";
import { installOptions, Socket } from "../socket.ts";
import type { Writable } from "../writable.ts";
import { installWritable } from "../writable.ts";
import { PushPattern } from "./push-pattern.ts";

/**
 * 30/PIPELINE, PUSH: sends each message to one of its peers, in turn, past those that are full. With no peer, or all full,
 * `send` waits. Peers: Pull.
 */
export class Push extends Socket {
  constructor(options?: Settable<PushOptions> & { readonly context?: Context }) {
    super(SocketType.Push, (host) => new PushPattern(host), options);
  }
}

export interface Push extends Writable, PushOptions {}

installOptions(Push, SocketType.Push);
installWritable(Push);
