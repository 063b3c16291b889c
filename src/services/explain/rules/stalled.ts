import type { EndpointView, SocketView } from "../../../core/socket-view.ts";
import type { Draft, Ground } from "../rule.ts";
import { stalledRemedy } from "./authentication.ts";
import { refusedAt } from "./handshakes.ts";
import { count, span } from "./words.ts";

/** Connections of an endpoint in whose handshake nothing has happened for long. */
interface Stalled {
  readonly endpoint: EndpointView;
  readonly peer: string | null;
  readonly pendingCount: number;
  readonly ageMs: number;
}

/**
 * A handshake that needs an authenticator, or a client on one side and a server on the other, and does not come to an end.
 * Time runs out for it after handshakeInterval; until then nothing else would tell. Without security any connection that
 * says nothing would look like it.
 */
export function handshakeStalled(view: SocketView, ground: Ground): readonly Draft[] {
  return stalledOf(view, ground).map(({ endpoint, peer, pendingCount, ageMs }) => {
    const { kind, unsentCount } = endpoint;
    const { mechanism, role, zapDomain } = view.security;
    const which =
      kind === "bind" ? count(pendingCount, "connection") : `The connection to ${endpoint.endpoint}`;
    return {
      code: "handshake-stalled",
      severity: unsentCount > 0 && kind === "connect" ? "error" : "warning",
      endpoint: endpoint.endpoint,
      peer,
      what: `${which} ${pendingCount === 1 ? "has" : "have"} not finished ${pendingCount === 1 ? "its" : "their"} handshake (${mechanism}) for ${span(ageMs)}${kind === "bind" && peer !== null ? `, the first ${peer}` : ""}.`,
      remedy: stalledRemedy(view),
      evidence: {
        bound: kind === "bind",
        peer,
        pendingCount,
        pendingMs: Math.round(ageMs),
        waitingCount: unsentCount,
        mechanism,
        role,
        zapDomain,
      },
      sinceMs: ageMs,
    };
  });
}

/** The endpoints that `handshakeStalled` tells of. */
export function stalledAt(view: SocketView, ground: Ground): ReadonlySet<string> {
  return new Set(stalledOf(view, ground).map(({ endpoint }) => endpoint.endpoint));
}

function stalledOf(view: SocketView, ground: Ground): readonly Stalled[] {
  const { mechanism, zapDomain } = view.security;
  if (view.isClosed || (mechanism === "NULL" && zapDomain === null)) return [];
  const pending = pendingOf(view);
  const refused = refusedAt(view, ground);
  const found: Stalled[] = [];
  for (const endpoint of view.endpoints) {
    const old = (pending.get(endpoint.endpoint) ?? []).filter(
      ({ ageMs }) => ageMs >= ground.patience.connectMs,
    );
    const [first] = old;
    if (first === undefined || refused.has(endpoint.endpoint)) continue;
    found.push({ endpoint, peer: first.peer, pendingCount: old.length, ageMs: first.ageMs });
  }
  return found;
}

interface Pending {
  readonly peer: string | null;
  readonly ageMs: number;
}

/** By endpoint: connections that stand, as far as the events go back, without a handshake or an end. */
function pendingOf({ events }: SocketView): ReadonlyMap<string, readonly Pending[]> {
  const found = new Map<string, Pending[]>();
  for (const { type, address, peer, ageMs } of events) {
    if (address === null) continue;
    let pending = found.get(address);
    if (pending === undefined) found.set(address, (pending = []));
    if (type === "accept" || type === "connect") pending.push({ peer, ageMs });
    else if (type === "handshake" || type === "disconnect") {
      // Over ipc all peers of an endpoint have one address: the oldest goes.
      const at = pending.findIndex((one) => one.peer === peer);
      if (at >= 0) pending.splice(at, 1);
    }
  }
  return found;
}
