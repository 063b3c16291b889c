import { channel } from "node:diagnostics_channel";
import type { Finding } from "../../core/finding.ts";
import type { Loss } from "../../core/journal.ts";
import type { ViewedSocket } from "../../core/socket-view.ts";
import { nameSocket } from "../../core/socket-view.ts";

const losses = channel("zeromq-ts:loss");
const findings = channel("zeromq-ts:finding");

/** The first loss of its socket, peer, direction and reason. Nothing is made of it where nobody listens. */
export function publishLoss(socket: ViewedSocket, { endpoint, peer, direction, reason }: Loss): void {
  if (!losses.hasSubscribers) return;
  losses.publish({ socket: nameSocket(socket), endpoint, peer, direction, reason });
}

/** Whether anybody wants to hear of findings. */
export function hasFindingReaders(): boolean {
  return findings.hasSubscribers;
}

export function publishFinding(finding: Finding): void {
  if (findings.hasSubscribers) findings.publish(finding);
}
