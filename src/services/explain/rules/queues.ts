import type { PeerView, SocketView } from "../../../core/socket-view.ts";
import type { Draft, Ground } from "../rule.ts";
import { peerLosses } from "./peer-losses.ts";
import { count, countWere, span } from "./words.ts";

const BALANCERS: readonly string[] = ["PUSH", "DEALER", "SCATTER", "CLIENT"];
/** Messages that a peer may be ahead by mere chance. */
const AHEAD_MIN = 10;

/** Each peer for whom messages were dropped because its queue was full. */
export function hwmDrop(view: SocketView): readonly Draft[] {
  return peerLosses(view, "hwm", "sent").map(({ peer, endpoint, lostCount, present, peerCount, sinceMs }) => {
    const limit = present?.sendHighWaterMark ?? null;
    const whom = peerCount > 1 ? `${peerCount} peers` : (peer ?? "a peer");
    const now =
      present === undefined
        ? ""
        : ` Now ${present.sent.queued} wait for it, and ${present.sent.delivered} were delivered.`;
    const mark = limit === null ? "sendHighWaterMark" : `sendHighWaterMark, ${limit},`;
    return {
      code: "hwm-drop",
      severity: "error",
      endpoint,
      peer,
      what: `${countWere(lostCount, "message")} dropped because ${whom} had as many waiting as ${mark} allows.${now}`,
      remedy:
        "Let the peer receive faster, send less, or raise sendHighWaterMark here and receiveHighWaterMark there; noDrop on a PUB or RADIO and mandatory on a ROUTER make send() wait instead.",
      evidence: {
        droppedCount: lostCount,
        sendHighWaterMark: limit,
        queuedCount: present?.sent.queued ?? null,
        deliveredCount: present?.sent.delivered ?? null,
        peer,
      },
      sinceMs,
    };
  });
}

/** What came in datagrams while the queue was full. */
export function datagramDrop(view: SocketView): readonly Draft[] {
  // Over streams and inproc a sender is slowed down, or drops it himself.
  if (view.type !== "DISH" && view.type !== "DGRAM") return [];
  return peerLosses(view, "hwm", "received").map(({ endpoint, lostCount, present, sinceMs }) => {
    const limit = present?.receiveHighWaterMark ?? null;
    const mark = limit === null ? "receiveHighWaterMark" : `receiveHighWaterMark, ${limit},`;
    return {
      code: "hwm-drop",
      severity: "error",
      endpoint,
      what: `${countWere(lostCount, "datagram")} dropped that came while as many waited to be received as ${mark} allows.`,
      remedy:
        "Receive faster, or raise receiveHighWaterMark: over udp nothing slows a sender down. What must arrive goes over tcp.",
      evidence: {
        droppedCount: lostCount,
        receiveHighWaterMark: limit,
        queuedCount: present?.received.queued ?? null,
      },
      sinceMs,
    };
  });
}

/** The first peer had most of the messages before the others came. */
export function unfairShare(view: SocketView, { patience }: Ground): readonly Draft[] {
  if (!BALANCERS.includes(view.type) || view.peers.length < 2) return [];
  const inOrder = [...view.peers].sort((a, b) => b.attachedAgeMs - a.attachedAgeMs);
  const [first, ...others] = inOrder as [PeerView, ...PeerView[]];
  // A peer that comes much later is a helper, and what was done before needs none.
  const late = others.filter(
    (peer) =>
      (peer.givenBefore ?? 0) >= AHEAD_MIN &&
      first.attachedAgeMs - peer.attachedAgeMs <= patience.waitMs &&
      first.sent.accepted >= 2 * peer.sent.accepted,
  );
  const second = late[0];
  if (second === undefined) return [];
  const afterMs = Math.round(first.attachedAgeMs - second.attachedAgeMs);
  const counts = others.map((peer) => peer.sent.accepted);
  return [
    {
      code: "unfair-share",
      severity: "warning",
      endpoint: first.endpoint,
      peer: first.address,
      what: `The first peer (${first.address}) was given ${count(second.givenBefore ?? 0, "message")} before ${second.address} came, ${afterMs} ms later. So far it has ${first.sent.accepted}, the ${others.length === 1 ? "other" : `${others.length} others`} ${counts.slice(0, 8).join(", ")}.`,
      remedy:
        "Await waitForPeers(n) before the first send; where workers differ in speed, let them ask for work (ROUTER and DEALER).",
      evidence: {
        firstCount: first.sent.accepted,
        givenBefore: second.givenBefore,
        otherCounts: counts.join(", "),
        afterMs,
        peerCount: view.peers.length,
      },
      sinceMs: first.attachedAgeMs,
    },
  ];
}

/** Calls of send() that wait for long. */
export function sendWaits(view: SocketView, { patience }: Ground): readonly Draft[] {
  const { sends, sendsAgeMs } = view.waiting;
  if (view.isClosed || sends === 0 || sendsAgeMs === null || sendsAgeMs < patience.waitMs) return [];
  const fullest = [...view.peers].sort((a, b) => b.sent.queued - a.sent.queued)[0];
  const liveCount = view.peers.filter((peer) => peer.live).length;
  const why =
    fullest === undefined
      ? "there is no peer"
      : `${view.peerCount === 1 ? "its one peer has" : `each of ${view.peerCount} peers has`} no room (${fullest.address}: ${fullest.sent.queued} of ${fullest.sendHighWaterMark} wait)`;
  return [
    {
      code: "send-waits",
      severity: "warning",
      endpoint: fullest?.endpoint ?? null,
      peer: fullest?.address ?? null,
      what: `${count(sends, "call")} of send() ${sends === 1 ? "waits" : "wait"}, the first for ${span(sendsAgeMs)}: ${why}.`,
      remedy: remedyOf(view, fullest, liveCount),
      evidence: {
        callCount: sends,
        waitedMs: Math.round(sendsAgeMs),
        peerCount: view.peerCount,
        livePeerCount: liveCount,
        queuedCount: fullest?.sent.queued ?? 0,
        sendHighWaterMark: fullest?.sendHighWaterMark ?? null,
      },
      sinceMs: sendsAgeMs,
    },
  ];
}

function remedyOf(view: SocketView, fullest: PeerView | undefined, liveCount: number): string {
  const isOver = view.endpoints.some(
    ({ endpoint, kind }) => kind === "connect" && endpoint.startsWith("inproc://"),
  );
  if (fullest === undefined)
    return isOver
      ? "A peer over inproc that left does not come back by itself: connect() again. sendTimeout bounds the wait."
      : "Bind or connect, and start the peer; sendTimeout bounds the wait.";
  if (liveCount === 0) return "No peer is connected: start one. sendTimeout bounds the wait.";
  return "The peers do not receive: look at them, add more, or bound the wait with sendTimeout.";
}
