import { ZmqError } from "../../base/errors.ts";
import type { Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { PatternHost } from "../../core/pattern.ts";
import type { DropReason } from "../../pipe/pipe.ts";
import { GroupSet } from "../../routing/group-set.ts";
import { SubPattern } from "../pubsub/sub-pattern.ts";

/**
 * 48/RADIO-DISH, "The DISH Socket Type": a SUB that receives `[group, body]` of the groups that it has joined.
 */
export class DishPattern extends SubPattern {
  readonly #groups: GroupSet;

  constructor(host: PatternHost) {
    const groups = new GroupSet();
    super(host, SocketType.Dish, groups);
    this.#groups = groups;
  }

  hasJoined(group: Uint8Array): boolean {
    return this.#groups.has(group);
  }

  /** The caller has made sure that it is new. */
  join(group: Uint8Array): void {
    this.subscribe(group);
  }

  /** The caller has made sure that it is there. */
  leave(group: Uint8Array): void {
    this.unsubscribe(group);
  }

  override send(): boolean {
    throw new ZmqError("ENOTSUP", "A DISH socket does not send.", {
      remedy: "Answer radios on a socket of another type.",
    });
  }

  /**
   * A radio may send what was for a group when it was joined and is not any more; and over udp whatever it has to say. What
   * is no group and one frame behind it is not ours to make sense of (libzmq behaviour B120).
   */
  override dropReason(message: Message): DropReason | null {
    return message.length === 2 ? super.dropReason(message) : "protocol";
  }
}
