import { bytesKey } from "../base/bytes.ts";
import { invariant, ProtocolError, type ProtocolErrorCode } from "../base/errors.ts";
import { allocateBody } from "../base/message.ts";
import { platform } from "../base/platform.ts";
import { encodeMetadata, type Metadata, parseMetadata } from "./metadata.ts";

/**
 * Command bodies, without the frame header. 37/ZMTP, Formal Grammar:
 *
 *      0       1 ... n    n+1 ...
 *   +------+------------+------------ - -
 *   |  n   |    name    |    data            n: 1 to 255; name: letters only
 *   +------+------------+------------ - -
 *
 *   READY       properties                        both ways, ends the NULL handshake
 *   ERROR       size (1), reason                  instead of READY, final
 *   PING        ttl (2, tenths of a second), context (0 to 16)
 *   PONG        the context of the PING
 *   SUBSCRIBE   topic
 *   CANCEL      topic
 *   JOIN        group (0 to 255)                  to a RADIO, from a DISH
 *   LEAVE       group (0 to 255)
 */
export type CommandName = "READY" | "ERROR" | "PING" | "PONG" | "SUBSCRIBE" | "CANCEL" | "JOIN" | "LEAVE";

/** "The ping-context ... MUST not exceed 16 octets." */
export const PING_CONTEXT_MAX = 16;
/** A 16-bit number of tenths of a second on the wire. */
export const PING_TTL_MAX = 0xffff;
const PING_TTL_SIZE = 2;
const REASON_SIZE_MAX = 255;

/** A command body: the name and the data behind it. */
export function encodeCommand(name: string, ...data: readonly Uint8Array[]): Uint8Array {
  invariant(/^[A-Za-z]{1,255}$/.test(name), `"${name}" is no command name`);
  let size = 1 + name.length;
  for (const part of data) size += part.length;
  const body = new Uint8Array(size);
  body[0] = name.length;
  for (let i = 0; i < name.length; i++) body[1 + i] = name.charCodeAt(i);
  let offset = 1 + name.length;
  for (const part of data) {
    body.set(part, offset);
    offset += part.length;
  }
  return body;
}

/** Whether the command in `body[start, end)` has that name: one comparison an octet and no allocation. */
export function commandIs(body: Uint8Array, name: string, start = 0, end = body.length): boolean {
  const size = name.length;
  if (end - start <= size || body[start] !== size) return false;
  for (let i = 0; i < size; i++) if (body[start + 1 + i] !== name.charCodeAt(i)) return false;
  return true;
}

/** Where the data behind the name begin. Throws where the body does not begin with a whole, legal name. */
export function commandDataStart(body: Uint8Array, start = 0, end = body.length): number {
  if (start === end) throw malformedName("A command frame is empty.");
  const size = body[start]!;
  if (size === 0) throw malformedName("A command has an empty name.");
  const dataStart = start + 1 + size;
  if (dataStart > end) throw malformedName("A command's name goes beyond the end of its frame.");
  for (let i = start + 1; i < dataStart; i++) {
    const letter = body[i]! | 0x20;
    if (letter < 0x61 || letter > 0x7a)
      throw malformedName("A command's name has other octets than letters.");
  }
  return dataStart;
}

/** The name of a command, for events and errors; use `commandIs` to tell commands apart. */
export function parseCommandName(body: Uint8Array, start = 0, end = body.length): string {
  return bytesKey(body, start + 1, commandDataStart(body, start, end));
}

/** The data of a command as a view. */
export function commandData(body: Uint8Array, start = 0, end = body.length): Uint8Array {
  const dataStart = commandDataStart(body, start, end);
  return platform.view(body.buffer, body.byteOffset + dataStart, end - dataStart);
}

export function encodeReady(properties: Iterable<readonly [string, Uint8Array]>): Uint8Array {
  return encodeCommand("READY", encodeMetadata(properties));
}

/** The metadata of a READY command. */
export function parseReady(body: Uint8Array, start = 0, end = body.length): Metadata {
  return parseMetadata(body, commandDataStart(body, start, end), end);
}

/**
 * "error-reason = short-size 0*255VCHAR": octets that no reason may hold (a space among them) become `_`, and a longer
 * reason is cut. A ZAP status goes out as its three digits.
 */
