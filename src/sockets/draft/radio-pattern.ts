import { ZmqError } from "../../base/errors.ts";
import type { Frame, Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import { DATAGRAM_SIZE_MAX } from "../../core/datagram.ts";
import type { PatternHost } from "../../core/pattern.ts";
import { PubPattern } from "../pubsub/pub-pattern.ts";
import { checkGroup } from "./group.ts";

/**
 * 48/RADIO-DISH, "The RADIO Socket Type": a PUB that sends each message, `[group, body]`, to the dishes that joined its very
 * group and to every udp endpoint. What a dish wants comes as `01 group` and `00 group`.
 */
export class RadioPattern extends PubPattern {
  constructor(host: PatternHost) {
    super(host, SocketType.Radio);
  }

  override send(message: Message): boolean {
    if (message.length !== 2) {
      throw new ZmqError(
        "EINVAL",
        `A RADIO message is a group and one frame, not ${message.length} frames.`,
        {
          remedy: "Send with a Radio, send(message, { group }); a proxy hands it [group, body] alone.",
        },
      );
    }
    const [group, body] = message as [Frame, Frame];
    checkGroup(group);
    const size = 1 + group.length + body.length;
    if (size > DATAGRAM_SIZE_MAX && this.hasUnasked) {
      throw new ZmqError(
        "EMSGSIZE",
        `A message of ${body.length} octets does not fit into a datagram, and this Radio is connected over udp.`,
        {
          remedy: `Over udp a message and its group have ${DATAGRAM_SIZE_MAX - 1} octets at most; send larger ones with a Radio of its own over tcp.`,
        },
      );
    }
    return super.send(message);
  }
}
