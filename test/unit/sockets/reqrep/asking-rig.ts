// Requests played by hand, for the tests of patterns: no promises, no time.

import type { Message } from "../../../../src/base/message.ts";
import type { Pipe } from "../../../../src/pipe/pipe.ts";
import { type Asker, type AskingPattern, requestMessage } from "../../../../src/sockets/reqrep/asker.ts";
import { frames, texts } from "../rig.ts";

export class Ask implements Asker {
  message: Message;
  id: number;
  server: Pipe | null;
  reply: string[] | undefined;
  lostCount: number;
  readonly #pattern: AskingPattern;

  /** Opened, and not sent. */
  constructor(pattern: AskingPattern, ...body: string[]) {
    this.server = null;
    this.reply = undefined;
    this.lostCount = 0;
    this.#pattern = pattern;
    this.message = [];
    this.id = pattern.openRequest(this);
    this.message = requestMessage(this.id, frames(...body));
  }

  send(): boolean {
    return this.#pattern.sendRequest(this);
  }

  close(): void {
    this.#pattern.closeRequest(this.id);
  }

  onReply(reply: Message): void {
    this.reply = texts(reply);
  }

  onServerLost(): void {
    this.lostCount++;
  }
}

export function ask(pattern: AskingPattern, ...body: string[]): Ask {
  const asked = new Ask(pattern, ...body);
  asked.send();
  return asked;
}

/** The number as a frame of text. */
export function idText(id: number): string {
  return texts(requestMessage(id, frames("")))![0]!;
}
