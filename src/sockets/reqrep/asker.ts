import { readU32, writeU32 } from "../../base/bytes.ts";
import type { Message } from "../../base/message.ts";
import { platform } from "../../base/platform.ts";
import type { Pattern } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { emptyFrame, withFrame } from "../envelope.ts";

export const REQUEST_ID_SIZE = 4;

/** One `request()` under way, as a pattern sees it: where it went, and whom its reply is for. No promises, no time. */
export interface Asker {
  /** As it goes out, each time: see `requestMessage`. */
  readonly message: Message;
  /** Where it went last; `null` before, and once that peer is lost. */
  server: Pipe | null;
  /** The frames of the application. The request is over. */
  onReply(reply: Message): void;
  /** The connection to the server broke, and the request or its reply with it. */
  onServerLost(): void;
}

/** A pattern that can find the reply to each of its requests. */
export interface AskingPattern extends Pattern {
  /** Told when a request that could not be sent may be tried again. */
  onRequestRoom: (() => void) | null;
  /** From now on its reply is looked for: under the number that this gives. Throws EFSM. */
  openRequest(asker: Asker): number;
  /** Sends it to a reachable peer, another one than before if there is one, or answers `false`: `onRequestRoom` follows. */
  sendRequest(asker: Asker): boolean;
  /** The request is given up: its replies, if they come yet, are dropped. */
  closeRequest(id: number): void;
  /** Received messages that are no replies and wait for `receive`: while they are too many nothing more is read. */
  readonly heldBackCount: number;
  /** The socket closes. */
  shutRequests(): void;
}

/** What goes out: `[number] [] [frames of the application ...]`. Every REP, and every ROUTER that keeps envelopes, echoes the first two. */
export function requestMessage(id: number, body: Message): Message {
  const number = platform.allocate(REQUEST_ID_SIZE);
  writeU32(number, 0, id);
  return withFrame(number, withFrame(emptyFrame(), body));
}

/** The number that a message may be a reply to; -1: it has not the form of one. */
export function replyId(message: Message): number {
  if (message.length < 3 || message[0]!.length !== REQUEST_ID_SIZE || message[1]!.length !== 0) return -1;
  return readU32(message[0]!, 0);
}
