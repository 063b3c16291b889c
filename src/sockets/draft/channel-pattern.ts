import type { Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { PairPattern } from "../pair-pattern.ts";
import { checkSingle } from "./single-frame.ts";

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

  /** 52/CHANNEL: it "MUST discard any part of a multipart message". */
  override receive(): Message | undefined {
    for (;;) {
      const message = super.receive();
      if (message === undefined || message.length === 1) return message;
      this.#host.countReceivedDrop(this.origin() as Pipe, "protocol");
    }
  }
}
