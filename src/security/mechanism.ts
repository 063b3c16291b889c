import { keyBytes } from "../base/bytes.ts";
import { AuthError, ProtocolError } from "../base/errors.ts";
import type { SocketTypeName } from "../base/socket-type.ts";
import { parseError } from "../wire/command.ts";
import type { FrameSealer } from "../wire/encoder.ts";
import type { Metadata } from "../wire/metadata.ts";
import type { Verdict } from "./authenticator.ts";

/**
 * CONTRACT. A security mechanism turns a connection whose greetings agree into one whose peers know each other, and
 * may wrap all traffic after that. Sans-I/O; one object a connection.
 *
 * The engine asks `nextCommand` whenever it may send and gives each handshake command of the peer to `receive`. A
 * mechanism that waits for an answer from elsewhere (ZAP) has nothing to send meanwhile and calls `onProgress` when
 * that changed. When `isComplete` the engine checks the peer's socket type and opens traffic.
 */
export interface Mechanism {
  /** The name in the greeting, e.g. `NULL`. */
  readonly name: string;
  readonly asServer: boolean;
  /**
   * The body of the next handshake command, or `null` when it is the peer's (or an authenticator's) turn. Throws as
   * `receive` does where the authenticator did not let the peer in, after the last word to the peer was given.
   */
  nextCommand(): Uint8Array | null;
  /** A handshake command of the peer. Throws ProtocolError or AuthError; the engine then closes the connection. */
  receive(command: Uint8Array): void;
  /** The command of the peer that comes next, e.g. `WELCOME`; `null` while an authenticator is asked. */
  readonly awaited: string | null;
  /** Both sides are done. */
  readonly isComplete: boolean;
  /** The peer's properties; set once its READY or INITIATE came. */
  readonly peerProperties: Metadata;
  /** What an authenticator said of the peer; `null` if none was asked. */
  readonly verdict: Verdict | null;
  /** Told when the mechanism can go on after it waited. Set by the engine. */
  onProgress: (() => void) | null;
  /** The traffic codec once the mechanism is complete, or `null` when frames pass as they are. */
  readonly codec: TrafficCodec | null;
  /** The connection is over: keys are forgotten, and a question is withdrawn. Absent where there is neither. */
  close?(): void;
}

/** Wraps each frame of the traffic; `flags` are ZMTP's MORE and COMMAND, and travel inside. */
export interface TrafficCodec extends FrameSealer {
  /** What a sealed frame holds, in the memory of `sealed`; its flags are `openedFlags` then. Throws ProtocolError. */
  open(sealed: Uint8Array): Uint8Array;
  readonly openedFlags: number;
}

/** What a socket tells its peers about itself. */
export interface LocalIdentity {
  readonly socketTypeName: SocketTypeName;
  /** Empty if the socket has none. */
  readonly routingId: Uint8Array;
  /** REQ, DEALER and ROUTER announce an `Identity`, even an empty one. */
  readonly announcesIdentity: boolean;
  /** Of the application's own: `X-...`. */
  readonly properties?: readonly (readonly [name: string, value: Uint8Array])[];
}

/** The properties that every mechanism sends. 37/ZMTP, Connection Metadata. */
export function localProperties(identity: LocalIdentity): (readonly [string, Uint8Array])[] {
  const type = ["Socket-Type", keyBytes(identity.socketTypeName)] as const;
  const name = identity.announcesIdentity ? [["Identity", identity.routingId] as const] : [];
  return [type, ...name, ...(identity.properties ?? [])];
}

/** A peer's ERROR as the error that ends this connection. */
export function refusal(command: Uint8Array): AuthError | ProtocolError {
  const { status, reason } = parseError(command);
  if (status !== undefined)
    return new AuthError(status, `The peer refused this socket with status ${status}.`);
  const sentence = `The peer refused this socket: ${JSON.stringify(reason)}.`;
  return new ProtocolError("ERR_ZMTP_UNSPECIFIED", sentence, '37/ZMTP, The NULL Security Mechanism: "error"');
}
