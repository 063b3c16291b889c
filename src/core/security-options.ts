import { ZmqError } from "../base/errors.ts";
import { SocketType } from "../base/socket-type.ts";
import { equalSecrets } from "../crypto/octets.ts";
import { importSecretKey } from "../crypto/x25519.ts";
import { bool, curveKey, text } from "./option-row.ts";
import type { SocketOptionValues } from "./option-values.ts";

/** Options of the mechanisms and of ZAP. All count for connections that the next bind or connect brings. */
export const SECURITY_OPTIONS = {
  plainServer: bool(false, { applied: "next", libzmq: "ZMQ_PLAIN_SERVER 44" }),
  plainUsername: text({ applied: "next", libzmq: "ZMQ_PLAIN_USERNAME 45" }),
  plainPassword: text({ applied: "next", libzmq: "ZMQ_PLAIN_PASSWORD 46", isSecret: true }),
  curveServer: bool(false, { applied: "next", libzmq: "ZMQ_CURVE_SERVER 47" }),
  curvePublicKey: curveKey({
    applied: "next",
    libzmq: "ZMQ_CURVE_PUBLICKEY 48",
    remark: "follows from curveSecretKey and need not be set",
  }),
  curveSecretKey: curveKey({ applied: "next", libzmq: "ZMQ_CURVE_SECRETKEY 49", isSecret: true }),
  curveServerKey: curveKey({ applied: "next", libzmq: "ZMQ_CURVE_SERVERKEY 50" }),
  zapDomain: text({
    applied: "next",
    libzmq: "ZMQ_ZAP_DOMAIN 55",
    remark: "where nobody is bound to inproc://zeromq.zap.01 no peer comes in",
  }),
  zapEnforceDomain: bool(false, {
    applied: "next",
    libzmq: "ZMQ_ZAP_ENFORCE_DOMAIN 93",
    remark: "PLAIN needs a domain then; a domain without a handler is refused either way",
  }),
};

type Security = Pick<
  SocketOptionValues,
  | "plainServer"
  | "plainUsername"
  | "plainPassword"
  | "curveServer"
  | "curveServerKey"
  | "curvePublicKey"
  | "curveSecretKey"
  | "zapDomain"
  | "zapEnforceDomain"
>;

/** The mechanism that a socket with these options speaks. */
export function mechanismOf(options: Security): "NULL" | "PLAIN" | "CURVE" {
  if (options.curveServer || options.curveServerKey !== null) return "CURVE";
  return options.plainServer || isPlainClient(options) ? "PLAIN" : "NULL";
}

function isPlainClient({ plainUsername, plainPassword }: Security): boolean {
  return plainUsername !== null || plainPassword !== null;
}

/**
 * Refuses what cannot be meant, before anything is bound or connected. libzmq takes the security option that was set last
 * and forgets the others: who wrote them believes himself protected. Over udp it forgets them all.
 *
 * `what` is the socket in words; `datagramEndpoint` where it is to send or receive datagrams, without any handshake.
 */
export function checkSecurity(
  type: SocketType,
  options: Security,
  what: string,
  datagramEndpoint: string | null = null,
): void {
  const roles: string[] = [];
  if (options.plainServer) roles.push("plainServer");
  if (isPlainClient(options)) roles.push("plainUsername and plainPassword");
  if (options.curveServer) roles.push("curveServer");
  if (options.curveServerKey !== null) roles.push("curveServerKey");
  if (roles.length > 1) {
    throw refusal(
      `${what} is given ${roles.join(" and ")}: a socket has one mechanism, and is its server or its client.`,
    );
  }
  if (options.plainServer && options.zapEnforceDomain && options.zapDomain === null)
    throw refusal(`${what} has plainServer and zapEnforceDomain, and no zapDomain.`);
  checkCurve(options, what);
  const isProtectable = type !== SocketType.Stream && datagramEndpoint === null;
  if (options.zapDomain !== null) roles.push("zapDomain");
  if (isProtectable || roles.length === 0) return;
  if (datagramEndpoint === null)
    throw refusal(`${what} is a STREAM socket: it speaks raw octets, and no mechanism can protect them.`);
  const sentence = `${what} is given ${roles.join(" and ")}, and over ${datagramEndpoint} would go without: datagrams have no handshake, and no mechanism can protect them.`;
  const remedy = "Use tcp:// or ipc://, or set what is not meant back to its default.";
  throw new ZmqError("EINVAL", sentence, { address: datagramEndpoint, remedy });
}

/** With half of its keys a socket could never connect, and without a role it would speak in clear text. */
function checkCurve(options: Security, what: string): void {
  const { curveServer, curveServerKey, curvePublicKey, curveSecretKey } = options;
  const hasRole = curveServer || curveServerKey !== null;
  if (!hasRole && (curvePublicKey !== null || curveSecretKey !== null)) {
    const sentence = `${what} has CURVE keys of its own, and is no server and knows no server's key.`;
    throw refusal(sentence, "Set curveServer, or curveServerKey to the server's public key.");
  }
  if (!hasRole) return;
  if (curveSecretKey === null) {
    const role = curveServer ? "curveServer" : "curveServerKey";
    throw refusal(`${what} has ${role} and no curveSecretKey.`, "curveKeyPair() makes a pair of keys.");
  }
  if (curvePublicKey !== null && !equalSecrets(curvePublicKey, importSecretKey(curveSecretKey).publicKey))
    throw refusal(
      `The curvePublicKey and the curveSecretKey of ${what} are not of one pair.`,
      "Set both anew.",
    );
}

function refusal(sentence: string, remedy = "Set what is not meant back to its default."): ZmqError {
  return new ZmqError("EINVAL", sentence, { remedy });
}
