import type { Message } from "../base/message.ts";
import { copyFrame } from "../base/message.ts";
import { platform } from "../base/platform.ts";
import type { Run } from "../base/run.ts";
import { FrameEncoder } from "../wire/encoder.ts";
import { BATCH_SIZE } from "../wire/frame.ts";
import { NO_METADATA } from "../wire/metadata.ts";
import type { Engine, EngineSink } from "./engine.ts";

/** The most octets that a STREAM socket gives in one chunk (libzmq: its input batch). */
const CHUNK_SIZE_MAX = 8192;

/** A STREAM socket's connection: no protocol at all. Each chunk of octets is a message of one frame. */
export class RawEngine implements Engine {
  readonly #sink: EngineSink;
  readonly #encoder: FrameEncoder;
  #rest: Uint8Array | null;
  #restAt: number;
  #isStopped: boolean;
  #isClosed: boolean;

  constructor(sink: EngineSink) {
    this.#sink = sink;
    this.#encoder = new FrameEncoder();
    this.#rest = null;
    this.#restAt = 0;
    this.#isStopped = false;
    this.#isClosed = false;
  }

  /** A raw connection is ready as soon as it stands. */
  start(_now: number): void {
    this.#sink.onReady({ socketTypeName: undefined, routingId: new Uint8Array(0), properties: NO_METADATA });
  }

  get isStopped(): boolean {
    return this.#isStopped && !this.#isClosed;
  }

  get isInMessage(): boolean {
    return false;
  }

  /** Its octets have no frames. */
  get sendsRuns(): boolean {
    return false;
  }

  sendRun(_run: Run): boolean {
    throw new Error("a STREAM's octets come in no runs");
  }

  get outputSize(): number {
    return this.#encoder.pendingSize;
  }

  get outputMessageCount(): number {
    return this.#encoder.pendingMessageCount;
  }

  /** The application gets what comes as it comes: there is nothing to gather. */
  get target(): null {
    return null;
  }

  receive(chunk: Uint8Array, _now: number, isLent = false): void {
    this.#deliver(isLent ? copyFrame(chunk) : chunk, 0);
  }

  receiveTarget(): void {
    throw new Error("A raw engine has no target.");
  }

  resume(_now: number): void {
    this.#isStopped = false;
    const rest = this.#rest;
    this.#rest = null;
    if (rest !== null) this.#deliver(rest, this.#restAt);
  }

  send(message: Message, _isShared = false): boolean {
    for (const frame of message) this.#encoder.encodeRaw(frame);
    this.#encoder.countMessage();
    return this.#encoder.pendingSize >= BATCH_SIZE;
  }

  takeOutput(): Uint8Array[] {
    return this.#encoder.take();
  }

  recycleOutput(): void {
    this.#encoder.recycle();
  }

  nextDeadline(): number {
    return Number.POSITIVE_INFINITY;
  }

  handleDeadline(_now: number, _isReading: boolean): void {
    // A raw connection has no deadlines.
  }

  close(): void {
    this.#rest = null;
    this.#isClosed = true;
  }

  #deliver(chunk: Uint8Array, start: number): void {
    // The sink may close the engine in the midst of a chunk: the rest is nobody's.
    for (let at = start; at < chunk.length && !this.#isClosed; at += CHUNK_SIZE_MAX) {
      const size = Math.min(CHUNK_SIZE_MAX, chunk.length - at);
      const piece = size === chunk.length ? chunk : platform.view(chunk.buffer, chunk.byteOffset + at, size);
      if (this.#sink.onMessage([piece])) continue;
      this.#rest = chunk;
      this.#restAt = at;
      this.#isStopped = true;
      return;
    }
  }
}
