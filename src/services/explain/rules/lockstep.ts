import type { SocketView } from "../../../core/socket-view.ts";
import type { Draft, Ground } from "../rule.ts";
import { summedLosses } from "./peer-losses.ts";
import { troublesOf } from "./troubles.ts";
import { count, countWere, span } from "./words.ts";

const NO_DELIMITER = /without the empty delimiter frame/;

/** send() and receive() not in turn. */
export function outOfStep(view: SocketView): readonly Draft[] {
  const { count: callCount, ageMs } = view.outOfStep;
  if (callCount === 0) return [];
  return [
    {
      code: "out-of-step",
      severity: "warning",
      what: `${count(callCount, "call")} came out of turn and failed with EFSM; nothing was sent or received by ${callCount === 1 ? "it" : "them"}.`,
      remedy:
        view.type === "REP"
          ? "Receive a request, send its reply, and so on in turn; await each call and look at its error."
          : "Send a request, receive its reply, and so on in turn, or use request(), which does both; await each call and look at its error.",
      evidence: { callCount },
      sinceMs: ageMs,
    },
  ];
}

/** A request without its reply. */
export function noReply(view: SocketView, { patience }: Ground): readonly Draft[] {
  if (view.isClosed) return [];
  return view.type === "REQ"
    ? noReplyToRequest(view, patience.waitMs)
    : noReplyToDealer(view, patience.waitMs);
}

function noReplyToRequest(view: SocketView, waitMs: number): readonly Draft[] {
  const { isAwaiting, awaitedMs, server } = view.facts;
  if (isAwaiting !== true || typeof awaitedMs !== "number") return [];
  const peer = view.peers.find((one) => one.address === server);
  // Not sent yet: why not is told of the endpoint.
  if (peer !== undefined && peer.sent.queued > 0 && !peer.live) return [];
  const endpoint = view.endpoints.find((one) => one.endpoint === peer?.endpoint);
  const lostAgeMs = endpoint?.disconnectAgeMs ?? null;
  const isGone = peer === undefined || (lostAgeMs !== null && lostAgeMs < awaitedMs);
  if (!isGone && awaitedMs < waitMs) return [];
  const whom = server === null ? "a server" : String(server);
  return [
    {
      code: "no-reply",
      severity: isGone ? "error" : "warning",
      endpoint: peer?.endpoint ?? null,
      peer: server === null ? null : String(server),
      what: isGone
        ? `The request that went to ${whom} ${span(awaitedMs)} ago has no reply, and the connection that it went by is over: none will come.`
        : `The request that went to ${whom} ${span(awaitedMs)} ago has no reply.`,
      remedy:
        "Use request(message, { timeoutMs, retries }), which gives up and asks again; or set relaxed and correlate, and receiveTimeout.",
      evidence: {
        server: server ?? null,
        awaitedMs: Math.round(awaitedMs),
        serverLeft: isGone,
        relaxed: view.options["relaxed"] === true,
      },
      sinceMs: awaitedMs,
    },
  ];
}

/** A REP never answers what comes without a delimiter. */
function noReplyToDealer(view: SocketView, waitMs: number): readonly Draft[] {
  if (view.type !== "DEALER") return [];
  const mute = view.peers.filter(
    (peer) =>
      peer.type === "REP" &&
      peer.live &&
      peer.sent.delivered > 0 &&
      peer.received.accepted === 0 &&
      (peer.liveAgeMs ?? 0) >= waitMs,
  );
  return mute.slice(0, 8).map((peer) => ({
    code: "no-reply",
    severity: "warning",
    endpoint: peer.endpoint,
    peer: peer.address,
    what: `The REP at ${peer.address} has answered none of ${count(peer.sent.delivered, "message")} in ${span(peer.liveAgeMs ?? 0)}.`,
    remedy:
      "A REP drops what has no empty frame before the body: send [null, body], or use request(). Else look at what the REP does.",
    evidence: {
      sentCount: peer.sent.delivered,
      server: peer.address,
      awaitedMs: Math.round(peer.liveAgeMs ?? 0),
    },
    sinceMs: peer.liveAgeMs,
  }));
}

/** A REP that has not replied; others wait meanwhile. */
export function replyOwed(view: SocketView, { patience }: Ground): readonly Draft[] {
  const { isOwing, owedMs, owedTo } = view.facts;
  if (view.isClosed || isOwing !== true || typeof owedMs !== "number" || owedMs < patience.waitMs) return [];
  const waitingCount = view.received.queued;
  const rest =
    waitingCount === 0
      ? ""
      : ` ${count(waitingCount, "further request")} ${waitingCount === 1 ? "waits" : "wait"}.`;
  return [
    {
      code: "reply-owed",
      severity: waitingCount > 0 ? "error" : "warning",
      peer: owedTo === null ? null : String(owedTo),
      what: `The request of ${owedTo ?? "a peer that left"} was received ${span(owedMs)} ago and has no reply yet.${rest}`,
      remedy: "Send a reply to each request, an empty one if need be, also when handling it fails.",
      evidence: { owedMs: Math.round(owedMs), owedTo: owedTo ?? null, waitingCount },
      sinceMs: owedMs,
    },
  ];
}

