import type { ErrorCode, ProtocolErrorCode } from "../../base/errors.ts";
import { AuthError, ERRORS, PROTOCOL_ERRORS, ProtocolError, ZmqError } from "../../base/errors.ts";
import { platform } from "../../base/platform.ts";
import type { SocketType } from "../../base/socket-type.ts";
import type { MonitorEvent } from "../../core/monitor-event.ts";
import type { PeerInfo } from "../../pipe/pipe.ts";
import type { Outcome, Verdict } from "../../security/authenticator.ts";
import { Metadata } from "../../wire/metadata.ts";

/**
 * What crosses threads beside messages, as data: errors come out as the classes that they went in as, and a peer's
 * properties as what can be asked for by name.
 */

/** An error as data. */
export interface ErrorData {
  readonly kind: "zmq" | "protocol" | "auth" | "other";
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** What else can be read from it: `code`, `address`, ... */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly cause: ErrorData | undefined;
}

/** Facts of Node's own errors that somebody may ask for. */
const SYSTEM_FACTS = ["code", "errno", "syscall", "hostname", "address", "port", "path", "dest"] as const;

/** Causes of causes are told so far. */
const CAUSE_DEPTH_MAX = 4;

export function encodeError(error: unknown, depth = 0): ErrorData {
  if (!(error instanceof Error)) {
    return {
      kind: "other",
      name: "Error",
      message: String(error),
      stack: undefined,
      facts: {},
      cause: undefined,
    };
  }
  const { name, message, stack } = error;
  const hasCause = error.cause !== undefined && depth < CAUSE_DEPTH_MAX;
  const cause = hasCause ? encodeError(error.cause, depth + 1) : undefined;
  return { kind: kindOf(error), name, message, stack, facts: factsOf(error), cause };
}

export function decodeError(data: ErrorData): Error {
  const error = revive(data);
  error.message = data.message;
  if (data.stack !== undefined) error.stack = data.stack;
  if (data.cause !== undefined) {
    const cause = decodeError(data.cause);
    Object.defineProperty(error, "cause", { value: cause, configurable: true, writable: true });
  }
  return error;
}

/** For those that can be nothing else; anything else is told as EIO. */
export function decodeZmqError(data: ErrorData): ZmqError {
  const error = decodeError(data);
  return error instanceof ZmqError ? error : new ZmqError("EIO", `${error.message}.`, { cause: error });
}

function kindOf(error: Error): ErrorData["kind"] {
  if (error instanceof ZmqError) return "zmq";
  if (error instanceof ProtocolError) return "protocol";
  return error instanceof AuthError ? "auth" : "other";
}

function factsOf(error: Error): Record<string, unknown> {
  if (error instanceof ZmqError) {
    return error.address === undefined ? { code: error.code } : { code: error.code, address: error.address };
  }
  if (error instanceof ProtocolError) return { code: error.code, spec: error.spec };
  if (error instanceof AuthError) return { status: error.status };
  const facts: Record<string, unknown> = {};
  for (const name of SYSTEM_FACTS) {
    const value = (error as unknown as Record<string, unknown>)[name];
    if (typeof value === "string" || typeof value === "number") facts[name] = value;
  }
  return facts;
}

function revive({ kind, name, facts }: ErrorData): Error {
  const { code, address, spec, status } = facts;
  if (kind === "zmq" && Object.hasOwn(ERRORS, String(code))) {
    return new ZmqError(code as ErrorCode, "", typeof address === "string" ? { address } : {});
  }
  if (kind === "protocol" && Object.hasOwn(PROTOCOL_ERRORS, String(code)))
    return new ProtocolError(code as ProtocolErrorCode, "", String(spec));
  if (kind === "auth") return new AuthError(status as AuthError["status"], "");
  const error = Object.assign(new Error(""), facts);
  if (name !== "Error")
    Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  return error;
}

/** An event as data. */
export interface EventData {
  readonly event: Readonly<Record<string, unknown>>;
  readonly error: ErrorData | undefined;
}

export function encodeEvent(event: MonitorEvent): EventData {
  const { error, ...rest } = event as MonitorEvent & { readonly error?: Error };
  return { event: rest, error: error === undefined ? undefined : encodeError(error) };
}

export function decodeEvent({ event, error }: EventData): MonitorEvent {
  return (error === undefined ? event : { ...event, error: decodeError(error) }) as unknown as MonitorEvent;
}

/** Properties as octets, and how many properties they are. */
export interface PropertiesData {
  readonly octets: Uint8Array;
  readonly count: number;
}

export function encodeProperties(properties: unknown): PropertiesData | undefined {
  return properties instanceof Metadata ? { octets: properties.octets, count: properties.count } : undefined;
}

export function decodeProperties(data: PropertiesData | undefined): Metadata | undefined {
  return data === undefined ? undefined : new Metadata(asView(data.octets), data.count);
}

/** What an authenticator said, as data; `null`: there is none. */
export type OutcomeData =
  | { readonly verdict: Omit<Verdict, "metadata">; readonly metadata: PropertiesData | undefined }
  | { readonly error: ErrorData }
  | null;

export function encodeOutcome(outcome: Outcome | null): OutcomeData {
  if (outcome === null) return null;
  if (outcome instanceof Error) return { error: encodeError(outcome) };
  const { metadata, ...verdict } = outcome;
  return { verdict, metadata: encodeProperties(metadata) };
}

export function decodeOutcome(data: OutcomeData): Outcome | null {
  if (data === null) return null;
  if ("error" in data) return decodeError(data.error) as Outcome;
  return { ...data.verdict, metadata: decodeProperties(data.metadata) ?? null };
}

/** What is known of a peer, as data. */
export interface PeerData {
  readonly endpoint: string;
  readonly address: string;
  readonly socketType: SocketType | undefined;
  readonly routingId: Uint8Array;
  readonly outgoing: boolean;
  readonly properties: PropertiesData | undefined;
  readonly userId: string | undefined;
  readonly metadata: PropertiesData | undefined;
}

export function encodePeer(peer: PeerInfo): PeerData {
  const { endpoint, address, socketType, outgoing, userId } = peer;
  // A copy: a view would take all the memory along that it is a view of.
  const routingId = Uint8Array.from(peer.routingId);
  const properties = encodeProperties(peer.properties);
  const metadata = encodeProperties(peer.metadata);
  return { endpoint, address, socketType, routingId, outgoing, properties, userId, metadata };
}

export function decodePeer(data: PeerData): PeerInfo {
  const { endpoint, address, socketType, outgoing, userId } = data;
  return {
    endpoint,
    address,
    socketType,
    routingId: asView(data.routingId),
    outgoing,
    properties: decodeProperties(data.properties),
    userId,
    metadata: decodeProperties(data.metadata),
  };
}

/** Mail makes plain arrays of the views that the library deals in. */
function asView(octets: Uint8Array): Uint8Array {
  return platform.view(octets.buffer, octets.byteOffset, octets.length);
}
