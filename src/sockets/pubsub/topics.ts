import { ZmqError } from "../../base/errors.ts";
import type { FrameLike } from "../../core/message-like.ts";
import { toMessage } from "../../core/message-like.ts";
import type { SocketCore } from "../../core/socket.ts";
import type { WaitOptions } from "../../core/waiters.ts";
import type { PubPattern } from "./pub-pattern.ts";
import type { SubPattern } from "./sub-pattern.ts";
import { isManual, XpubPattern } from "./xpub-pattern.ts";
import type { XsubPattern } from "./xsub-pattern.ts";

/** Prefixes as octets; none given means the empty one, which matches everything. */
export function toTopics(prefixes: readonly FrameLike[]): Uint8Array[] {
  if (prefixes.length === 0) return [new Uint8Array(0)];
  // The caller may reuse its buffer; the subscription must not change with it.
  return prefixes.map((prefix) => Uint8Array.from(toMessage(prefix)[0] as Uint8Array));
}

export function topicsCount(core: SocketCore): number {
  return (core.pattern as PubPattern | SubPattern | XpubPattern | XsubPattern).topicsCount;
}

export function waitForSubscribers(
  core: SocketCore,
  count: number,
  topic: FrameLike | undefined,
  options: WaitOptions,
): Promise<void> {
  const pattern = core.pattern as PubPattern | XpubPattern;
  pattern.onSubscription ??= () => core.peersChanged();
  const octets = topic === undefined ? undefined : toTopics([topic])[0];
  return core.waitUntil(() => pattern.subscriberCount(octets) >= count, options);
}

/** The pattern of an XPUB in manual mode. */
export function manualPattern(core: SocketCore): XpubPattern {
  core.checkOpen();
  const { pattern } = core;
  if (pattern instanceof XpubPattern && isManual(core.options)) return pattern;
  throw new ZmqError("ENOTSUP", `${core.label()} takes subscribe() only with manual: true.`, {
    remedy: "Set manual before subscriptions arrive.",
  });
}
