import type { SocketTypeName } from "../../../base/socket-type.ts";
import type { EndpointView, PeerView, SocketView } from "../../../core/socket-view.ts";
import { legalPeers, mayMeet } from "../../../wire/compatibility.ts";
import type { FindingCode } from "../catalog.ts";
import type { Draft, Ground } from "../rule.ts";
import { AUTHENTICATION_KINDS, REFUSAL_KINDS, TELL_AUTHENTICATION } from "./authentication.ts";
import { SECURITY_KINDS, TELL_SECURITY } from "./security.ts";
import type { Teller, Trouble, TroubleKind } from "./troubles.ts";
import { CUT_SHORT, troublesOf, where } from "./troubles.ts";
import { count, sentenceOf } from "./words.ts";

const WRONG_TYPE = /^The peer is a "((?:[^"\\]|\\.)*)" socket; (\w+) cannot talk to it/;
const WRONG_TYPE_THERE = /^The peer refused this socket: "Invalid-socket-type/;
const NOT_ZMTP = /^The peer (?:does not speak ZMTP 3|speaks ZMTP 1\.0|speaks an older ZMTP)/;
const TOO_LONG =
  /(?:declared|sent) a \w+ ?\w* of (.+) octets; (\d+) are allowed|message of more than \d+ frames/;
const DUPLICATE =
  /(?:refused (\S+):|refused its peer at \S+:) .*identity (\w+), which belongs to the peer at (\S+)/;
const SURPLUS = /A (PAIR|CHANNEL) socket has one peer/;
const LIMIT = /has (\d+) connections, (\d+) of them in their handshake; (\S+) was closed/;

/**
 * The first that fits counts. Sentences that quote a stranger (his name, his type, his mechanism, his words) stand first
 * and are known by their beginnings: nobody chooses by what he calls himself what is said of him.
 */
const KINDS: readonly TroubleKind[] = [
  { code: "incompatible-type", pattern: WRONG_TYPE },
  { code: "incompatible-type", pattern: WRONG_TYPE_THERE },
  ...REFUSAL_KINDS,
  ...SECURITY_KINDS,
  { code: "wrong-protocol", pattern: NOT_ZMTP },
  { code: "too-long", pattern: TOO_LONG },
  { code: "duplicate-routing-id", pattern: DUPLICATE },
  { code: "surplus-peer", pattern: SURPLUS },
  { code: "refused-peer", pattern: LIMIT },
  ...AUTHENTICATION_KINDS,
];

function kindOf(message: string): TroubleKind | undefined {
  return KINDS.find(({ pattern }) => pattern.test(message));
}

/** By code, and one by one whom an authenticator refused: they are different people. */
function keyOf(message: string): string | null {
  const code = kindOf(message)?.code ?? null;
  return code === "access-denied" ? message : code;
}

const FOR_SEVERAL =
  "Use DEALER, or PUSH and PULL, for several peers; with messages of one frame CLIENT and SERVER, too.";

/** Of one code at one endpoint so many are told. */
const TOLD_MAX = 8;
/** Often enough for a guess. */
const GUESS_MIN = 2;

/** The troubles that are told of, with their codes. */
function troublesTold(view: SocketView, { patience, isBoundHere }: Ground): [FindingCode, Trouble][] {
  const found: [FindingCode, Trouble][] = [];
  const endpoints = new Map(view.endpoints.map((one) => [one.endpoint, one]));
  const counts = new Map<string, number>();
  for (const trouble of troublesOf(view, patience, keyOf).values()) {
    const { code, isGuess } = kindOf(trouble.message) as TroubleKind;
    if (isGuess === true && !isLikely(endpoints.get(trouble.endpoint), code, trouble)) continue;
    // Who was refused comes again, and will be asked about.
    if (code === "no-authenticator" && isBoundHere(ZAP_NAME)) continue;
    const place = `${code} ${trouble.endpoint}`;
    const likeCount = counts.get(place) ?? 0;
    counts.set(place, likeCount + 1);
    if (likeCount < TOLD_MAX) found.push([code, trouble]);
  }
  return found;
}

