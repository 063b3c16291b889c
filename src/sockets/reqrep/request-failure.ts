import { ZmqError } from "../../base/errors.ts";
import { platform } from "../../base/platform.ts";
import type { SocketCore } from "../../core/socket.ts";
import type { RequestCall } from "./request-call.ts";

/** So many endpoints are named, the rest is counted. */
const NAMED_COUNT_MAX = 3;

/** What a request met with: how often and how long it was tried, where, who was there, and what to do. */
export function noReplyError(core: SocketCore, call: RequestCall, heldBackCount: number): ZmqError {
  const tookMs = Math.round(platform.now() - call.startMs);
  const attempts = `${call.attemptCount} ${call.attemptCount === 1 ? "attempt" : "attempts"}`;
  const sent = call.sentCount === call.attemptCount ? "" : ` (${call.sentCount || "none"} of them sent)`;
  const { places, lastError } = describePlaces(core);
  const sentence = `${core.typeName} got no reply to ${attempts}${sent} in ${tookMs} ms from ${places}.`;
  const address = core.lastEndpoint;
  return new ZmqError("EAGAIN", sentence, {
    remedy: remedyOf(core, call, heldBackCount),
    ...(lastError === null ? {} : { cause: lastError }),
    ...(address === null ? {} : { address }),
  });
}

function describePlaces(core: SocketCore): { readonly places: string; readonly lastError: Error | null } {
  const liveCounts = new Map<string, number>();
  for (const { endpoint } of core.endpoints.list()) liveCounts.set(endpoint, 0);
  for (const { endpoint, live } of core.peers)
    liveCounts.set(endpoint, (liveCounts.get(endpoint) ?? 0) + (live ? 1 : 0));
  if (liveCounts.size === 0) return { places: "nowhere: it is not bound and not connected", lastError: null };
  const errors = new Map(core.links.map((link) => [link.endpoint, link.lastError]));
  const places: string[] = [];
  let lastError: Error | null = null;
  for (const [endpoint, liveCount] of liveCounts) {
    // An error of an endpoint that is connected now is history.
    const error = liveCount > 0 ? null : (errors.get(endpoint) ?? null);
    lastError ??= error;
    if (places.length === NAMED_COUNT_MAX) continue;
    places.push(`${endpoint} (${describePeers(liveCount, error)})`);
  }
  const more = liveCounts.size - places.length;
  return { places: `${places.join(", ")}${more > 0 ? ` and ${more} more` : ""}`, lastError };
}

function describePeers(liveCount: number, error: Error | null): string {
  if (liveCount > 0) return `${liveCount} ${liveCount === 1 ? "peer" : "peers"} connected`;
  if (error === null) return "no peer connected";
  return `no peer connected, last error ${(error as { code?: string }).code ?? error.message}`;
}

function remedyOf(core: SocketCore, call: RequestCall, heldBackCount: number): string {
  const { receiveHighWaterMark } = core.options;
  if (receiveHighWaterMark > 0 && heldBackCount >= receiveHighWaterMark)
    return `Call receive(): ${heldBackCount} messages that are no replies wait for it, and replies behind them.`;
  if (core.lastEndpoint === null) return "Call connect() or bind() before.";
  if (!core.peers.some((peer) => peer.live))
    return "Start the server, or check the endpoint; the socket can be used at once.";
  if (call.sentCount === 0) return "Raise timeoutMs: every peer is at its high-water mark.";
  return "Look at the server, which is slow or lost the request, or raise timeoutMs; the socket can be used at once.";
}
