import type { PeerView, SocketView } from "../../../core/socket-view.ts";
import type { DropReason } from "../../../pipe/pipe.ts";

/** What was lost at one peer, or at several together. */
export interface PeerLoss {
  /** The one peer, or the first. */
  readonly peer: string | null;
  readonly endpoint: string | null;
  readonly lostCount: number;
  /** The peer, if it is one and still there. */
  readonly present: PeerView | undefined;
  readonly peerCount: number;
  readonly sinceMs: number | null;
}

/** Peers that are told of one by one; the rest is summed up. */
const TOLD_PEERS_MAX = 8;

/** Losses for one reason by peer, the greatest first. They add up to the total of the socket. */
export function peerLosses(
  view: SocketView,
  reason: DropReason,
  direction: "sent" | "received",
): readonly PeerLoss[] {
  const total = view[direction].dropped[reason] ?? 0;
  if (total === 0) return [];
  const known = view.losses.filter(
    (loss) =>
      loss.reason === reason && loss.direction === direction && loss.peer !== null && loss.lostCount > 0,
  );
  // What nobody has told of yet.
  for (const { address, endpoint, [direction]: flow } of view.peers) {
    const lostCount = flow.dropped[reason] ?? 0;
    const isKnown = known.some((loss) => loss.peer === address && loss.endpoint === endpoint);
    if (lostCount > 0 && !isKnown)
      known.push({ reason, direction, endpoint, peer: address, ageMs: 0, lostCount });
  }
  known.sort((a, b) => b.lostCount - a.lostCount);
  const found: PeerLoss[] = [];
  let left = total;
  for (const { peer, endpoint, lostCount, ageMs } of known.slice(0, TOLD_PEERS_MAX)) {
    const there = view.peers.filter((one) => one.address === peer && one.endpoint === endpoint);
    const present = there.length === 1 ? there[0] : undefined;
    found.push({ peer, endpoint, lostCount, present, peerCount: 1, sinceMs: ageMs });
    left -= lostCount;
  }
  if (left <= 0) return found;
  // Of further peers, or of no peer that is known.
  const [first] = known.slice(TOLD_PEERS_MAX);
  const peerCount = Math.max(1, known.length - TOLD_PEERS_MAX);
  found.push({
    peer: first?.peer ?? null,
    endpoint: first?.endpoint ?? null,
    lostCount: left,
    present: undefined,
    peerCount,
    sinceMs: first?.ageMs ?? null,
  });
  return found;
}

/** All losses for one reason together. */
export function summedLosses(
  view: SocketView,
  reason: DropReason,
  direction: "sent" | "received",
): PeerLoss | null {
  const losses = peerLosses(view, reason, direction);
  const [first] = losses;
  if (first === undefined) return null;
  let lostCount = 0;
  let peerCount = 0;
  let sinceMs: number | null = null;
  for (const loss of losses) {
    lostCount += loss.lostCount;
    peerCount += loss.peer === null ? 0 : loss.peerCount;
    if (loss.sinceMs !== null && (sinceMs === null || loss.sinceMs > sinceMs)) sinceMs = loss.sinceMs;
  }
  return { ...first, lostCount, peerCount, sinceMs };
}
