import type { SocketView } from "../../../core/socket-view.ts";
import type { Draft } from "../rule.ts";
import { count } from "./words.ts";

/** Options that came too late for what was bound or connected before. */
export function lateOption(view: SocketView): readonly Draft[] {
  if (view.isClosed) return [];
  if (view.lateOptions.length === 0) return [];
  const found: Draft[] = [];
  const attachedAges = new Map<string, number>();
  for (const { endpoint, attachedAgeMs } of view.peers)
    attachedAges.set(endpoint, Math.max(attachedAgeMs, attachedAges.get(endpoint) ?? 0));
  for (const { name, ageMs } of view.lateOptions) {
    const before = view.endpoints.filter(
      (one) => Math.max(one.ageMs, attachedAges.get(one.endpoint) ?? 0) >= ageMs,
    );
    const [first] = before;
    if (first === undefined) continue;
    found.push({
      code: "late-option",
      severity: "warning",
      endpoint: first.endpoint,
      what: `${name} was set after ${first.kind}(${JSON.stringify(first.endpoint)}) and does not count there.`,
      remedy: `Set ${name} when the socket is made, or before ${first.kind}().`,
      evidence: { option: name, endpointCount: before.length },
      sinceMs: ageMs,
    });
  }
  return found;
}

/** Somebody tried to give the socket to another thread. */
export function socketPosted({ postedCount }: SocketView): readonly Draft[] {
  if (postedCount === 0) return [];
  return [
    {
      code: "socket-posted",
      severity: "warning",
      what: `${count(postedCount, "attempt")} to post or copy this socket failed: it stays in the thread that made it.`,
      remedy: "Make a socket in the other thread, and connect the two over inproc.",
      evidence: { attemptCount: postedCount },
    },
  ];
}
