import type { PeerView, SocketView } from "../../../core/socket-view.ts";
import type { Draft, Ground } from "../rule.ts";
import { count, countWere } from "./words.ts";

const PUBLISHERS: readonly string[] = ["PUB", "XPUB", "RADIO"];
const SUBSCRIBERS: readonly string[] = ["SUB", "XSUB", "DISH"];
/** So many messages that matched nothing are no accident. */
const MISMATCH_COUNT = 100;

const WAIT_FOR_SUBSCRIBERS =
  "Await waitForSubscribers() before the first send; where the subscriber must have every message, let it ask for what it missed, or use PUSH and PULL.";

/** What the same thing is called with topics, and with groups. */
interface Words {
  readonly first: string;
  readonly without: string;
  readonly ask: string;
  readonly connects: string;
  readonly mismatch: string;
  readonly remedy: string;
}

const TOPICS: Words = {
  first: "the first subscription",
  without: "without a subscription",
  ask: "call subscribe() there",
  connects: "a publisher that connects keeps nothing for a peer whose subscriptions it has not heard yet",
  mismatch: "none of them begins with a topic that was subscribed to",
  remedy:
    "A subscription is a prefix of the first frame, octet by octet: compare the two, and send the topic as the first frame.",
};

const GROUPS: Words = {
  first: "the first word that a dish has joined a group",
  without: "and have joined no group",
  ask: "call join() there",
  connects: "a radio that connects keeps nothing for a dish whose groups it has not heard yet",
  mismatch: "none of them was for a group that was joined",
  remedy: "A group is joined as a whole, octet by octet, not as a prefix: compare the two.",
};

function wordsOf({ type }: SocketView): Words {
  return type === "RADIO" ? GROUPS : TOPICS;
}

/** The slow joiner: what was sent before the first subscription. */
export function lateSubscriber(view: SocketView): readonly Draft[] {
  const { beforeFirst, firstLostAgeMs, firstAgeMs, peer: address } = view.lonely;
  if (!PUBLISHERS.includes(view.type) || beforeFirst === 0 || firstAgeMs === null) return [];
  const peer = view.peers.find((one) => one.address === address);
  const words = wordsOf(view);
  const connects = peer?.outgoing ?? isConnecting(view);
  const withinMs = firstLostAgeMs === null ? null : Math.round(firstLostAgeMs - firstAgeMs);
  const before = withinMs === null ? "before" : `in the ${withinMs} ms before`;
  const from = address === null ? "" : ` (${address})`;
  const sent = `${countWere(beforeFirst, "message")} sent ${before} ${words.first}${from} arrived, and nobody could get`;
  const them = beforeFirst === 1 ? "it" : "them";
  return [
    {
      code: connects ? "publisher-connects" : "late-subscriber",
      severity: "warning",
      endpoint: peer?.endpoint ?? null,
      peer: address,
      what: connects ? `${sent} ${them}: ${words.connects}.` : `${sent} ${them}.`,
      remedy: WAIT_FOR_SUBSCRIBERS,
      evidence: { lostCount: beforeFirst, withinMs, peer: address },
      sinceMs: firstLostAgeMs,
    },
  ];
}

/** Sent while there was nobody: so far, or since all had left. */
export function noSubscriber(view: SocketView): readonly Draft[] {
  const { lostCount, beforeFirst, firstAgeMs, firstLostAgeMs } = view.lonely;
  const lonelyCount = lostCount - beforeFirst;
  if (!PUBLISHERS.includes(view.type) || lonelyCount === 0) return [];
  const words = wordsOf(view);
  const livePeerCount = view.peers.filter((peer) => peer.live).length;
  const when =
    firstAgeMs === null ? "there has been no subscriber so far" : "all subscribers had left by then";
  return [
    {
      code: "no-subscriber",
      severity: "info",
      what: `${countWere(lonelyCount, "message")} sent to nobody: ${when}.`,
      remedy:
        livePeerCount > 0
          ? `${count(livePeerCount, "peer")} ${livePeerCount === 1 ? "is" : "are"} connected ${words.without}: ${words.ask}.`
          : WAIT_FOR_SUBSCRIBERS,
      evidence: { lostCount: lonelyCount, livePeerCount, hadSubscriber: firstAgeMs !== null },
      sinceMs: firstLostAgeMs,
    },
  ];
}

/** How a socket asks for something. */
const ASKING: Readonly<Record<string, string>> = {
  SUB: 'Call subscribe("prefix"), or subscribe() for everything.',
  XSUB: "Send it a subscription: a frame of the octet 1 and the topic.",
  DISH: 'Call join("group") with the very group that is sent to.',
};