/** What came to a REP or REQ without an empty frame before the body. */
export function missingDelimiter(view: SocketView, { patience }: Ground): readonly Draft[] {
  if (view.type === "REQ") {
    const troubles = troublesOf(view, patience, (message) =>
      NO_DELIMITER.test(message) ? "delimiter" : null,
    );
    const droppedCount = view.received.dropped.protocol ?? 0;
    return [...troubles.values()].map(({ endpoint, peer, ageMs, seenCount }) => ({
      code: "missing-delimiter",
      severity: "error",
      endpoint,
      peer,
      what: `${peer ?? endpoint} sent a reply without the empty delimiter frame; it was dropped, and the connection made anew.`,
      remedy: "The ROUTER must send back the frames before the body as they came: [id, empty frame, body].",
      evidence: { droppedCount, seenCount, peer },
      sinceMs: ageMs,
    }));
  }
  const loss = view.type === "REP" ? summedLosses(view, "protocol", "received") : null;
  if (loss === null) return [];
  const who = loss.peerCount > 1 ? `${loss.peerCount} peers` : (loss.peer ?? "a peer");
  const type = loss.present?.type ?? null;
  return [
    {
      code: "missing-delimiter",
      severity: "error",
      endpoint: loss.endpoint,
      peer: loss.peerCount === 1 ? loss.peer : null,
      what: `${countWere(loss.lostCount, "request")} dropped because ${loss.lostCount === 1 ? "it" : "they"} had no empty frame before the body; ${loss.lostCount === 1 ? "it" : "they"} came from ${who}${type === null ? "" : `, a ${type}`}.`,
      remedy:
        "A DEALER must send [null, body] to a REP, a ROUTER [id, null, body]; request() of a DEALER does that.",
      evidence: { droppedCount: loss.lostCount, peer: loss.peer, peerType: type, peerCount: loss.peerCount },
      sinceMs: loss.sinceMs,
    },
  ];
}

/** Whether `missingDelimiter` accounts for what a REQ dropped. */
export function lacksDelimiter(view: SocketView, ground: Ground): boolean {
  return view.type === "REQ" && missingDelimiter(view, ground).length > 0;
}

/** Messages to nobody. */
export function unroutable(view: SocketView): readonly Draft[] {
  const droppedCount = view.sent.dropped.unroutable ?? 0;
  if (droppedCount === 0) return [];
  const loss = view.losses.find((one) => one.reason === "unroutable");
  const base = {
    code: "unroutable",
    evidence: { droppedCount, firstId: view.unroutableId, peerCount: view.peerCount },
    sinceMs: loss?.ageMs ?? null,
  } as const;
  if (view.type === "REP")
    return [
      {
        ...base,
        severity: "info",
        what: `${count(droppedCount, "reply").replace("replys", "replies")} dropped: who had asked was gone.`,
        remedy: "Nothing to do, if clients give up and ask again; else reply sooner.",
      },
    ];
  if (view.type === "DGRAM" || (view.type === "RADIO" && usesUdp(view)))
    return [
      {
        ...base,
        severity: "error",
        what: `${countWere(droppedCount, "datagram")} dropped because the system did not take ${droppedCount === 1 ? "it" : "them"}.`,
        remedy:
          "Check the address, and this machine's network and firewall; the last error of the endpoint says more.",
      },
    ];
  const to = view.unroutableId === null ? "" : ` The first was for ${view.unroutableId}.`;
  return [
    {
      ...base,
      severity: "error",
      what:
        view.type === "ROUTER"
          ? `${countWere(droppedCount, "message")} dropped because no peer has the routing id in the first frame.${to} ${count(view.peerCount, "peer")} ${view.peerCount === 1 ? "is" : "are"} connected.`
          : `${countWere(droppedCount, "message")} dropped because there was nobody to send to.`,
      remedy:
        view.type === "ROUTER"
          ? "Use the first frame of what was received, octet by octet, while that peer is connected; set mandatory, and send() rejects with EHOSTUNREACH instead."
          : "Await waitForPeers() before the first send.",
    },
  ];
}

/** Whether any endpoint is one for datagrams, or was. */
function usesUdp({ endpoints, losses }: SocketView): boolean {
  return [...endpoints, ...losses].some(({ endpoint }) => endpoint?.startsWith("udp://"));
}
