import type { Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { PatternHost } from "../../core/pattern.ts";
import { PairPattern } from "../pair-pattern.ts";
import { checkSingle, isSingle } from "./single-frame.ts";

/** 52/CHANNEL: exactly one peer, as PAIR, and messages of one frame. */
export class ChannelPattern extends PairPattern {
  readonly #host: PatternHost;

  constructor(host: PatternHost) {
    super(host, SocketType.Channel);
    this.#host = host;
  }

  override send(message: Message): boolean {
    checkSingle("CHANNEL", message);
    return super.send(message);
  }

  override receive(): Message | undefined {
    for (;;) {
      const message = super.receive();
      if (message === undefined || isSingle(message, this.#host, this.origin())) return message;
    }
  }
}
