// The table of limits in docs/guide/hostile-input.md, from the option table in src/core.

import type { OptionRow } from "../src/core/option-row.ts";
import { SOCKET_OPTIONS } from "../src/core/option-table.ts";
import { markdownTable } from "./markdown.ts";

/** What bounds a peer, in the order of the guide. */
const LIMITS = {
  handshakeInterval: "time from the accept or connect to the end of the handshake, in ms",
  maxHandshakeSize: "octets of greeting and handshake together",
  maxPendingHandshakes: "accepted connections of a bound endpoint whose handshake is not complete",
  maxConnections: "accepted connections of a bound endpoint",
  maxCommandSize: "octets of a command other than a subscription",
  maxMessageSize: "octets of a frame",
  maxMultipartSize: "octets of a message, all frames together",
  maxFramesPerMessage: "frames of a message",
  maxSubscriptionsPerPeer: "topics that one peer may subscribe to",
  maxTopicSize: "octets of a topic",
  receiveHighWaterMark: "received messages of a peer that is there",
  maxOrphans: "received messages of peers that have left",
} as const;

export function limitsTable(): string {
  const lines = Object.entries(LIMITS).map(([name, what]) => {
    const row: OptionRow<unknown> = SOCKET_OPTIONS[name as keyof typeof LIMITS];
    const value = JSON.stringify(row.show(row.initial));
    // "-1 to 2147483647 ...; -1 is unlimited": the meaning says more than the number.
    const meaning = new RegExp(`[;,] ${value} ([^;,]+)`).exec(row.takes)?.[1]?.replace(/^is /, "");
    return [`\`${name}\``, what, meaning === undefined ? `\`${value}\`` : `\`${value}\`: ${meaning}`];
  });
  return markdownTable(["option", "bounds", "default"], lines);
}
