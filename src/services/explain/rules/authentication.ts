import type { SocketView } from "../../../core/socket-view.ts";
import type { FindingCode } from "../catalog.ts";
import type { Teller, Told, Trouble, TroubleKind } from "./troubles.ts";
import { CUT_SHORT, where } from "./troubles.ts";
import { sentenceOf } from "./words.ts";

const CUT = `^${CUT_SHORT}`;
const REFUSED_HERE =
  /^The authenticator refused the peer \((\w+)(?:, user "([^"]*)"|, key (\S+))?\) with status (\d+)(?:: "([^"]*)")?/;
const REFUSED_THERE = /^The peer refused this socket with status (\d+)/;
const REFUSED_IN_WORDS = /^The peer refused this socket: (".*")\.$/;
const CUT_SILENTLY = new RegExp(`${CUT}before its (?:READY \\(\\w+\\)|WELCOME \\(PLAIN\\))`);
const NO_HANDLER = /^\S+ must be authenticated \((\w+)(?:, domain (".*"))?\), and no ZAP handler is bound/;
const HANDLER_FAILS =
  /^The ZAP handler |^A ZAP reply |^The \w+(?: \w+)*(?: or the user id)? of a ZAP reply|, which cannot authenticate anybody|wait for the ZAP handler|before the authenticator answered/;
const STALLED =
  /^The peer did not finish its handshake within (\d+) ms, and stopped (after \d+ octets of its greeting|before its [A-Z]+ \(\w+\))/;

/** Those that quote who was refused, or who refused us. */
export const REFUSAL_KINDS: readonly TroubleKind[] = [
  { code: "access-denied", pattern: REFUSED_HERE },
  { code: "access-denied", pattern: REFUSED_THERE },
  { code: "access-denied", pattern: REFUSED_IN_WORDS },
];

/** The first that fits counts. */
export const AUTHENTICATION_KINDS: readonly TroubleKind[] = [
  { code: "access-denied", pattern: CUT_SILENTLY, isGuess: true },
  { code: "no-authenticator", pattern: NO_HANDLER },
  { code: "authenticator-fails", pattern: HANDLER_FAILS },
  { code: "handshake-stalled", pattern: STALLED },
];

export const TELL_AUTHENTICATION: Readonly<Partial<Record<FindingCode, Teller>>> = {
  "access-denied": (view, trouble) =>
    REFUSED_HERE.test(trouble.message) ? tellRefusedHere(view, trouble) : tellRefusedThere(view, trouble),
  "no-authenticator": (_view, trouble) => {
    const [, mechanism = "", quoted] = NO_HANDLER.exec(trouble.message) ?? [];
    const domain = quoted === undefined ? null : quoted.slice(1, -1);
    const why = domain === null ? `a server of ${mechanism} has to ask` : `zapDomain is ${quoted}`;
    return {
      what: `${who(trouble)} was refused, as is everybody: ${why}, and no ZAP handler is bound to inproc://zeromq.zap.01 in this context.`,
      remedy:
        "Start an Authenticator, or another ZAP handler, in the context of this socket before its peers come.",
      evidence: { mechanism, zapDomain: domain },
    };
  },
  "authenticator-fails": (view, trouble) => ({
    what: `${who(trouble)} could not be authenticated: ${authenticatorFault(trouble)}.`,
    remedy:
      "Look at the ZAP handler of this context: it has to answer every request of 27/ZAP with a reply of seven frames; an Authenticator does.",
    evidence: { mechanism: view.security.mechanism, zapDomain: view.security.zapDomain },
  }),
  "handshake-stalled": (view, trouble) => {
    const [, limit, stage = ""] = STALLED.exec(trouble.message) ?? [];
    return {
      severity: "warning",
      what: `The peer ${where(trouble)} began its handshake and did not go on within ${limit} ms: it stopped ${stage}.`,
      remedy: stalledRemedy(view),
      evidence: {
        mechanism: view.security.mechanism,
        role: view.security.role,
        stage,
        limitMs: Number(limit),
      },
    };
  },
};

/** What mostly keeps the peer of such a socket from going on. */
export function stalledRemedy({ security: { mechanism, role } }: SocketView): string {
  if (role === "server")
    return `Look at the peer: it may have stopped, or be a server of ${mechanism} like this socket. And look whether the ZAP handler of this context answers.`;
  return "Look at the peer: its authenticator (ZAP) may not answer, or ask to try again later (300), or its process may be busy.";
}

const STATUSES: Readonly<Record<string, readonly [meaning: string, remedy: string]>> = {
  300: ["not now", "The client tries again by itself; if it goes on, look at the authenticator."],
  400: [
    "its credentials are not accepted",
    "If it should come in, add it to what the authenticator accepts: its address, its name and password, or its public key.",
  ],
  500: ["the authenticator failed", "Look at the authenticator's own log: it could not decide."],
};

function tellRefusedHere(_view: SocketView, trouble: Trouble): Told {
  const [, mechanism = "", user, key, status = "", text = ""] = REFUSED_HERE.exec(trouble.message) ?? [];
  const [meaning, remedy] = STATUSES[status] ?? ["", ""];
  const name = user === undefined ? (key === undefined ? "" : `, key ${key},`) : `, user "${user}",`;
  const why = text === "" ? meaning : `${meaning} ("${text}")`;
  return {
    // Who is refused for now comes again, and most who are refused should be.
    severity: status === "300" ? "info" : status === "500" ? "error" : "warning",
    what: `${who(trouble)}${name} was refused by the authenticator with status ${status}: ${why}.`,
    remedy: remedy as string,
    evidence: {
      status: Number(status),
      statusText: text,
      mechanism,
      userName: user ?? null,
      publicKey: key ?? null,
    },
  };
}

function tellRefusedThere({ security }: SocketView, trouble: Trouble): Told {
  const { mechanism, username, publicKey } = security;
  const status = REFUSED_THERE.exec(trouble.message)?.[1] ?? null;
  const reason = REFUSED_IN_WORDS.exec(trouble.message)?.[1] ?? null;
  const us =
    mechanism === "PLAIN" ? `user "${username}"` : mechanism === "CURVE" ? `key ${publicKey}` : "its address";
  const how =
    status !== null
      ? `refused this socket (${us}) with status ${status}: its authenticator ${THERE[status] ?? "says so"}`
      : reason !== null
        ? `refused this socket: ${reason}`
        : `ends the connection each time when it should let this socket (${us}) in: its authenticator asks to try again later (300), is not there, or fails`;
  const remedy =
    status === "500"
      ? "Look at the log of the server's authenticator: it could not decide."
      : status !== null
        ? `Check ${TO_CHECK[mechanism] ?? TO_CHECK["NULL"]}, and what the server's authenticator accepts.`
        : "Look at the server: explain() there says why.";
  return {
    what: `The peer ${where(trouble)} ${how}.`,
    remedy,
    evidence: {
      status: status === null ? null : Number(status),
      statusText: reason ?? "",
      mechanism,
      userName: username,
      publicKey,
    },
  };
}

const THERE: Readonly<Record<string, string>> = {
  300: "asks to try again later",
  400: "does not accept it",
  500: "failed",
};

const TO_CHECK: Readonly<Record<string, string>> = {
  NULL: "the address that this machine has for the server",
  PLAIN: "plainUsername and plainPassword",
  CURVE: "that the server knows this socket's public key",
};

function authenticatorFault({ message }: Trouble): string {
  if (/before the authenticator answered/.test(message)) return "the ZAP handler did not answer in time";
  const sentence = sentenceOf(message);
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** At the head of a sentence. */
function who({ kind, peer, endpoint }: Trouble): string {
  return kind === "bind" ? (peer ?? `A peer at ${endpoint}`) : `The peer at ${endpoint}`;
}
