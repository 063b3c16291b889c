import { copyFrame } from "../base/message.ts";
import type { PatternHost } from "../core/pattern.ts";
import type { Pipe } from "../pipe/pipe.ts";
import { Notices } from "./notices.ts";

/** Bits of `routerNotify`. */
const CAME = 1;
const LEFT = 2;

/**
 * `disconnectMessage`, and the notices of `routerNotify`: what the application is given when a peer came or left, as if that
 * peer had sent it first or last (libzmq behaviours B71, B47).
 *
 *     from one peer, in order:   notice   what it sent   what it sent   notice   disconnectMessage
 */
export class Partings<Label> extends Notices<Label> {
  readonly #host: PatternHost;
  /** Pipes of peers that we connected to, and whether a connection stands. */
  readonly #outgoing: Map<Pipe, boolean>;

  constructor(host: PatternHost) {
    super(host);
    this.#host = host;
    this.#outgoing = new Map();
  }

  /** A connection stands. What came over an earlier one of the same pipe may be unread. */
  came(pipe: Pipe, label: Label): void {
    const isAnother = this.#outgoing.has(pipe);
    if (pipe.peer.outgoing) this.#outgoing.set(pipe, true);
    if (this.#tells(CAME)) this.tellArrival(pipe, label, isAnother);
  }

  /** The connection behind a pipe broke, and the pipe stays. */
  lost(pipe: Pipe, label: Label): void {
    if (this.#outgoing.get(pipe) !== true) return;
    this.#outgoing.set(pipe, false);
    if (this.#tells(LEFT)) this.tellDeparture(pipe, label);
  }

  /** Nothing can be written to the pipe any more. Told only of peers that left by themselves. */
  left(pipe: Pipe, label: Label): void {
    const { outgoing } = pipe.peer;
    const stood = !outgoing || this.#outgoing.get(pipe) === true;
    this.#outgoing.delete(pipe);
    if (pipe.isClosed || !pipe.isEnded) return;
    if (stood && this.#tells(LEFT)) this.tellDeparture(pipe, label);
    const { disconnectMessage } = this.#host.options;
    // Each gets its own: the application may write to it.
    if (disconnectMessage !== null && !outgoing) this.tellWords(pipe, label, copyFrame(disconnectMessage));
  }

  override passed(pipe: Pipe): boolean {
    this.#outgoing.delete(pipe);
    return super.passed(pipe);
  }

  #tells(kind: number): boolean {
    return (this.#host.options.routerNotify & kind) !== 0;
  }
}
