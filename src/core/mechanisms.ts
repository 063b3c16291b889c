import { ZmqError } from "../base/errors.ts";
import { platform } from "../base/platform.ts";
import type { SocketTypeName } from "../base/socket-type.ts";
import type { Ask, Withdraw } from "../security/authenticator.ts";
import { ADMITTED } from "../security/authenticator.ts";
import { CurveClient } from "../security/curve-client.ts";
import { CurveServer } from "../security/curve-server.ts";
import type { LocalIdentity, Mechanism } from "../security/mechanism.ts";
import { NullMechanism } from "../security/null.ts";
import { PlainClient } from "../security/plain-client.ts";
import { PlainServer } from "../security/plain-server.ts";
import { mappedIpv4, parseIp } from "./ip-address.ts";
import type { SocketOptionValues } from "./options.ts";
import { mechanismOf } from "./security-options.ts";
import type { ZapAnswer, ZapQuestion } from "./zap-client.ts";

/** What a mechanism needs of its socket. */
export interface MechanismHost {
  /** Asks the ZAP handler of the socket's context. Absent: there is nobody to be asked. */
  authenticate?(question: ZapQuestion, answer: ZapAnswer): Withdraw | undefined;
}

/** REQ, DEALER and ROUTER tell their identity, even an empty one. */
const ANNOUNCING: ReadonlySet<string> = new Set(["REQ", "DEALER", "ROUTER"]);

/** The mechanism of one connection, to a peer at `peerEndpoint`. */
export function createMechanism(
  host: MechanismHost,
  socketTypeName: SocketTypeName,
  options: SocketOptionValues,
  peerEndpoint: string,
): Mechanism {
  const { routingId } = options;
  const identity: LocalIdentity = {
    socketTypeName,
    routingId,
    announcesIdentity: ANNOUNCING.has(socketTypeName),
    properties: options.metadata,
  };
  const ask = askThrough(host, options, peerEndpoint);
  const name = mechanismOf(options);
  if (name === "CURVE") {
    // Both are there: `checkSecurity` has seen to it.
    const secretKey = options.curveSecretKey as Uint8Array;
    if (options.curveServer) return new CurveServer(identity, secretKey, ask);
    return new CurveClient(identity, { secretKey, serverKey: options.curveServerKey as Uint8Array });
  }
  if (name === "PLAIN") {
    if (options.plainServer) return new PlainServer(identity, ask);
    const [username, password] = [options.plainUsername, options.plainPassword].map((text) =>
      platform.encodeText(text ?? ""),
    ) as [Uint8Array, Uint8Array];
    return new PlainClient(identity, { username, password });
  }
  // NULL is asked about only where a domain is set (libzmq behaviour B117).
  return new NullMechanism(identity, options.zapDomain === null ? null : ask);
}

/**
 * How a mechanism of this connection asks. Where no handler is bound nobody comes in: with a domain, which libzmq lets
 * through unless told otherwise, and with PLAIN, which has nothing else to go by. Only CURVE without a domain lets every
 * client in that knows the server's key.
 */
function askThrough(host: MechanismHost, options: SocketOptionValues, peerEndpoint: string): Ask {
  const { zapDomain, zapEnforceDomain, routingId, handshakeInterval } = options;
  return (request, answer) => {
    const isFree = request.mechanism === "CURVE" && zapDomain === null;
    if (isFree && zapEnforceDomain) return void answer(ADMITTED);
    const question: ZapQuestion = {
      ...request,
      domain: zapDomain ?? "",
      address: addressOf(peerEndpoint),
      identity: routingId,
      timeoutMs: handshakeInterval,
    };
    const onAnswer: ZapAnswer = (outcome) => {
      if (outcome !== null) answer(outcome);
      else if (isFree) answer(ADMITTED);
      else answer(nobodyToAsk(peerEndpoint, request.mechanism, zapDomain));
    };
    if (host.authenticate === undefined) return void onAnswer(null);
    return host.authenticate(question, onAnswer);
  };
}

function nobodyToAsk(peerEndpoint: string, mechanism: string, domain: string | null): ZmqError {
  const where = domain === null ? mechanism : `${mechanism}, domain ${JSON.stringify(domain)}`;
  const sentence = `${peerEndpoint} must be authenticated (${where}), and no ZAP handler is bound.`;
  return new ZmqError("EFAULT", sentence);
}

/** "It SHALL be an IPv4 dotted string, or an IPv6 canonical string": without port and zone; empty for ipc. */
export function addressOf(endpoint: string): string {
  const found = /^tcp:\/\/(?:\[([^\]%]*)[^\]]*\]|([^:]*)):\d+$/.exec(endpoint);
  const address = found?.[1] ?? found?.[2] ?? "";
  const octets = parseIp(address);
  const ipv4 = octets === undefined ? undefined : mappedIpv4(octets);
  return ipv4 === undefined ? address : ipv4.join(".");
}
