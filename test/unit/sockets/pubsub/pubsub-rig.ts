// Publishers and subscribers without sockets, for the tests of their patterns.

import { installPlatform } from "../../../../src/base/platform.ts";
import type { SocketOptionValues } from "../../../../src/core/option-values.ts";
import type { Pattern, PatternHost } from "../../../../src/core/pattern.ts";
import { PubPattern } from "../../../../src/sockets/pubsub/pub-pattern.ts";
import { SubPattern } from "../../../../src/sockets/pubsub/sub-pattern.ts";
import { XpubPattern } from "../../../../src/sockets/pubsub/xpub-pattern.ts";
import { XsubPattern } from "../../../../src/sockets/pubsub/xsub-pattern.ts";
import { Rig } from "../rig.ts";

/** What was put off to later turns of the event loop. */
const turns: (() => void)[] = [];
installPlatform({ yieldTurn: (callback) => void turns.push(callback) });

/** Lets the event loop turn until nothing is left to do; answers how often it did. */
export function turnToTheEnd(): number {
  let count = 0;
  for (; turns.length > 0; count++) for (const callback of turns.splice(0)) callback();
  return count;
}

export const PUBSUB_DEFAULTS: Partial<SocketOptionValues> = {
  sendHighWaterMark: 1000,
  receiveHighWaterMark: 1000,
  maxOrphans: -1,
  noDrop: false,
  manual: false,
  verbosity: null,
  welcomeMessage: null,
  invertMatching: false,
  onlyFirstSubscribe: false,
  maxSubscriptionsPerPeer: -1,
  maxTopicSize: -1,
};

type Options = Partial<SocketOptionValues>;

function rig<P extends Pattern>(create: (host: PatternHost) => P, options: Options): Rig<P> {
  return new Rig(create, { ...PUBSUB_DEFAULTS, ...options });
}

export const pub = (options: Options = {}): Rig<PubPattern> => rig((host) => new PubPattern(host), options);
export const xpub = (options: Options = {}): Rig<XpubPattern> =>
  rig((host) => new XpubPattern(host), options);
export const sub = (options: Options = {}): Rig<SubPattern> => rig((host) => new SubPattern(host), options);
export const xsub = (options: Options = {}): Rig<XsubPattern> =>
  rig((host) => new XsubPattern(host), options);

export function octets(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** `01 topic`, as text. */
export function wants(topic: string): string {
  return `\x01${topic}`;
}

/** `00 topic`, as text. */
export function ends(topic: string): string {
  return `\0${topic}`;
}
