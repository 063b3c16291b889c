import { bytesKey } from "../../base/bytes.ts";
import { ZmqError } from "../../base/errors.ts";
import type { Frame, Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { DishOptions, Settable } from "../../core/option-types.ts";
import { coreOf, installOptions, Socket } from "../socket.ts";
import { DishPattern } from "./dish-pattern.ts";
import type { GroupLike } from "./group.ts";
import { keepGroup, showGroup } from "./group.ts";
import type { LabelledMessage, LabelledReadable } from "./labelled.ts";
import { installLabelledReadable } from "./labelled.ts";

/** What goes with a message that a Dish received. */
export interface ReceivedGroup {
  /** The group that the message was sent to. */
  readonly group: Buffer;
}

/**
 * 48/RADIO-DISH, DISH: `receive` gives `[message, { group }]` of what its radios send to the groups that it joined. Over udp
 * it binds; what comes there while its queue is full is dropped and counted (`hwm`). Peers: Radio.
 */
export class Dish extends Socket {
  constructor(options?: Settable<DishOptions> & { readonly context?: Context }) {
    super(SocketType.Dish, (host) => new DishPattern(host), options);
  }

  /**
   * Joins groups, before or after connecting; all or none of them. EINVAL for a group that is joined already, of more than
   * 255 octets, or with a zero octet.
   */
  join(...groups: readonly GroupLike[]): void {
    const pattern = patternOf(this);
    const checked = check(groups, (group) => !pattern.hasJoined(group), "has joined the group", "already");
    for (const group of checked) pattern.join(group);
  }

  /** Leaves groups; all or none of them. EINVAL for a group that is not joined. */
  leave(...groups: readonly GroupLike[]): void {
    const pattern = patternOf(this);
    const checked = check(groups, (group) => pattern.hasJoined(group), "has not joined the group", "");
    for (const group of checked) pattern.leave(group);
  }
}

export interface Dish extends LabelledReadable<ReceivedGroup>, DishOptions {}

installOptions(Dish, SocketType.Dish);
installLabelledReadable<ReceivedGroup>(Dish, groupMessage);

/** [group] [body] becomes [body] [label] in place. */
function groupMessage(message: Message): LabelledMessage<ReceivedGroup> {
  const [group, body] = message as [Frame, Frame];
  const labelled = message as unknown as [unknown, unknown];
  labelled[0] = body;
  labelled[1] = { group };
  return labelled as LabelledMessage<ReceivedGroup>;
}

function patternOf(dish: Dish): DishPattern {
  const core = coreOf(dish);
  core.checkOpen();
  return core.pattern as DishPattern;
}

/** The groups as octets, each named once and all of them as they must be. */
function check(
  groups: readonly GroupLike[],
  isRight: (group: Uint8Array) => boolean,
  before: string,
  behind: string,
): Uint8Array[] {
  const checked = new Map<string, Uint8Array>();
  for (const group of groups) {
    const octets = keepGroup(group);
    const key = bytesKey(octets);
    if (!isRight(octets) || checked.has(key)) {
      const why = checked.has(key) ? "is told twice in one call of the group" : before;
      throw new ZmqError("EINVAL", `The DISH ${why} ${showGroup(octets)} ${behind}`.trimEnd().concat("."), {
        remedy: "A group is joined once and left once, however many radios there are.",
      });
    }
    checked.set(key, octets);
  }
  return [...checked.values()];
}
