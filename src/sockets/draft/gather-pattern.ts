import type { Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { PatternHost } from "../../core/pattern.ts";
import { PullPattern } from "../pipeline/pull-pattern.ts";
import { isSingle } from "./single-frame.ts";

/** 49/SCATTERGATHER, "The GATHER Socket Type": a PULL whose messages have one frame. */
export class GatherPattern extends PullPattern {
  readonly #host: PatternHost;

  constructor(host: PatternHost) {
    super(host, SocketType.Gather);
    this.#host = host;
  }

  override receive(): Message | undefined {
    for (;;) {
      const message = super.receive();
      if (message === undefined || isSingle(message, this.#host, this.origin())) return message;
    }
  }

  override receiveMany(countMax: number): Message[] | undefined {
    for (;;) {
      const messages = super.receiveMany(countMax);
      const singles = messages?.filter((message) => isSingle(message, this.#host, this.origin()));
      if (singles === undefined || singles.length > 0) return singles;
    }
  }
}
