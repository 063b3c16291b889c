import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { PullOptions, Settable } from "../../core/option-types.ts";
import type { Readable } from "../readable.ts";
import { installReadable } from "../readable.ts";
import { installOptions, Socket } from "../socket.ts";
import { PullPattern } from "./pull-pattern.ts";

/** 30/PIPELINE, PULL: receives from its peers in turn. Peers: Push. */
export class Pull extends Socket {
  constructor(options?: Settable<PullOptions> & { readonly context?: Context }) {
    super(SocketType.Pull, (host) => new PullPattern(host), options);
  }
}

export interface Pull extends Readable, PullOptions {}

installOptions(Pull, SocketType.Pull);
installReadable(Pull);
