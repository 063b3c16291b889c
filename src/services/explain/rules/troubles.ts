import type { EndpointView, SocketView } from "../../../core/socket-view.ts";
import type { FindingCode } from "../catalog.ts";
import type { Draft, Patience } from "../rule.ts";

/** What is known of a peer that was refused, or that refused us. */
export interface Trouble {
  readonly endpoint: string;
  readonly kind: "bind" | "connect";
  /** The peer's address, where it is known. */
  readonly peer: string | null;
  /** The error in words. */
  readonly message: string;
  readonly ageMs: number;
  /** How often it is remembered. */
  readonly seenCount: number;
}

/** A kind of trouble: what its sentence begins with or holds. The tests provoke each of them. */
export interface TroubleKind {
  readonly code: FindingCode;
  readonly pattern: RegExp;
  /** The peer did not say so: it is told where it happens again and again. */
  readonly isGuess?: boolean;
}

/** What is said of one trouble. */
export interface Told extends Pick<Draft, "what" | "remedy"> {
  readonly severity?: Draft["severity"];
  readonly peer?: string;
  readonly evidence?: Draft["evidence"];
}

export type Teller = (view: SocketView, trouble: Trouble) => Told;

/** `at tcp://...`, or `from tcp://...` for one that came to us. */
export function where({ kind, peer, endpoint }: Trouble): string {
  return kind === "bind" && peer !== null ? `from ${peer}` : `at ${endpoint}`;
}

/** How engine/handshake-words.ts begins where the peer went in the midst of a handshake; where it stood follows. */
export const CUT_SHORT = "The peer closed the connection during the handshake, ";

const TROUBLES: readonly string[] = [
  "handshake:error:protocol",
  "handshake:error:auth",
  "accept:error",
  "handshake:error:other",
];

/**
 * The last trouble of each kind at each endpoint that still matters: at a connected one until a handshake succeeds, at a
 * bound one, where other peers come and go, for a while. `kindOf` names the kind of an error, or `null`.
 */
export function troublesOf(
  view: SocketView,
  patience: Patience,
  kindOf: (message: string) => string | null,
): ReadonlyMap<string, Trouble> {
  const found = new Map<string, Trouble>();
  const note = (
    { endpoint, kind }: EndpointView,
    message: string,
    peer: string | null,
    ageMs: number,
  ): void => {
    const name = kindOf(message);
    if (name === null) return;
    const key = `${endpoint} ${name}`;
    const before = found.get(key);
    const seenCount = (before?.seenCount ?? 0) + 1;
    if (before === undefined || ageMs <= before.ageMs)
      found.set(key, { endpoint, kind, peer, message, ageMs, seenCount });
    else found.set(key, { ...before, seenCount });
  };
  const endpoints = new Map(view.endpoints.map((one) => [one.endpoint, one]));
  for (const { type, address, peer, error, ageMs } of view.events) {
    const endpoint = address === null ? undefined : endpoints.get(address);
    if (endpoint === undefined || error === null || !TROUBLES.includes(type)) continue;
    if (isCurrent(endpoint, ageMs, patience)) note(endpoint, error, peer, ageMs);
  }
  const known = new Set([...found.values()].map(({ endpoint, message }) => `${endpoint} ${message}`));
  for (const endpoint of view.endpoints) {
    const { lastError, lastErrorAgeMs, lastErrorPeer } = endpoint;
    if (lastError === null) continue;
    const ageMs = lastErrorAgeMs ?? 0;
    const name = `${endpoint.endpoint} ${lastError.message}`;
    if (known.has(name) || !isCurrent(endpoint, ageMs, patience)) continue;
    known.add(name);
    note(endpoint, lastError.message, lastErrorPeer, ageMs);
  }
  return found;
}

function isCurrent({ kind, handshakeAgeMs }: EndpointView, ageMs: number, patience: Patience): boolean {
  if (kind === "bind") return ageMs <= patience.quietMs;
  return handshakeAgeMs === null || ageMs <= handshakeAgeMs;
}