const ZAP_NAME = "zeromq.zap.01";

/** What a peer did without a word means something if it goes on doing it; at a bound endpoint others come and go. */
function isLikely(state: EndpointView | undefined, code: FindingCode, trouble: Trouble): boolean {
  if (trouble.kind === "bind") return code === "wrong-server-key" || code === "mechanism-mismatch";
  return trouble.seenCount >= GUESS_MIN && state?.lastError?.message.startsWith(CUT_SHORT) === true;
}

/** What peers and we think of each other after a handshake, or instead of one. */
export function refusals(view: SocketView, ground: Ground): readonly Draft[] {
  return troublesTold(view, ground).map(([code, trouble]) => {
    const told = TELL[code]?.(view, trouble) ?? { what: "", remedy: "" };
    const { evidence, peer, ...draft } = told;
    const { endpoint, ageMs, kind, seenCount } = trouble;
    return {
      code,
      severity: "error",
      endpoint,
      peer: peer ?? trouble.peer,
      ...draft,
      evidence: {
        ...evidence,
        bound: kind === "bind",
        peer: peer ?? trouble.peer,
        seenCount,
        error: sentenceOf(trouble.message),
      },
      sinceMs: ageMs,
    };
  });
}

/** The endpoints that `refusals` tells of. */
export function refusedAt(view: SocketView, ground: Ground): ReadonlySet<string> {
  return new Set(troublesTold(view, ground).map(([, trouble]) => trouble.endpoint));
}

const TELL: Readonly<Partial<Record<FindingCode, Teller>>> = {
  ...TELL_SECURITY,
  ...TELL_AUTHENTICATION,
  "incompatible-type": (view, trouble) => {
    const theirs = WRONG_TYPE.exec(trouble.message)?.[1] ?? null;
    return {
      ...describeTypes(view.type, theirs, where(trouble)),
      evidence: { ourType: view.type, peerType: theirs },
    };
  },
  "wrong-protocol": (_view, trouble) => ({
    what: `Who ${trouble.kind === "bind" ? "connects from" : "answers at"} ${trouble.kind === "bind" ? (trouble.peer ?? "somewhere") : trouble.endpoint} speaks no protocol that this package does: ${sentenceOf(trouble.message)}.`,
    remedy:
      "Check the port: another service may have it, or a health check may knock. ZeroMQ peers must be version 4.0 or later.",
  }),
  "too-long": (_view, trouble) => ({
    what: `The peer ${where(trouble)} sent a message over this socket's limits and was disconnected; the message is lost: ${sentenceOf(trouble.message)}.`,
    remedy: "Raise maxMessageSize, maxMultipartSize or maxFramesPerMessage here, or send less at once.",
  }),
  "duplicate-routing-id": (_view, trouble) => {
    const [, newcomer, id = "", holder = ""] = DUPLICATE.exec(trouble.message) ?? [];
    const who = newcomer ?? trouble.peer ?? "A peer";
    return {
      what: `${who} was refused: it announced the routing id ${quoteId(id)}, which ${holder.replace(/\.$/, "")} has.`,
      remedy:
        "Give each peer a routing id of its own, or none; with handover the newcomer takes the place of the former.",
      peer: who,
      evidence: { routingId: id, holder: holder.replace(/\.$/, "") },
    };
  },
  "surplus-peer": (view, trouble) => ({
    what: `${/refused (\S+):/.exec(trouble.message)?.[1] ?? trouble.peer ?? "A peer"} was refused: a ${view.type} has one peer, and this one has ${view.peers[0]?.address ?? "another"}.`,
    remedy: FOR_SEVERAL,
    peer: /refused (\S+):/.exec(trouble.message)?.[1] ?? trouble.peer ?? "",
    evidence: { holder: view.peers[0]?.address ?? null },
  }),
  "refused-peer": (_view, trouble) => {
    const [, connections, pending, who = ""] = LIMIT.exec(trouble.message) ?? [];
    return {
      what: `${who} was turned away: ${trouble.endpoint} had ${count(Number(connections), "connection")}, ${pending} of them in their handshake.`,
      remedy: "Raise maxConnections or maxPendingHandshakes, or find out who connects so often.",
      severity: "error",
      peer: who,
      evidence: { connectionCount: Number(connections), pendingCount: Number(pending) },
    };
  },
};

