import type { DropReason } from "../../pipe/pipe.ts";

/** What a code stands for. */
export interface CatalogEntry {
  /** In a few words, for headings and tables. */
  readonly title: string;
  /** One sentence: why messages do not arrive. */
  readonly cause: string;
  /** The reasons of the ledger that the code accounts for. */
  readonly reasons: readonly DropReason[];
}

/** Every code that a finding can have. docs/guide/missing-messages.md has a section for each. */
export const CATALOG = {
  "late-subscriber": {
    title: "The subscriber came late",
    cause: "A PUB sent before the first subscription had arrived, and a publisher keeps nothing for later.",
    reasons: ["no-subscriber"],
  },
  "publisher-connects": {
    title: "The publisher connects and does not wait",
    cause: "A PUB that connects sends nothing until the other side has told its subscriptions.",
    reasons: ["no-subscriber"],
  },
  "no-subscriber": {
    title: "Nobody subscribes",
    cause: "A PUB sends, and no peer has a subscription.",
    reasons: ["no-subscriber"],
  },
  "no-subscription": {
    title: "A SUB without a subscription",
    cause: "A SUB gets only what it subscribed to, and it subscribed to nothing.",
    reasons: [],
  },
  "topic-mismatch": {
    title: "The topics do not match",
    cause: "There are subscriptions, and nothing that was published begins with one of them.",
    reasons: ["no-subscriber"],
  },
  "hwm-drop": {
    title: "Dropped at the high-water mark",
    cause:
      "A PUB, XPUB, RADIO, ROUTER or REP drops what a slow peer has no room for, and so does who receives over udp.",
    reasons: ["hwm"],
  },
  "send-waits": {
    title: "Sends wait",
    cause: "There is no peer, or every peer is at its high-water mark.",
    reasons: [],
  },
  "unfair-share": {
    title: "The first peer took it all",
    cause: "A PUSH or DEALER gave its messages to the first peer before the others had connected.",
    reasons: [],
  },
  "incompatible-type": {
    title: "The socket types do not fit",
    cause: "Each socket type talks to certain others, and the peer is none of them.",
    reasons: [],
  },
  "mechanism-mismatch": {
    title: "The security mechanisms differ",
    cause: "Both sides must speak the same mechanism: NULL, PLAIN or CURVE.",
    reasons: [],
  },
  "wrong-server-key": {
    title: "The server's key is wrong",
    cause: "A client of CURVE knows its server by curveServerKey, and this server has another one.",
    reasons: [],
  },
  "same-role": {
    title: "Two servers, or two clients",
    cause: "With PLAIN and CURVE one side must be the server and the other the client, whoever binds.",
    reasons: [],
  },
  "access-denied": {
    title: "An authenticator refused the peer",
    cause: "The authenticator (ZAP) of one side does not let the other one in.",
    reasons: [],
  },
  "no-authenticator": {
    title: "There is nobody to authenticate peers",
    cause: "Peers must be authenticated, and no ZAP handler is bound: nobody comes in.",
    reasons: [],
  },
  "authenticator-fails": {
    title: "The authenticator fails",
    cause: "The ZAP handler does not answer, or answers what is no reply.",
    reasons: [],
  },
  "handshake-stalled": {
    title: "A handshake does not end",
    cause: "The connection stands, and one side waits for a word of the other that does not come.",
    reasons: [],
  },
  "wrong-protocol": {
    title: "The peer does not speak ZMTP 3",
    cause: "Something else listens or connects there: a web server, a health check, an old ZeroMQ.",
    reasons: [],
  },
  "too-long": {
    title: "A message is longer than allowed",
    cause: "The receiver ends the connection of a peer whose message is over its limits.",
    reasons: [],
  },
  "out-of-step": {
    title: "Calls out of step",
    cause: "REQ and REP must send and receive in turn; a call out of turn fails with EFSM and does nothing.",
    reasons: [],
  },
  "no-reply": {
    title: "No reply comes",
    cause: "The server is gone, stuck, or drops the request; a REQ waits for it all the same.",
    reasons: [],
  },
  "reply-owed": {
    title: "A reply is owed",
    cause: "A REP receives the next request only after it has replied to the last.",
    reasons: [],
  },
  "missing-delimiter": {
    title: "The empty delimiter frame is missing",
    cause: "REQ and REP put an empty frame before the body, and drop what comes without one.",
    reasons: ["protocol"],
  },
  unroutable: {
    title: "No peer has that routing id",
    cause: "A ROUTER, REP or XSUB drops what it can send to nobody.",
    reasons: ["unroutable"],
  },
  "duplicate-routing-id": {
    title: "Two peers have one routing id",
    cause: "A ROUTER refuses a peer whose routing id belongs to another one.",
    reasons: [],
  },
  "surplus-peer": {
    title: "A PAIR or CHANNEL has a peer already",
    cause: "A PAIR or CHANNEL talks to exactly one peer and refuses all others.",
    reasons: [],
  },
  "hung-up": {
    title: "The peer hangs up at once",
    cause: "The peer ends each connection right after the handshake.",
    reasons: [],
  },
  "refused-peer": {
    title: "Peers are turned away",
    cause: "A limit of this socket or of the system keeps peers out.",
    reasons: [],
  },
  "bind-failed": {
    title: "A bind failed",
    cause: "The endpoint could not be bound, and nobody can connect to it.",
    reasons: [],
  },
  "never-connected": {
    title: "Never connected",
    cause: "Nobody has answered at the endpoint since connect().",
    reasons: [],
  },
  "lost-connection": {
    title: "The connection is lost",
    cause: "The peer was there and is away; connecting goes on.",
    reasons: [],
  },
  "inproc-not-bound": {
    title: "The inproc name is not bound here",
    cause: "inproc names belong to one context, and in this one nobody has bound the name.",
    reasons: [],
  },
  "quiet-peer": {
    title: "Silence without heartbeats",
    cause: "A connection may be dead for hours before anybody notices, unless heartbeats are on.",
    reasons: [],
  },
  "peer-gone": {
    title: "Lost with a peer that left",
    cause: "Messages waited for a peer whose connection ended for good.",
    reasons: ["peer-gone"],
  },
  "linger-cut": {
    title: "Cut off by linger",
    cause: "The socket or connection was closed, and linger ran out before all was sent.",
    reasons: ["linger"],
  },
  orphaned: {
    title: "Received and never read",
    cause: "Messages were dropped that had arrived and that the application did not receive in time.",
    reasons: ["orphaned"],
  },
  "protocol-drop": {
    title: "Dropped by the rules of the pattern",
    cause: "The message came or went where its socket type has no use for it.",
    reasons: ["protocol"],
  },
  "late-option": {
    title: "An option was set too late",
    cause: "Most options count from the next bind() or connect() on.",
    reasons: [],
  },
  "socket-posted": {
    title: "A socket was posted to another thread",
    cause: "A socket belongs to the thread that made it; posting or copying it fails.",
    reasons: [],
  },
} as const satisfies Readonly<Record<string, CatalogEntry>>;

/** A code of the table. */
export type FindingCode = keyof typeof CATALOG;
