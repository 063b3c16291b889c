import type { SocketTypeName } from "../../src/base/socket-type.ts";
import { mayMeet } from "../../src/wire/compatibility.ts";
import { decodeNaively } from "./naive-decoder.ts";

export interface SessionLimits {
  readonly maxMessageSize: number;
  readonly maxMultipartSize: number;
  readonly maxFramesPerMessage: number;
  readonly maxCommandSize: number;
}

export interface NaiveSession {
  readonly isReady: boolean;
  /** Frames joined by `|`. */
  readonly messages: string[];
  /** Whether the session ends in a failure. */
  readonly hasFailed: boolean;
}

const LEGAL_NAME = /^[A-Za-z]+$/;

/**
 * The twin of src/engine/zmtp-engine.ts for a NULL peer that sends `stream` and never waits: what is delivered, and
 * whether the connection is ended by us. One pass over text, no state but the message that is being put together.
 */
export function playNaively(type: SocketTypeName, stream: Uint8Array, limits: SessionLimits): NaiveSession {
  const session = { isReady: false, messages: [] as string[], hasFailed: false };
  const failed = { ...session, hasFailed: true };
  if (stream.length > 0 && stream[0] !== 0xff) return failed;
  if (stream.length > 9 && stream[9]! % 2 === 0) return failed;
  if (stream.length > 10 && stream[10]! < 3) return failed;
  if (stream.length < 64) return session;
  if (Buffer.from(stream.subarray(12, 32)).toString("latin1") !== "NULL".padEnd(20, "\0")) return failed;

  const handshakeLimits = { frameSizeMax: 65_536, commandSizeMax: 65_536 };
  const first = decodeNaively(stream.subarray(64), handshakeLimits);
  const opening = first.frames[0];
  if (opening === undefined) return first.errorCode === undefined ? session : failed;
  const readyText = Buffer.from(opening.body).toString("latin1");
  if ((opening.flags & 5) !== 4 || !readyText.startsWith("\x05READY")) return failed;
  const properties = propertiesOf(readyText.slice(6));
  if (properties === undefined) return failed;
  const peerType = properties.get("socket-type");
  const identity = properties.get("identity") ?? "";
  if (peerType !== undefined && !mayMeet(type, peerType)) return failed;
  if (type === "ROUTER" && (identity.startsWith("\0") || identity.length > 255)) return failed;
  session.isReady = true;

  const readySize = (opening.flags & 2) === 0 ? 2 : 9;
  const traffic = stream.subarray(64 + readySize + opening.body.length);
  return playTraffic(type, traffic, limits, session);
}

function playTraffic(
  type: string,
  traffic: Uint8Array,
  limits: SessionLimits,
  session: NaiveSession,
): NaiveSession {
  const publishes = type === "PUB" || type === "XPUB";
  const unlimited = (limit: number) => (limit < 0 ? Number.POSITIVE_INFINITY : limit);
  const frameSizeMax = Math.min(unlimited(limits.maxMessageSize), unlimited(limits.maxMultipartSize));
  const commandSizeMax = publishes ? Math.max(frameSizeMax, limits.maxCommandSize) : limits.maxCommandSize;
  const { frames, errorCode } = decodeNaively(traffic, { frameSizeMax, commandSizeMax });
  const failed = { ...session, hasFailed: true };
  let parts: string[] = [];
  for (const { flags, body } of frames) {
    const text = Buffer.from(body).toString("latin1");
    if ((flags & 4) !== 0) {
      const name = text.slice(1, 1 + text.charCodeAt(0));
      const isWhole = text.length > 0 && text.length > text.charCodeAt(0);
      if ((flags & 1) !== 0 || !isWhole || !LEGAL_NAME.test(name)) return failed;
      if (publishes && name === "SUBSCRIBE") session.messages.push(`\x01${text.slice(10)}`);
      else if (publishes && name === "CANCEL") session.messages.push(`\x00${text.slice(7)}`);
      else if (text.length > limits.maxCommandSize) return failed;
      else if (name === "READY" || name === "ERROR") return failed;
      else if (name === "PING" && text.length < 7) return failed;
      continue;
    }
    parts.push(text);
    const isMultipart = parts.length > 1 || (flags & 1) !== 0;
    if (isMultipart && parts.length > limits.maxFramesPerMessage) return failed;
    if (parts.join("").length > unlimited(limits.maxMultipartSize)) return failed;
    if ((flags & 1) !== 0) continue;
    session.messages.push(parts.join("|"));
    parts = [];
  }
  return errorCode === undefined ? session : failed;
}

/** By lower-case name, or undefined where the text is no metadata. */
function propertiesOf(text: string): Map<string, string> | undefined {
  const properties = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    const name = text.slice(at + 1, at + 1 + text.charCodeAt(at)).toLowerCase();
    const sizeText = text.slice(at + 1 + name.length, at + 5 + name.length);
    if (name.length === 0 || name.length !== text.charCodeAt(at) || sizeText.length < 4) return undefined;
    const size = Buffer.from(sizeText, "latin1").readUInt32BE(0);
    const value = text.slice(at + 5 + name.length, at + 5 + name.length + size);
    if (value.length !== size) return undefined;
    if (properties.has(name) && (name === "socket-type" || name === "identity")) return undefined;
    if (!properties.has(name)) properties.set(name, value);
    at += 5 + name.length + size;
  }
  return properties;
}
