import type { Finding, Severity } from "../../core/finding.ts";
import type { SocketView } from "../../core/socket-view.ts";
import type { Ground, Rule } from "./rule.ts";
import {
  bindFailed,
  inprocNotBound,
  lostConnection,
  neverConnected,
  quietPeer,
} from "./rules/connections.ts";
import { hungUp, refusals, wrongPeerHere } from "./rules/handshakes.ts";
import { missingDelimiter, noReply, outOfStep, replyOwed, unroutable } from "./rules/lockstep.ts";
import { lingerCut, orphaned, peerGone, protocolDrop } from "./rules/losses.ts";
import { lateSubscriber, noSubscriber, noSubscription, topicMismatch } from "./rules/publishing.ts";
import { datagramDrop, hwmDrop, sendWaits, unfairShare } from "./rules/queues.ts";
import { handshakeStalled } from "./rules/stalled.ts";
import { lateOption, socketPosted } from "./rules/usage.ts";

/** Every rule: first what keeps peers apart, then what becomes of messages between them. */
export const RULES: readonly Rule[] = [
  refusals,
  wrongPeerHere,
  hungUp,
  handshakeStalled,
  bindFailed,
  neverConnected,
  lostConnection,
  inprocNotBound,
  noSubscription,
  missingDelimiter,
  hwmDrop,
  datagramDrop,
  unroutable,
  peerGone,
  lingerCut,
  orphaned,
  protocolDrop,
  lateSubscriber,
  topicMismatch,
  noReply,
  replyOwed,
  sendWaits,
  outOfStep,
  unfairShare,
  lateOption,
  socketPosted,
  noSubscriber,
  quietPeer,
];

const ORDER: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** What all rules find about one socket, the worst first. */
export function explainView(view: SocketView, ground: Ground): Finding[] {
  const socket = { id: view.id, type: view.type, label: view.label };
  const findings = RULES.flatMap((rule) => rule(view, ground)).map((draft) => ({
    code: draft.code,
    severity: draft.severity,
    socket,
    endpoint: draft.endpoint ?? null,
    peer: draft.peer ?? null,
    what: draft.what,
    remedy: draft.remedy,
    evidence: draft.evidence,
    sinceMs: draft.sinceMs ?? null,
    help: `docs/guide/missing-messages.md#${draft.code}`,
  }));
  return findings.sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
}
