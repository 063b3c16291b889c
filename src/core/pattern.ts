import type { Message } from "../base/message.ts";
import type { SocketType } from "../base/socket-type.ts";
import type { DropReason, Pipe } from "../pipe/pipe.ts";
import type { SocketOptionValues } from "./options.ts";

/**
 * CONTRACT. A pattern is what makes a socket type: which pipe a message goes to and which pipe the next one comes
 * from. It is composed of the parts in `routing/` and knows neither transports nor promises.
 *
 * - The socket calls; the pattern never calls the socket except through `PatternHost`.
 * - `send` and `receive` never block: they answer `false` and `undefined`. The socket keeps those that wait, and tries
 *   again after `onWritable`, `onReadable`, `attach` and `identified`.
 * - A message that a pattern must drop by its rules (no subscriber, unroutable, reply to nobody) is counted through
 *   `host.countDrop` or `pipe.countDrop`, and counts as sent.
 * - State errors (EFSM, EHOSTUNREACH) are thrown as ZmqError and change nothing.
 */
export interface Pattern {
  readonly type: SocketType;
  /** A pipe to a peer, from `connect` on or after an accepted peer's handshake. `false` refuses the peer. */
  attach(pipe: Pipe): boolean;
  /**
   * The peer behind an attached pipe is reachable and `pipe.peer` complete: once for an accepted or inproc peer, at
   * every (re)connection for a connected one. Subscriptions are sent from here. `false` refuses the peer.
   */
  identified(pipe: Pipe): boolean;
  /** The connection behind an outgoing pipe broke; the pipe stays, and `identified` follows with the next one. */
  lost?(pipe: Pipe): void;
  /** Nothing can be written to the pipe any more; it stays readable until `detach`. */
  detachWriter(pipe: Pipe): void;
  /** The pipe is gone. */
  detach(pipe: Pipe): void;
  onReadable(pipe: Pipe): void;
  onWritable(pipe: Pipe): void;
  /** Sends the whole message, or answers `false` when the socket must wait. The frames are lent for the call. */
  send(message: Message): boolean;
  /** The next message for the application. */
  receive(): Message | undefined;
  /** Several messages at once where that needs no look at each; `undefined`: ask one by one with `receive`. */
  receiveMany?(countMax: number): Message[] | undefined;
  /** The pipe of the message that `receive` gave last, though it may have ended since; `null`: of none. */
  origin?(): Pipe | null;
  /** Whether `send` could succeed now. */
  canSend(): boolean;
  /** Whether `receive` would give a message now. */
  canReceive(): boolean;
  /**
   * Names the peer of a pipe before `attach` (ROUTER, STREAM): `connect(endpoint, { routingId })`. The peer can be sent to
   * from `attach` on, and what it announces is ignored. Throws EINVAL or EADDRINUSE.
   */
  assignRoutingId?(pipe: Pipe, id: Uint8Array): void;
  /** The name under which an attached peer can be sent to (ROUTER, STREAM). */
  routingIdOf?(pipe: Pipe): Uint8Array | undefined;
  /** Why the last `attach` or `identified` answered `false`: a sentence for the event. */
  readonly refusal?: string;
  /** An option of this type changed. */
  optionChanged?(name: string): void;
  /** What there is to know of the type's state: for the solver, never on a hot path. */
  facts?(): PatternFacts;
  /** The same of one peer. */
  peerFacts?(pipe: Pipe): PatternFacts;
}

/** Numbers and names by name, as plain data. */
export type PatternFacts = Readonly<Record<string, number | string | boolean | null>>;

/** What a pattern may ask of its socket. */
export interface PatternHost {
  readonly options: SocketOptionValues;
  /** Counts a message that no pipe took: `no-subscriber`, `unroutable`, `protocol`. `id`: whom it was for, or its topic. */
  countDrop(reason: DropReason, id?: Uint8Array): void;
  /** Counts a received message that the pattern must discard. */
  countReceivedDrop(pipe: Pipe, reason: DropReason): void;
  /** Closes the peer's connection (handover, broken envelope). An outgoing connection is made again later if `reconnect`. */
  disconnectPeer(pipe: Pipe, why: string, reconnect: boolean): void;
  /** So many peers have a subscription now; `pipe` is one that has its first. */
  subscribersChanged(count: number, pipe: Pipe | null): void;
  /** A call came out of step and is refused (EFSM). */
  noteOutOfStep(): void;
  /** A message can be received that did not come out of a pipe (XPUB: a peer left and its topics ended). */
  becameReadable(): void;
  /** What the socket waited for may be possible now (REQ: the reply came, a request may start). */
  becameWritable(): void;
}
