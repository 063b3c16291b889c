import { bytesKey, decodeText, equalBytes, keyBytes } from "../base/bytes.ts";
import { invariant, ProtocolError, type ProtocolErrorCode } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { platform } from "../base/platform.ts";
import { encodeMetadata, type Metadata, parseMetadata } from "../wire/metadata.ts";
import type { Authentication, Verdict } from "./authenticator.ts";

/**
 * 27/ZAP, the ZeroMQ authentication protocol, as a DEALER speaks it. Pure.
 *
 *      request                                  reply
 *   0  empty                                 0  empty
 *   1  version "1.0"                         1  version "1.0"
 *   2  request id                            2  the request's id
 *   3  domain                                3  status code: 200, 300, 400 or 500
 *   4  address of the peer                   4  status text
 *   5  identity of the connection            5  user id, where the status is 200
 *   6  mechanism                             6  metadata, as in READY
 *   7... credentials
 */
export const ZAP_ENDPOINT = "inproc://zeromq.zap.01";

const REPLY_FRAME_COUNT = 7;
/** "All string fields are at most 255 characters". */
const STRING_SIZE_MAX = 255;
/** A peer's own properties may not be longer either. */
const METADATA_SIZE_MAX = 65536;
const REQUEST_FRAME_COUNT_MIN = 7;
const VERSION = keyBytes("1.0");
const NOTHING = new Uint8Array(0);

/** A question about one connection. */
export interface ZapRequest extends Authentication {
  readonly domain: string;
  /** The peer's IP address, without port; empty where it has none (ipc). */
  readonly address: string;
  /** The routing id of the socket that asks, as libzmq sends it; empty if it has none. */
  readonly identity: Uint8Array;
}

export function encodeZapRequest(id: Uint8Array, request: ZapRequest): Message {
  const { domain, address, identity, mechanism, credentials } = request;
  const texts = [domain, address].map((text) => platform.encodeText(text));
  return [NOTHING, VERSION, id, ...texts, identity, keyBytes(mechanism), ...credentials];
}

/** A request as a handler on REP gets it: without delimiter. What is no request of ZAP 1.0 is `undefined`. */
export function parseZapRequest(frames: Message): { id: Uint8Array; request: ZapRequest } | undefined {
  if (frames.length + 1 < REQUEST_FRAME_COUNT_MIN || !equalBytes(frames[0]!, VERSION)) return undefined;
  const [, id, domain, address, identity, mechanism, ...credentials] = frames as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    ...Uint8Array[],
  ];
  const request: ZapRequest = {
    domain: decodeText(domain),
    address: decodeText(address),
    identity,
    mechanism: bytesKey(mechanism),
    credentials,
  };
  return { id, request };
}

/** A reply as a handler on REP sends it: without delimiter. */
export function encodeZapReply(id: Uint8Array, verdict: Verdict): Message {
  const { status, text, userId, metadata } = verdict;
  const user = platform.encodeText(status === 200 ? userId : "");
  invariant(user.length <= STRING_SIZE_MAX, `user id of ${user.length} octets`);
  return [
    VERSION,
    id,
    keyBytes(String(status)),
    platform.encodeText(text).subarray(0, STRING_SIZE_MAX),
    user,
    status === 200 && metadata !== null ? metadata.octets : NOTHING,
  ];
}

/** Properties in the form that a reply carries. */
export function zapMetadata(properties: Iterable<readonly [string, Uint8Array]>): Metadata {
  return parseMetadata(encodeMetadata(properties));
}

/** The id of a reply, if it has the frame; by it the reply finds its question. */
export function zapReplyId(reply: Message): Uint8Array | undefined {
  return reply[2];
}

/** The verdict of a reply whose id is right. Anything that is not exactly one is a ProtocolError. */
export function parseZapReply(reply: Message): Verdict {
  if (reply.length !== REPLY_FRAME_COUNT)
    throw zapError(
      "ERR_ZAP_MALFORMED_REPLY",
      `A ZAP reply has ${REPLY_FRAME_COUNT} frames, not ${reply.length}.`,
    );
  const [delimiter, version, , code, text, user, properties] = reply as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  if (delimiter.length > 0)
    throw zapError("ERR_ZAP_UNSPECIFIED", "A ZAP reply does not begin with an empty delimiter.");
  if (!equalBytes(version, VERSION))
    throw zapError("ERR_ZAP_BAD_VERSION", "A ZAP reply has another version than 1.0.");
  const status = STATUS.get(bytesKey(code.subarray(0, 4)));
  if (status === undefined)
    throw zapError(
      "ERR_ZAP_INVALID_STATUS_CODE",
      "The status of a ZAP reply is none of 200, 300, 400 and 500.",
    );
  if (text.length > STRING_SIZE_MAX || user.length > STRING_SIZE_MAX)
    throw zapError(
      "ERR_ZAP_MALFORMED_REPLY",
      "The status text or the user id of a ZAP reply has more than 255 octets.",
    );
  if (status !== 200 && user.length > 0)
    throw zapError("ERR_ZAP_MALFORMED_REPLY", `A ZAP reply of status ${status} holds a user id.`);
  return {
    status,
    text: decodeText(text),
    userId: decodeText(user),
    metadata: status === 200 ? metadataOf(properties) : null,
  };
}

/** What a handler broke, as the error that ends the connection it was asked about. */
export function zapError(code: ProtocolErrorCode, sentence: string): ProtocolError {
  return new ProtocolError(code, sentence, "27/ZAP, Message Format");
}

function metadataOf(octets: Uint8Array): Metadata | null {
  if (octets.length === 0) return null;
  if (octets.length > METADATA_SIZE_MAX)
    throw zapError("ERR_ZAP_INVALID_METADATA", `A ZAP reply holds ${octets.length} octets of metadata.`);
  try {
    return parseMetadata(octets);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw zapError("ERR_ZAP_INVALID_METADATA", `The metadata of a ZAP reply are wrong: ${error.message}`);
  }
}

const STATUS: ReadonlyMap<string, Verdict["status"]> = new Map([
  ["200", 200],
  ["300", 300],
  ["400", 400],
  ["500", 500],
]);
