import type { ZmqError } from "../../base/errors.ts";
import { AuthError } from "../../base/errors.ts";
import { SOCKET_TYPE_NAMES } from "../../base/socket-type.ts";
import { legalPeers } from "../../wire/compatibility.ts";
import type { Learned } from "./conversation.ts";
import { identifyForeign } from "./foreign.ts";

/** What an endpoint turned out to be. */
export type EndpointState = "zmtp" | "refused" | "other" | "silent" | "closed" | "unreachable";

/** What was found out, in words. */
export interface Verdict {
  readonly state: EndpointState;
  readonly what: string;
  readonly remedy: string;
  readonly speaks: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** What is known when a probe ends. */
export interface Facts {
  readonly endpoint: string;
  /** `null` where no connection stood. */
  readonly learned: Learned | null;
  readonly error: ZmqError | null;
  readonly isConnected: boolean;
  readonly timeoutMs: number;
}

export function judge(facts: Facts): Verdict {
  const { endpoint, learned, error, isConnected, timeoutMs } = facts;
  if (!isConnected || learned === null) return unreachable(endpoint, error, timeoutMs);
  if (learned.foreign !== null) return foreign(endpoint, learned);
  if (learned.protocol === null) return speechless(endpoint, learned, timeoutMs);
  const refusal = learned.socketType === null ? refusalOf(learned) : null;
  if (refusal !== null) {
    const { message, remedy } = refusal;
    return {
      ...PLAIN_VERDICT,
      state: "refused",
      what: `A ZeroMQ socket (ZMTP ${learned.protocol}, ${learned.mechanism}) is at ${endpoint}, and refused us. ${message}`,
      remedy,
      error: { code: "EACCES", message },
    };
  }
  return { ...PLAIN_VERDICT, ...recognised(endpoint, learned) };
}

const PLAIN_VERDICT: Pick<Verdict, "state" | "speaks" | "error"> = {
  state: "zmtp",
  speaks: null,
  error: null,
};

/** Why it does not let us in, where that is known. */
function refusalOf({ refusal, progress, isClosed, mechanism }: Learned) {
  const zap = "Its authenticator (ZAP) decides: look at its log for the address and the domain.";
  if (refusal instanceof AuthError || (refusal !== null && progress === null))
    return { message: refusal.message, remedy: zap };
  if (refusal !== null)
    return { message: refusal.message, remedy: `Check that it is a server of ${mechanism}, and its key.` };
  if (progress !== "hello" || !isClosed) return null;
  return mechanism === "CURVE"
    ? { message: "It ended the connection at our HELLO.", remedy: "The server's key is most likely another." }
    : { message: "It ended the connection at our HELLO.", remedy: zap };
}

/** With credentials: what they have come to. */
function admitted(endpoint: string, learned: Learned): Pick<Verdict, "what" | "remedy"> {
  const { mechanism, socketType, protocol, isClosed, progress } = learned;
  const where = `is at ${endpoint} (ZMTP ${protocol}, ${mechanism})`;
  if (socketType !== null) {
    const peers = peersOf(socketType);
    return {
      what: `A ${socketType} socket ${where}, and accepts our credentials.`,
      remedy: peers.length === 0 ? "" : `Sockets that can talk to it: ${peers.join(", ")}.`,
    };
  }
  if (progress === "initiate" && isClosed) {
    return {
      what: `A ZeroMQ socket ${where}, and took no socket of the types SUB, REQ, PUSH and PUB that tried.`,
      remedy:
        "It may be a PAIR, REQ, DEALER or PUSH, which the doctor does not join because they would give it what is for others; or its authenticator (ZAP) refuses for now (300).",
    };
  }
  return {
    what: `A ZeroMQ socket ${where}, and did not finish its handshake in time.`,
    remedy: "Its authenticator (ZAP) may not run, or its process may be busy.",
  };
}

/** The types that can talk to such a socket; none where it is no type that is known. */
export function peersOf(socketType: string | null): readonly string[] {
  const known = SOCKET_TYPE_NAMES.find((name) => name === socketType);
  return known === undefined ? [] : legalPeers(known);
}

function recognised(endpoint: string, learned: Learned): Pick<Verdict, "what" | "remedy"> {
  const { mechanism, socketType, protocol } = learned;
  if (learned.progress !== null) return admitted(endpoint, learned);
  if (mechanism !== "NULL") {
    return {
      what: `A ZeroMQ socket with the mechanism ${mechanism} is at ${endpoint} (ZMTP ${protocol})${learned.asServer ? ", as the server" : ""}. Its type is told to those alone who have the credentials.`,
      remedy: `${NEEDED[mechanism ?? ""] ?? `This package does not speak ${mechanism}.`} A socket with another mechanism, NULL among them, gets no connection.`,
    };
  }
  if (socketType === null) {
    return {
      what: `A ZeroMQ socket (ZMTP ${protocol}, NULL) is at ${endpoint}, and did not finish its handshake in time.`,
      remedy: "It may wait for an authenticator (ZAP) that does not run, or its process may be busy.",
    };
  }
  const peers = peersOf(socketType);
  return {
    what: `A ${socketType} socket is at ${endpoint} (ZMTP ${protocol}, NULL${quality(learned)}).`,
    remedy: peers.length === 0 ? "" : `Sockets that can talk to it: ${peers.join(", ")}.`,
  };
}

/** What it takes to be let in; libzmq does not tell which side is the server. */
const NEEDED: Readonly<Record<string, string>> = {
  PLAIN: "A client of PLAIN needs plainUsername and plainPassword.",
  CURVE:
    "A client of CURVE needs curveServerKey, the public key of its server, and a curveSecretKey of its own.",
};

function quality({ isPinged, pongMs }: Learned): string {
  if (!isPinged) return "";
  return pongMs === null ? ", no answer to PING" : `, answers PING within ${pongMs.toFixed(1)} ms`;
}

function unreachable(endpoint: string, error: ZmqError | null, timeoutMs: number): Verdict {
  const what =
    error === null
      ? `Nobody answered at ${endpoint} within ${timeoutMs} ms: no connection was made.`
      : (error.message.split(/(?<=\.) (?=[A-Z])/)[0] as string);
  const code = error?.code ?? "ETIMEDOUT";
  return {
    state: "unreachable",
    what,
    remedy: REMEDIES[code] ?? "Check the address, and that the program there runs.",
    speaks: null,
    error: { code, message: what },
  };
}

const REMEDIES: Readonly<Record<string, string>> = {
  ECONNREFUSED:
    "Start the program that binds there, or correct the port. A container needs its port published.",
  ETIMEDOUT: "Check the address, and a firewall that drops packets between here and there.",
  ENODEV: "Check the host name.",
  ENOENT: "Start the program that binds there, or correct the path.",
  EACCES: "The socket file is another user's, or its directory may not be entered.",
};

function foreign(endpoint: string, { foreign: octets, refusal }: Learned): Verdict {
  const { protocol, shown } = identifyForeign(octets as Uint8Array);
  const isOldZmtp = refusal !== null && (octets as Uint8Array)[0] === 0xff;
  const speaks = isOldZmtp ? "ZMTP 1.0 or 2.0" : protocol;
  return {
    state: "other",
    what: isOldZmtp
      ? `An old ZeroMQ is at ${endpoint}. ${refusal.message}`
      : `${protocol === null ? "Something that is no ZeroMQ socket" : `${protocol}, not ZeroMQ,`} is at ${endpoint}: it said ${shown}.`,
    remedy: isOldZmtp ? "ZeroMQ 4 or later is needed there." : "Check the port: another program is there.",
    speaks,
    error: { code: "EPROTO", message: refusal?.message ?? shown },
  };
}

function speechless(endpoint: string, { isClosed }: Learned, timeoutMs: number): Verdict {
  if (isClosed) {
    return {
      state: "closed",
      what: `${endpoint} takes connections and ended this one without a word of ZMTP.`,
      remedy:
        "It may be another protocol (TLS, HTTP), a forwarded port (SSH, Docker) with nobody behind it, or a filter by address.",
      speaks: null,
      error: { code: "EPIPE", message: "The connection was ended before a greeting came." },
    };
  }
  return {
    state: "silent",
    what: `${endpoint} takes connections and said nothing for ${timeoutMs} ms.`,
    remedy:
      "A ZeroMQ socket greets at once: this is another protocol, a STREAM socket, or a process whose thread is stopped or blocked.",
    speaks: null,
    error: { code: "ETIMEDOUT", message: `No greeting came within ${timeoutMs} ms.` },
  };
}
