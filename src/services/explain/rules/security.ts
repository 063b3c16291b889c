import type { SocketView } from "../../../core/socket-view.ts";
import type { FindingCode } from "../catalog.ts";
import type { Teller, Told, Trouble, TroubleKind } from "./troubles.ts";
import { CUT_SHORT, where } from "./troubles.ts";

const CUT = `^${CUT_SHORT}`;

const MISMATCH = /^The peer speaks the mechanism "((?:[^"\\]|\\.)*)", this socket (\w+)/;
/** The octets that libzmq sends before it has seen the other's greeting, and closes if it does not like that. */
const CUT_AT_GREETING = new RegExp(`${CUT}after 10 octets of its greeting`);
const HELLO_FOR_ANOTHER = /^The client's HELLO does not open/;
const WELCOME_OF_ANOTHER = /^The server's WELCOME does not open/;
const CUT_AT_HELLO = new RegExp(`${CUT}before its WELCOME \\(CURVE\\)`);
const SAME_ROLE = /^The peer is a (server|client) of (\w+) like this socket/;
const NO_HELLO = /^The peer did not finish .* and stopped before its HELLO \((\w+)\)/;
const CUT_BEFORE_HELLO = new RegExp(`${CUT}before its HELLO \\((\\w+)\\)`);
/** The first that fits counts. */
export const SECURITY_KINDS: readonly TroubleKind[] = [
  { code: "mechanism-mismatch", pattern: MISMATCH },
  { code: "mechanism-mismatch", pattern: CUT_AT_GREETING, isGuess: true },
  { code: "wrong-server-key", pattern: HELLO_FOR_ANOTHER },
  { code: "wrong-server-key", pattern: WELCOME_OF_ANOTHER },
  { code: "wrong-server-key", pattern: CUT_AT_HELLO, isGuess: true },
  { code: "same-role", pattern: SAME_ROLE },
  { code: "same-role", pattern: NO_HELLO },
  { code: "same-role", pattern: CUT_BEFORE_HELLO, isGuess: true },
];

export const TELL_SECURITY: Readonly<Partial<Record<FindingCode, Teller>>> = {
  "mechanism-mismatch": tellMismatch,
  "wrong-server-key": tellWrongKey,
  "same-role": tellSameRole,
};

function tellMismatch(view: SocketView, trouble: Trouble): Told {
  const told = MISMATCH.exec(trouble.message);
  const ours = told?.[2] ?? view.security.mechanism;
  const theirs = told?.[1] ?? null;
  const evidence = { ourMechanism: ours, peerMechanism: theirs };
  if (theirs === null) {
    return {
      severity: trouble.kind === "bind" ? "warning" : "error",
      what: `The peer ${where(trouble)} closed the connection when it saw that this socket speaks the security mechanism ${ours}: it probably speaks another one.`,
      remedy: mismatchRemedy(ours, null),
      evidence,
    };
  }
  return {
    what: `The peer ${where(trouble)} speaks the security mechanism ${theirs}, this socket ${ours}; they exchange nothing.`,
    remedy: mismatchRemedy(ours, theirs),
    evidence,
  };
}

const HOW_TO_SPEAK: Readonly<Record<string, string>> = {
  PLAIN: "plainUsername and plainPassword",
  CURVE: "curveServerKey (the server's public key) and curveSecretKey",
};

function mismatchRemedy(ours: string, theirs: string | null): string {
  const advice = ["Give both sides the same mechanism."];
  const [here, there] = [HOW_TO_SPEAK[theirs ?? ""], HOW_TO_SPEAK[ours]];
  if (here !== undefined && ours === "NULL") advice.push(`As its client, set ${here} here.`);
  if (there !== undefined && theirs !== "PLAIN" && theirs !== "CURVE")
    advice.push(`A client of ${ours} needs ${there}.`);
  return advice.join(" ");
}

function tellWrongKey({ security }: SocketView, trouble: Trouble): Told {
  const { role, publicKey, serverKey } = security;
  if (HELLO_FOR_ANOTHER.test(trouble.message)) {
    return {
      what: `The client ${where(trouble)} has another server key than this socket's public key: it talks to the wrong server, or was given a wrong key.`,
      remedy: `Give the client this socket's public key as its curveServerKey: ${publicKey}.`,
      evidence: { role, publicKey, serverKey: null },
    };
  }
  const isProven = WELCOME_OF_ANOTHER.test(trouble.message);
  const how = isProven
    ? "does not own the key that this socket has for the server's"
    : "closed the connection when it had the first box of this socket, sealed for its server key";
  return {
    severity: !isProven && trouble.kind === "bind" ? "warning" : "error",
    what: `The server ${where(trouble)} ${how}: curveServerKey, ${serverKey}, is ${isProven ? "" : "probably "}wrong.`,
    remedy: "Set curveServerKey to the public key of that server, as its owner tells it.",
    evidence: { role, publicKey, serverKey },
  };
}

function tellSameRole({ security }: SocketView, trouble: Trouble): Told {
  const told = SAME_ROLE.exec(trouble.message);
  const mechanism = told?.[2] ?? security.mechanism;
  const role = told?.[1] ?? "server";
  const other = role === "server" ? "client" : "server";
  const what =
    told === null
      ? `The peer ${where(trouble)} speaks ${mechanism} and never said hello, as a client does: it is probably a server like this socket.`
      : `The peer ${where(trouble)} is a ${role} of ${mechanism}, and so is this socket: neither can let the other in.`;
  return {
    what,
    remedy: `Make one of the two the ${other} (${mechanism === "PLAIN" ? PLAIN_ROLES : CURVE_ROLES}). Who binds is another question.`,
    evidence: { mechanism, role },
  };
}

const PLAIN_ROLES = "plainServer makes a server, plainUsername and plainPassword a client";
const CURVE_ROLES = "curveServer makes a server, curveServerKey a client";
