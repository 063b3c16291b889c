import type { EndpointView, PeerView, SocketView } from "../../../core/socket-view.ts";
import type { Draft, Ground } from "../rule.ts";
import { refusedAt } from "./handshakes.ts";
import { stalledAt } from "./stalled.ts";
import { count, sentenceOf, span } from "./words.ts";

const INPROC = "inproc://";
const UDP = "udp://";

/** Nobody has answered since connect(). */
export function neverConnected(view: SocketView, ground: Ground): readonly Draft[] {
  const refused = refusedAt(view, ground);
  const stalled = stalledAt(view, ground);
  const live = liveAt(view);
  const found = view.endpoints.filter(
    (one) =>
      isOutgoingStream(one) &&
      one.handshakeCount === 0 &&
      // Datagrams know no handshake: they can be sent once the port is open.
      !(one.endpoint.startsWith(UDP) && live.has(one.endpoint)) &&
      one.ageMs >= ground.patience.connectMs &&
      !stalled.has(one.endpoint) &&
      !refused.has(one.endpoint),
  );
  return found.map((one) => {
    const { endpoint, attemptCount, unsentCount, ageMs, lastError } = one;
    const why = lastError === null ? "nobody has answered yet" : sentenceOf(lastError.message);
    return {
      code: "never-connected",
      severity: unsentCount > 0 ? "error" : "warning",
      endpoint,
      what: `No connection to ${endpoint} since connect() ${span(ageMs)} ago, after ${count(attemptCount, "attempt")}: ${why}.${waitingFor(unsentCount)}`,
      remedy: remedyOf(lastError?.code ?? null, lastError?.message ?? ""),
      evidence: {
        attemptCount,
        failureCount: one.failureCount,
        waitingCount: unsentCount,
        connectingMs: Math.round(ageMs),
        lastErrorCode: lastError?.code ?? null,
        lastError: lastError === null ? null : sentenceOf(lastError.message),
      },
      sinceMs: ageMs,
    };
  });
}

/** The peer was there once. */
export function lostConnection(view: SocketView, ground: Ground): readonly Draft[] {
  const refused = refusedAt(view, ground);
  const live = liveAt(view);
  const found = view.endpoints.filter(
    (one) =>
      isOutgoingStream(one) &&
      one.handshakeCount > 0 &&
      one.disconnectAgeMs !== null &&
      one.disconnectAgeMs >= ground.patience.connectMs &&
      one.disconnectAgeMs < (one.handshakeAgeMs ?? 0) &&
      !live.has(one.endpoint) &&
      !refused.has(one.endpoint),
  );
  return found.map((one) => {
    const { endpoint, failureCount, unsentCount, lastError, disconnectAgeMs } = one;
    const why = lastError === null ? "the peer closed it" : sentenceOf(lastError.message);
    return {
      code: "lost-connection",
      severity: unsentCount > 0 ? "error" : "warning",
      endpoint,
      what: `The connection to ${endpoint} ended ${span(disconnectAgeMs ?? 0)} ago, and ${count(failureCount, "attempt")} since then came to nothing: ${why}.${waitingFor(unsentCount)}`,
      remedy: "Start the peer again; connecting goes on by itself, and what waits is sent then.",
      evidence: {
        failureCount,
        handshakeCount: one.handshakeCount,
        waitingCount: unsentCount,
        awayMs: Math.round(disconnectAgeMs ?? 0),
        lastErrorCode: lastError?.code ?? null,
      },
      sinceMs: disconnectAgeMs,
    };
  });
}

/** The last attempt to bind an endpoint that is not bound now. */
export function bindFailed(view: SocketView): readonly Draft[] {
  const failures = new Map<string, SocketView["events"][number]>();
  for (const event of view.events) {
    if (event.address === null) continue;
    if (event.type === "bind:error") failures.set(event.address, event);
    else if (event.type === "bind") failures.delete(event.address);
  }
  return [...failures].map(([endpoint, { error, ageMs }]) => ({
    code: "bind-failed",
    severity: "error",
    endpoint,
    what: `${endpoint} could not be bound ${span(ageMs)} ago: ${sentenceOf(error ?? "no reason is known")}.`,
    remedy: "Await bind() and handle its rejection; choose another endpoint, or end who holds it.",
    evidence: { error: error === null ? null : sentenceOf(error) },
    sinceMs: ageMs,
  }));
}