/** At the SUB, which gets nothing, and at the PUB, whose peer gets nothing. */
export function noSubscription(view: SocketView, ground: Ground): readonly Draft[] {
  const { momentMs } = ground.patience;
  const isSilent = (peer: PeerView): boolean => peer.live && (peer.liveAgeMs ?? 0) >= momentMs;
  if (SUBSCRIBERS.includes(view.type)) {
    const publishers = view.peers.filter(isSilent);
    if (view.facts["topicCount"] !== 0 || publishers.length === 0) return [];
    const [first] = publishers;
    return [
      {
        code: "no-subscription",
        severity: "error",
        endpoint: first?.endpoint ?? null,
        peer: first?.address ?? null,
        what:
          view.type === "DISH"
            ? `This DISH is connected to ${count(publishers.length, "radio")} and has joined no group, so it gets nothing.`
            : `This ${view.type} is connected to ${count(publishers.length, "publisher")} and has no subscription, so it gets nothing.`,
        remedy: ASKING[view.type] as string,
        evidence: { topicCount: 0, publisherCount: publishers.length },
        sinceMs: oldest(publishers.map((peer) => peer.liveAgeMs)),
      },
    ];
  }
  if (!PUBLISHERS.includes(view.type) || view.options["manual"] === true) return [];
  // An XSUB of a proxy rightly has no topic while nobody behind it wants any.
  const mute = view.peers.filter(
    (peer) =>
      isSilent(peer) && (peer.type === "SUB" || peer.type === "DISH") && peer.facts["topicCount"] === 0,
  );
  const [first] = mute;
  if (first === undefined) return [];
  return [
    {
      code: "no-subscription",
      severity: "info",
      endpoint: first.endpoint,
      peer: first.address,
      what: `${count(mute.length, `${first.type} peer`)} (${first.address}${mute.length > 1 ? ", ..." : ""}) ${mute.length === 1 ? "has" : "have"} ${first.type === "DISH" ? "joined no group" : "no subscription"} and ${mute.length === 1 ? "gets" : "get"} nothing.`,
      remedy: first.type === "DISH" ? "Join a group there." : "Subscribe there.",
      evidence: { peerCount: mute.length, peer: first.address },
      sinceMs: first.liveAgeMs,
    },
  ];
}

/** There are subscriptions, and nothing ever matched one. */
export function topicMismatch(view: SocketView, ground: Ground): readonly Draft[] {
  if (PUBLISHERS.includes(view.type)) return mismatchAtPublisher(view, ground);
  // To a DISH comes over udp whatever was sent there.
  if (SUBSCRIBERS.includes(view.type) && view.type !== "DISH") return mismatchAtSubscriber(view, ground);
  return [];
}

function mismatchAtPublisher(view: SocketView, { patience }: Ground): readonly Draft[] {
  const dropped = view.sent.dropped["no-subscriber"] ?? 0;
  const missedCount = dropped - view.lonely.lostCount;
  const subscribers = view.peers.filter((peer) => Number(peer.facts["topicCount"] ?? 0) > 0);
  if (missedCount <= 0 || subscribers.length === 0 || view.sent.accepted > dropped) return [];
  const sinceMs = oldest(subscribers.map((peer) => peer.subscribedAgeMs));
  if (missedCount < MISMATCH_COUNT && (sinceMs ?? 0) < patience.waitMs) return [];
  const first = view.unmatchedTopic;
  const words = wordsOf(view);
  const what = view.type === "RADIO" ? "The group" : "The first frame";
  const topic = first === null ? "" : ` ${what} of the first message was ${first}.`;
  return [
    {
      code: "topic-mismatch",
      severity: "warning",
      peer: subscribers.length === 1 ? (subscribers[0]?.address ?? null) : null,
      what: `${countWere(missedCount, "message")} sent since there ${subscribers.length === 1 ? "is a subscriber" : `are ${subscribers.length} subscribers`}, and ${words.mismatch}.${topic}`,
      remedy: words.remedy,
      evidence: { missedCount, subscriberCount: subscribers.length, firstTopic: first },
      sinceMs,
    },
  ];
}

/** A publisher that does not filter, or a proxy before it. */
function mismatchAtSubscriber(view: SocketView, { patience }: Ground): readonly Draft[] {
  const { accepted, dropped } = view.received;
  const missedCount = dropped["no-subscriber"] ?? 0;
  if (missedCount === 0 || missedCount < accepted) return [];
  const sinceMs = oldest(view.peers.map((peer) => peer.liveAgeMs));
  if (missedCount < MISMATCH_COUNT && (sinceMs ?? 0) < patience.waitMs) return [];
  const topics = String(view.facts["topics"] ?? "");
  return [
    {
      code: "topic-mismatch",
      severity: "warning",
      what: `All ${count(missedCount, "message")} that came ${missedCount === 1 ? "begins" : "begin"} with none of the topics of this socket${topics === "" ? "" : ` (${topics})`}.`,
      remedy: TOPICS.remedy,
      evidence: { missedCount, topicCount: Number(view.facts["topicCount"] ?? 0), topics },
      sinceMs,
    },
  ];
}

function isConnecting({ endpoints }: SocketView): boolean {
  return endpoints.length > 0 && endpoints.every((one) => one.kind === "connect");
}

function oldest(ages: readonly (number | null)[]): number | null {
  let found: number | null = null;
  for (const age of ages) if (age !== null && (found === null || age > found)) found = age;
  return found;
}