export function encodeError(reason: string): Uint8Array {
  const printable = reason.replace(/[^\x21-\x7e]/g, "_").slice(0, REASON_SIZE_MAX);
  const data = new Uint8Array(1 + printable.length);
  data[0] = printable.length;
  for (let i = 0; i < printable.length; i++) data[1 + i] = printable.charCodeAt(i);
  return encodeCommand("ERROR", data);
}

/** What a peer's ERROR says: the reason made printable, and the ZAP status if it is one. */
export interface ErrorReason {
  readonly reason: string;
  readonly status: 300 | 400 | 500 | undefined;
}

export function parseError(body: Uint8Array, start = 0, end = body.length): ErrorReason {
  const dataStart = commandDataStart(body, start, end);
  if (dataStart === end || body[dataStart] !== end - dataStart - 1) {
    throw malformed(
      "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
      "An ERROR command's reason has another size than it says.",
      'The NULL Security Mechanism: "error-reason = short-size 0*255VCHAR"',
    );
  }
  // The reason ends up in logs and events: what is not printable there must not stay.
  const reason = bytesKey(body, dataStart + 1, end).replace(/[^\x20-\x7e]/g, "?");
  return { reason, status: STATUS.get(reason) };
}

const STATUS: ReadonlyMap<string, 300 | 400 | 500> = new Map([
  ["300", 300],
  ["400", 400],
  ["500", 500],
]);

/** A PING. A libzmq peer computes with 16 bits of milliseconds: for it, keep `ttlTenths` at 655 or below. */
export function encodePing(ttlTenths: number, context: Uint8Array = NOTHING): Uint8Array {
  invariant(
    Number.isInteger(ttlTenths) && ttlTenths >= 0 && ttlTenths <= PING_TTL_MAX,
    `PING ttl ${ttlTenths}`,
  );
  invariant(context.length <= PING_CONTEXT_MAX, `PING context of ${context.length} octets`);
  return encodeCommand("PING", new Uint8Array([ttlTenths >>> 8, ttlTenths & 0xff]), context);
}

/** The time to live in a PING, in tenths of a second; 0 is none. */
export function parsePingTtl(body: Uint8Array, start = 0, end = body.length): number {
  const at = commandDataStart(body, start, end);
  if (end - at < PING_TTL_SIZE) {
    throw malformed(
      "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
      "A PING command ends before its time to live.",
      'Connection Heartbeating: "ping-ttl = 2OCTET"',
    );
  }
  return (body[at]! << 8) | body[at + 1]!;
}

/**
 * The answer to a PING: "it SHALL respond with a PONG command that echoes the ping-context". Only octets that were
 * received go back, and 16 at most: a longer context is cut, as libzmq does.
 */
export function encodePong(ping: Uint8Array, start = 0, end = ping.length): Uint8Array {
  parsePingTtl(ping, start, end);
  const contextStart = commandDataStart(ping, start, end) + PING_TTL_SIZE;
  return encodeCommand("PONG", ping.subarray(contextStart, Math.min(end, contextStart + PING_CONTEXT_MAX)));
}

export function encodeSubscribe(topic: Uint8Array): Uint8Array {
  return encodeCommand("SUBSCRIBE", topic);
}

/** A subscription as it travels through pipes: `01 topic` or `00 topic`, the form of 3.0 peers. */
export function subscriptionFrame(kind: number, body: Uint8Array, topicAt: number): Uint8Array {
  const frame = allocateBody(1 + body.length - topicAt);
  frame[0] = kind;
  frame.set(body.subarray(topicAt), 1);
  return frame;
}

export function encodeCancel(topic: Uint8Array): Uint8Array {
  return encodeCommand("CANCEL", topic);
}

/** 37/ZMTP, The Radio-Dish Pattern: "To join a group, the DISH peer SHALL send a JOIN command". */
export function encodeJoin(group: Uint8Array): Uint8Array {
  return encodeCommand("JOIN", group);
}

export function encodeLeave(group: Uint8Array): Uint8Array {
  return encodeCommand("LEAVE", group);
}

const NOTHING = new Uint8Array(0);

function malformedName(sentence: string): ProtocolError {
  return malformed(
    "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
    sentence,
    'Formal Grammar: "command-name = short-size 1*255command-name-char"',
  );
}

function malformed(code: ProtocolErrorCode, sentence: string, section: string): ProtocolError {
  return new ProtocolError(code, sentence, `37/ZMTP, ${section}`);
}
