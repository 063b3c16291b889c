import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { MessageLike } from "../../core/message-like.ts";
import type { RadioOptions, Settable } from "../../core/option-types.ts";
import type { WaitOptions } from "../../core/waiters.ts";
import { waitForSubscribers } from "../pubsub/topics.ts";
import { coreOf, installOptions, Socket } from "../socket.ts";
import type { GroupLike } from "./group.ts";
import { toGroup } from "./group.ts";
import type { LabelledWritable } from "./labelled.ts";
import { installLabelledWritable } from "./labelled.ts";
import { RadioPattern } from "./radio-pattern.ts";
import { singleFrame } from "./single-frame.ts";

/** Whom a message of a Radio is for. */
export interface GroupOptions {
  /** The group: text (UTF-8) or octets, 0 to 255 of them, none of them zero. Dishes that joined this very group get the message. */
  readonly group: GroupLike;
}

/**
 * 48/RADIO-DISH, RADIO: `send(message, { group })` reaches the dishes that joined the group, over tcp, ipc and inproc, or
 * whoever listens over udp. It never waits, but with `noDrop`: what a dish at its high-water mark misses is counted (`hwm`),
 * what nobody joined as well (`no-subscriber`). While it is connected over udp, group and message have 8191 octets at most,
 * or `send` is EMSGSIZE. Peers: Dish.
 */
export class Radio extends Socket {
  constructor(options?: Settable<RadioOptions> & { readonly context?: Context }) {
    super(SocketType.Radio, (host) => new RadioPattern(host), options);
  }

  /**
   * Resolves when at least `count` peers have joined a group, or with `group` this one: what is sent after that reaches them.
   * A udp endpoint counts from the start, for it takes part in all groups.
   */
  waitForSubscribers(count = 1, group?: GroupLike, options: WaitOptions = {}): Promise<void> {
    try {
      const octets = group === undefined ? undefined : toGroup(group);
      return waitForSubscribers(coreOf(this), count, octets, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

export interface Radio extends LabelledWritable<GroupOptions>, RadioOptions {}

installOptions(Radio, SocketType.Radio);
installLabelledWritable<GroupOptions>(Radio, (message, label): MessageLike => {
  return [toGroup(label?.group), singleFrame("RADIO", message)];
});