/** Connected to a name that nobody has bound where we look. */
export function inprocNotBound(view: SocketView, ground: Ground): readonly Draft[] {
  const waiting = new Map<string, PeerView[]>();
  for (const peer of view.peers) {
    if (!isWaitingInproc(peer)) continue;
    const name = peer.endpoint.slice(INPROC.length);
    const pipes = waiting.get(name);
    if (pipes === undefined) waiting.set(name, [peer]);
    else pipes.push(peer);
  }
  const drafts: Draft[] = [];
  for (const [name, pipes] of waiting) {
    if (ground.isBoundHere(name)) continue;
    const sinceMs = Math.max(...pipes.map((peer) => peer.attachedAgeMs));
    const waitingCount = pipes.reduce((sum, peer) => sum + peer.sent.queued, 0);
    const otherCount = ground.otherContexts(name);
    // To connect before the name is bound is allowed.
    if (otherCount === 0 && sinceMs < ground.patience.connectMs) continue;
    const elsewhere =
      otherCount === 0
        ? ""
        : ` ${otherCount === 1 ? "Another context" : `${otherCount} other contexts`} of this thread ${otherCount === 1 ? "has" : "have"} that name.`;
    drafts.push({
      code: "inproc-not-bound",
      severity: otherCount > 0 || waitingCount > 0 ? "error" : "warning",
      endpoint: INPROC + name,
      what: `${INPROC}${name} is not bound in the context of this socket.${elsewhere}${waitingFor(waitingCount)}`,
      remedy:
        otherCount > 0
          ? "Make both sockets in one context."
          : "Check the name, and that both sockets are of one context: a worker thread shares the default context, or one that is posted to it by its handle.",
      evidence: { waitingCount, otherContextCount: otherCount, connectingMs: Math.round(sinceMs) },
      sinceMs,
    });
  }
  return drafts;
}

/** Nobody would notice if this connection were dead. */
export function quietPeer(view: SocketView, { patience }: Ground): readonly Draft[] {
  if (view.isClosed || Number(view.options["heartbeatInterval"]) > 0) return [];
  const quiet = view.peers.filter((peer) => {
    if (!peer.live || peer.endpoint.startsWith(INPROC) || peer.endpoint.startsWith(UDP)) return false;
    // From a PULL or SUB no word is to be expected, but it must take what is sent.
    if (SENDERS.includes(view.type) && peer.sent.queued === 0) return false;
    const silentMs = Math.min(peer.heardAgeMs ?? Number.POSITIVE_INFINITY, peer.liveAgeMs ?? 0);
    return silentMs >= patience.quietMs;
  });
  return quiet.slice(0, 8).map((peer) => {
    const silentMs = Math.min(peer.heardAgeMs ?? Number.POSITIVE_INFINITY, peer.liveAgeMs ?? 0);
    return {
      code: "quiet-peer",
      severity: "info",
      endpoint: peer.endpoint,
      peer: peer.address,
      what: `Nothing has come from ${peer.address} for ${span(silentMs)}, and heartbeats are off: whether it is still there cannot be known.`,
      remedy:
        "Set heartbeatInterval (and heartbeatTimeout) before connect() or bind(): a dead peer is found then.",
      evidence: {
        silentMs: Math.round(silentMs),
        receivedCount: peer.received.accepted,
        queuedCount: peer.sent.queued,
        heartbeatInterval: 0,
      },
      sinceMs: silentMs,
    };
  });
}

const SENDERS: readonly string[] = ["PUSH", "PUB", "XPUB", "RADIO", "SCATTER"];

function isOutgoingStream({ kind, endpoint }: EndpointView): boolean {
  return kind === "connect" && !endpoint.startsWith(INPROC);
}

/** Endpoints with a peer that is there. */
function liveAt({ peers }: SocketView): ReadonlySet<string> {
  return new Set(peers.filter(({ live }) => live).map(({ endpoint }) => endpoint));
}

function isWaitingInproc(peer: PeerView): boolean {
  return peer.outgoing && !peer.live && peer.endpoint.startsWith(INPROC);
}

function waitingFor(waitingCount: number): string {
  if (waitingCount === 0) return "";
  return ` ${count(waitingCount, "message")} ${waitingCount === 1 ? "waits" : "wait"} for it.`;
}

function remedyOf(code: string | null, message: string): string {
  if (message.includes("SOCKS proxy")) {
    if (message.includes("cannot be reached"))
      return "Check socksProxy, and that the proxy runs; connecting goes on by itself.";
    return "That is the proxy's word: check its rules, socksUsername and socksPassword, and that the peer runs where the proxy finds it.";
  }
  if (message.includes("handshake, before its greeting"))
    return "Check the address: what answers there may be no ZeroMQ socket, or forward to nobody. A peer of libzmq closes so, too, when its security mechanism is another one.";
  if (message.includes("handshake"))
    return "Something answers there and does not finish the handshake: check the security mechanism and the socket types of both sides, and that it is a ZeroMQ peer.";
  if (code === "ENODEV") return "Check the host name; it is looked up anew at each attempt.";
  if (code === "ECONNREFUSED" || code === "ENOENT")
    return "Start the peer, and check host and port; connecting goes on by itself.";
  return "Check the address, the network and the peer; connecting goes on by itself.";
}
