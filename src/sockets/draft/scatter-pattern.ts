import type { Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { PatternHost } from "../../core/pattern.ts";
import { PushPattern } from "../pipeline/push-pattern.ts";
import { checkSingle } from "./single-frame.ts";

/** 49/SCATTERGATHER, "The SCATTER Socket Type": a PUSH whose messages have one frame. */
export class ScatterPattern extends PushPattern {
  constructor(host: PatternHost) {
    super(host, SocketType.Scatter);
  }

  override send(message: Message): boolean {
    checkSingle("SCATTER", message);
    return super.send(message);
  }
}
