import type { Severity } from "../../../core/finding.ts";
import type { SocketView } from "../../../core/socket-view.ts";
import type { DropReason } from "../../../pipe/pipe.ts";
import type { Draft, Ground } from "../rule.ts";
import { lacksDelimiter } from "./lockstep.ts";
import type { PeerLoss } from "./peer-losses.ts";
import { summedLosses } from "./peer-losses.ts";
import { countWere } from "./words.ts";

type Direction = "sent" | "received";

/** What a message means to who sent it to a peer that left. */
const GONE_SEVERITY: Readonly<Record<string, Severity>> = {
  PUB: "info",
  XPUB: "info",
  ROUTER: "warning",
  SERVER: "warning",
  PEER: "warning",
  RADIO: "info",
  REP: "warning",
};

/** What waited for a peer when it left. */
export function peerGone(view: SocketView): readonly Draft[] {
  const sent = told(view, "peer-gone", "sent", (loss) => ({
    code: "peer-gone",
    severity: GONE_SEVERITY[view.type] ?? "error",
    what: `${countWere(loss.lostCount, "message")} dropped that waited for ${whom(loss)} when it left. What had been handed to the network before may have been lost with it, too.`,
    remedy:
      "Let the peer confirm what it has done, and send again what it has not; request() does that for requests.",
  }));
  const received = told(view, "peer-gone", "received", (loss) => ({
    code: "peer-gone",
    severity: "warning",
    what: `${countWere(loss.lostCount, "message")} dropped that had come from ${whom(loss)}, which left.`,
    remedy: "Receive before the peer leaves, or let it wait for an answer before it does.",
  }));
  return [...sent, ...received];
}

/** What linger did not suffice for. */
export function lingerCut(view: SocketView): readonly Draft[] {
  const { linger } = view.options;
  return told(view, "linger", "sent", (loss) => ({
    code: "linger-cut",
    // Who sets 0 wants it so.
    severity: linger === 0 ? "info" : "error",
    what: `${countWere(loss.lostCount, "message")} dropped that still waited for ${whom(loss)} at close() or disconnect(): linger is ${linger} ms.`,
    remedy:
      "Raise linger (-1 waits for ever), await close() and look at its report, and start the peer before you close.",
    more: { lingerMs: Number(linger) },
  }));
}

/** What had arrived and was never received. */
export function orphaned(view: SocketView): readonly Draft[] {
  const received = told(view, "orphaned", "received", (loss) => ({
    code: "orphaned",
    // Who closes a socket may well mean it.
    severity: view.isClosed ? "info" : "warning",
    what: view.isClosed
      ? `${countWere(loss.lostCount, "message")} dropped that had come and not been received when the socket closed.`
      : `${countWere(loss.lostCount, "message")} dropped that ${whom(loss)} had sent before it left: they were not received in time.`,
    remedy: view.isClosed
      ? "Receive what is there (tryReceive()) before close()."
      : "Receive faster, or raise maxOrphans, which says how many messages of peers that left are kept.",
  }));
  const sent = told(view, "orphaned", "sent", (loss) => ({
    code: "orphaned",
    severity: GONE_SEVERITY[view.type] === "info" ? "info" : "warning",
    what: `${countWere(loss.lostCount, "message")} handed over to ${whom(loss)}, which closed without receiving ${loss.lostCount === 1 ? "it" : "them"}.`,
    remedy: "Let the peer receive what is there before it closes, or let it confirm what it has done.",
  }));
  return [...received, ...sent];
}

/** What the rules of a pattern have no place for; missing-delimiter tells of one case apart. */
export function protocolDrop(view: SocketView, ground: Ground): readonly Draft[] {
  const sent = told(view, "protocol", "sent", (loss) => ({
    code: "protocol-drop",
    severity: "error",
    what: `${countWere(loss.lostCount, "message")} sent with a routing id and nothing behind it, and dropped.`,
    remedy: "The first frame names the peer, and the frames behind it are the message: send [id, body].",
  }));
  if (view.type === "REP" || lacksDelimiter(view, ground)) return sent;
  const received = told(view, "protocol", "received", (loss) => ({
    code: "protocol-drop",
    severity: ASKERS.includes(view.type) ? "info" : "warning",
    what: ASKERS.includes(view.type)
      ? `${countWere(loss.lostCount, "reply").replace("replys", "replies")} dropped that no request waited for any more (from ${whom(loss)}).`
      : `${countWere(loss.lostCount, "message")} dropped: ${whom(loss)} sent what a ${view.type} does not receive.`,
    remedy: ASKERS.includes(view.type)
      ? "Nothing to do, if requests are given up and sent again; else raise the time that a request may take."
      : "Check what the peer sends, and which socket types the two are.",
  }));
  return [...sent, ...received];
}

const ASKERS: readonly string[] = ["REQ", "DEALER"];

interface Telling extends Omit<Draft, "evidence"> {
  readonly more?: Draft["evidence"];
}

function told(
  view: SocketView,
  reason: DropReason,
  direction: Direction,
  tell: (loss: PeerLoss) => Telling,
): readonly Draft[] {
  const loss = summedLosses(view, reason, direction);
  if (loss === null) return [];
  const { more, ...draft } = tell(loss);
  return [
    {
      ...draft,
      endpoint: loss.endpoint,
      peer: loss.peerCount === 1 ? loss.peer : null,
      evidence: { droppedCount: loss.lostCount, peerCount: loss.peerCount, peer: loss.peer, ...more },
      sinceMs: loss.sinceMs,
    },
  ];
}

function whom({ peer, peerCount }: PeerLoss): string {
  return peerCount > 1 ? `${peerCount} peers` : (peer ?? "a peer");
}
