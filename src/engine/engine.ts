import type { AuthError, ProtocolError, ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import type { Run } from "../base/run.ts";
import type { SocketTypeName } from "../base/socket-type.ts";
import type { Verdict } from "../security/authenticator.ts";
import type { Metadata } from "../wire/metadata.ts";

/**
 * CONTRACT. An engine is the protocol of one connection: octets in, octets out, messages in, messages out. It knows no
 * sockets, timers or promises; time is an argument in monotonic milliseconds.
 *
 * After each call the owner looks whether there is output (`outputSize`), takes it when the stream has room, and arms
 * one timer for `nextDeadline`. The engine tells its sink what happened, synchronously, out of those calls.
 */
export interface Engine {
  /** Octets of the peer. The chunk belongs to the engine from now on, unless it `isLent`: then only for the call. */
  receive(chunk: Uint8Array, now: number, isLent?: boolean): void;
  /** Memory where the next octets are best read into, or `null`. Good until the next call that brings octets. */
  readonly target: Uint8Array | null;
  /** `count` octets of the peer were read into the start of `target`. */
  receiveTarget(count: number, now: number): void;
  /** The sink takes messages again after it answered `false`, or there was `onProgress`. */
  resume(now: number): void;
  /** True while the sink's `false` stands: the owner stops reading the stream, and gives no octets before `resume`. */
  readonly isStopped: boolean;
  /**
   * Encodes a message. Only between `onReady` and the end. `isShared`: other engines get this very message too. Answers
   * whether the output is worth a system call of its own by now.
   */
  send(message: Message, isShared?: boolean): boolean;
  /** Whether `sendRun` may be called. */
  readonly sendsRuns: boolean;
  /** As `send` of each message of the run. */
  sendRun(run: Run): boolean;
  readonly outputSize: number;
  /** Messages within the output. */
  readonly outputMessageCount: number;
  /** All output, in order. */
  takeOutput(): Uint8Array[];
  /** All output that was taken is written and its memory free again. */
  recycleOutput(): void;
  /** When `handleDeadline` wants to be called; Infinity for never. */
  nextDeadline(): number;
  /** `isReading` is false while the owner itself does not read: silence is then no sign of death. */
  handleDeadline(now: number, isReading: boolean): void;
  /** Whether a message has begun whose end has not come. */
  readonly isInMessage: boolean;
  /** What is to be told of the stream's end, `cause`: more than that where it came during a handshake. Absent: nothing more. */
  describeEnd?(cause: ZmqError | null): ZmqError | null;
  /** The connection is over; releases everything. The sink hears nothing more, also when it is its own doing. */
  close(): void;
}

export interface EngineSink {
  /** The handshake succeeded; messages may flow. */
  onReady(peer: EnginePeer): void;
  /** A whole message. `false`: not taken, stop; the engine offers it again after `resume`. */
  onMessage(message: Message): boolean;
  /** How many messages `onRun` takes now; 0 while it takes none. */
  readonly onRunMax: number;
  /** As `onMessage` of each of `count` messages, which lie in `octets` as on the wire; good for the call. */
  onRun(octets: Uint8Array, from: number, to: number, count: number): void;
  /** The mechanism has the answer from elsewhere that it waited for: the owner calls `resume` when it can. */
  onProgress?(): void;
  /** The connection must end. What is in the output may still be written before. */
  onFailed(failure: EngineFailure): void;
}

/** What the handshake told of the peer. */
export interface EnginePeer {
  readonly socketTypeName: string | undefined;
  readonly routingId: Uint8Array;
  readonly properties: Metadata;
  /** What an authenticator said; absent where none was asked. */
  readonly verdict?: Verdict | null;
}

export interface EngineFailure {
  /** `protocol`: the peer broke the rules. `auth`: refused. `timeout`: silent. `unknown`: nobody could authenticate it. */
  readonly kind: "protocol" | "auth" | "timeout" | "unknown";
  /** Whether the handshake had succeeded. */
  readonly wasReady: boolean;
  readonly error: ProtocolError | AuthError | ZmqError;
}

/** Everything an engine needs to know; sizes in octets, times in milliseconds. */
export interface EngineOptions {
  readonly socketTypeName: SocketTypeName;
  readonly routingId: Uint8Array;
  /** The first message of the traffic, which counts nowhere; absent or `null`: none. */
  readonly helloMessage?: Uint8Array | null;
  /** Largest frame of a message; -1 for none (libzmq's maxMessageSize is per frame). */
  readonly maxMessageSize: number;
  /** Largest message, all frames together; -1 for none. */
  readonly maxMultipartSize: number;
  readonly maxFramesPerMessage: number;
  readonly maxCommandSize: number;
  /** Most octets of greeting and handshake together. */
  readonly maxHandshakeSize: number;
  /** 0: no limit. */
  readonly handshakeIntervalMs: number;
  /** 0: no PING. */
  readonly heartbeatIntervalMs: number;
  /** -1: the interval; 0: never give up. */
  readonly heartbeatTimeoutMs: number;
  /** Asked of the peer in each PING; 0: nothing asked. */
  readonly heartbeatTtlMs: number;
}
