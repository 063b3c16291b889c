import type { SocketType } from "../../base/socket-type.ts";
import type { SocketOptionValues } from "../../core/options.ts";
import type { ZapQuestion } from "../../core/zap-client.ts";
import type { DropReason } from "../../pipe/pipe.ts";
import type { PipeOffer } from "../pipe-thread.ts";
import type { ErrorData, EventData, OutcomeData, PeerData } from "./io-codec.ts";

/**
 * CONTRACT. Mail between a thread that has sockets and an I/O thread that has their links. A link is known by its number
 * in the thread of its socket, a pipe by its id. Mail is in order from one thread to another; messages take the pipes.
 *
 *     application                                 I/O thread
 *     IoThread.connect, .finish, ...   ---->      IoWorker.onConnect, .onFinish, ...
 *     RemoteLink.onEvent, .onEnded, ...  <----    IoHost.emit, .onLinkEnded, ...
 */
export const IO_TOPIC = "io";

/** What a thread waits for without its event loop, maybe in the midst of handling other mail. */
export const IO_ANSWER_TOPIC = "io-answer";

/** Between threads of the application: who makes the I/O threads is asked for them. */
export const IO_CREW_TOPIC = "io-crew";

/** A link that an I/O thread is to make. */
export interface LinkOrder {
  readonly link: number;
  readonly endpoint: string;
  /** What follows `://`. */
  readonly address: string;
  readonly scheme: string;
  readonly type: SocketType;
  readonly typeName: string;
  readonly options: SocketOptionValues;
}

/** What an I/O thread is asked to do. */
export type IoCall =
  /** With a pipe the peer has one at once, and it stays; else each connection brings one. */
  | { readonly call: "connect"; readonly order: LinkOrder; readonly offer: PipeOffer | null }
  | { readonly call: "listen"; readonly order: LinkOrder; readonly isSync: boolean }
  | { readonly call: "finish"; readonly link: number }
  | { readonly call: "abort"; readonly link: number; readonly reason: DropReason }
  | {
      readonly call: "breakConnection";
      readonly link: number;
      readonly pipe: string;
      readonly error: ErrorData;
    }
  | { readonly call: "endConnection"; readonly link: number; readonly pipe: string }
  /** The socket has heard of the peer that was `identified` in this turn. */
  | { readonly call: "confirm"; readonly link: number; readonly turn: number }
  /** The socket does not take that peer. */
  | {
      readonly call: "refuse";
      readonly link: number;
      readonly pipe: string;
      readonly turn: number;
      /** The peer's. */
      readonly address: string;
      readonly why: string;
    }
  /** What the authenticator said to the question of that number. */
  | {
      readonly call: "answer";
      readonly link: number;
      readonly question: number;
      readonly outcome: OutcomeData;
    }
  /** The thread, or with it the whole process, is at its end. */
  | { readonly call: "leave"; readonly isProcess: boolean };

/** What an I/O thread tells of one link; `lastError` where there is a new one. */
export type IoTold = { readonly link: number; readonly lastError?: ErrorData | undefined } & (
  | { readonly told: "event"; readonly event: EventData }
  | Bound
  /** A connection stands; without an offer it is on a pipe that there is already. */
  | {
      readonly told: "identified";
      readonly pipe: string;
      readonly offer: PipeOffer | null;
      readonly peer: PeerData;
      readonly turn: number;
    }
  /** A peer must be authenticated, which is done in the thread of its socket. */
  | { readonly told: "asked"; readonly question: number; readonly about: ZapQuestion }
  /** Nobody waits for the answer to the question of that number any more. */
  | { readonly told: "withdrawn"; readonly question: number }
  /** The connection broke; the pipe stays. */
  | { readonly told: "lost"; readonly pipe: string }
  /** Our end of the pipe is closed, and its counts are final. */
  | { readonly told: "retired"; readonly pipe: string }
  | { readonly told: "ended" }
);

interface Bound {
  readonly told: "bound";
  readonly endpoint: string;
  readonly error: ErrorData | null;
}

/** On `IO_ANSWER_TOPIC`. */
export type IoAnswer =
  | (Bound & { readonly link: number })
  /** What could be done before the end is done. */
  | { readonly told: "left" }
  /** For the person who runs the process. */
  | { readonly told: "warning"; readonly sentence: string; readonly code: string };

/** On `IO_CREW_TOPIC`. */
export type CrewMail =
  | { readonly told: "wanted" }
  /** There will be none. */
  | { readonly told: "unavailable"; readonly error: ErrorData };