/** Over inproc nobody checks types, as in libzmq; the messages go to and fro as they may. */
export function wrongPeerHere(view: SocketView): readonly Draft[] {
  const strangers = view.peers.filter(
    ({ type, live }) => live && type !== null && !mayMeet(view.type as SocketTypeName, type),
  );
  return strangers.slice(0, 8).map((peer) => ({
    code: "incompatible-type",
    severity: "warning",
    endpoint: peer.endpoint,
    peer: peer.address,
    ...describeTypes(view.type, peer.type, `at ${peer.address}`),
    evidence: { ourType: view.type, peerType: peer.type, bound: !peer.outgoing, peer: peer.address },
    sinceMs: peer.liveAgeMs,
  }));
}

/** This socket connects, and the peer closes at once, again and again. */
export function hungUp(view: SocketView, ground: Ground): readonly Draft[] {
  const refused = refusedAt(view, ground);
  const found = view.endpoints.filter(
    ({ endpoint, kind, briefCount }) =>
      kind === "connect" && briefCount >= BRIEF_MIN && !refused.has(endpoint),
  );
  const peers = new Map<string, PeerView>();
  for (const peer of view.peers) if (!peers.has(peer.endpoint)) peers.set(peer.endpoint, peer);
  return found.map(({ endpoint, briefCount, handshakeCount, disconnectAgeMs, unsentCount }) => {
    const peer = peers.get(endpoint);
    const isNamed = view.routingId !== "" && (peer?.type ?? "ROUTER") === "ROUTER";
    const code = EXCLUSIVE.includes(view.type)
      ? "surplus-peer"
      : isNamed
        ? "duplicate-routing-id"
        : "hung-up";
    const why = {
      "surplus-peer": `the ${view.type} there probably has another peer`,
      "duplicate-routing-id": `another peer there probably has this socket's routing id, ${quoteId(view.routingId)}`,
      "hung-up": "it does not say why",
    }[code];
    const remedy = {
      "surplus-peer": FOR_SEVERAL,
      "duplicate-routing-id": "Give each peer a routing id of its own, or set handover on the ROUTER.",
      "hung-up": "Look at the peer's own log: a limit of connections, or a fault there.",
    }[code];
    return {
      code,
      severity: "error",
      endpoint,
      peer: peer?.address ?? null,
      what: `The peer at ${endpoint} ended the last ${briefCount} connections right after their handshake: ${why}.`,
      remedy,
      evidence: { briefCount, handshakeCount, waitingCount: unsentCount, routingId: view.routingId },
      sinceMs: disconnectAgeMs,
    };
  });
}

const BRIEF_MIN = 3;
const EXCLUSIVE: readonly string[] = ["PAIR", "CHANNEL"];

function describeTypes(ours: string, theirs: string | null, at: string): Pick<Draft, "what" | "remedy"> {
  const legal = legalPeers(ours as SocketTypeName).join(", ");
  const peer = theirs === null ? `The peer ${at} does not take` : `The peer ${at} is a ${theirs} socket, and`;
  return {
    what: theirs === null ? `${peer} a ${ours} socket for a peer.` : `${peer} a ${ours} cannot talk to it.`,
    remedy: `A ${ours} talks to ${legal}: check the endpoint, and the type on either side.`,
  };
}

/** Hexadecimal digits as text, where that is what they are. */
function quoteId(id: string): string {
  if (id === "" || id.length % 2 === 1 || !/^[0-9a-f]+$/.test(id)) return id;
  let text = "";
  for (let i = 0; i < id.length; i += 2) text += String.fromCharCode(Number.parseInt(id.slice(i, i + 2), 16));
  return /^[ -~]+$/.test(text) ? `"${text}"` : `0x${id}`;
}
