import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { ChannelOptions, Settable } from "../../core/option-types.ts";
import type { Readable } from "../readable.ts";
import { installReadable } from "../readable.ts";
import { installOptions, Socket } from "../socket.ts";
import type { Writable } from "../writable.ts";
import { installWritable } from "../writable.ts";
import { ChannelPattern } from "./channel-pattern.ts";

/**
 * 52/CHANNEL, CHANNEL: one peer and no routing, as PAIR, with messages of one frame: more are EINVAL. A second peer is
 * refused. Peers: Channel.
 */
export class Channel extends Socket {
  constructor(options?: Settable<ChannelOptions> & { readonly context?: Context }) {
    super(SocketType.Channel, (host) => new ChannelPattern(host), options);
  }
}

export interface Channel extends Readable, Writable, ChannelOptions {}

installOptions(Channel, SocketType.Channel);
installReadable(Channel);
installWritable(Channel);
