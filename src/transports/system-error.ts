import type { ErrorCode } from "../base/errors.ts";
import { ERRORS, ZmqError } from "../base/errors.ts";

interface Translation {
  readonly code: ErrorCode;
  /** Ends the sentence "Cannot connect to tcp://127.0.0.1:5555: ...". */
  readonly why: string;
  /** Where the table's advice does not fit. */
  readonly remedy?: string;
}

const UNREACHABLE = "Check the address and this machine's network; connecting goes on by itself.";
const NO_NAME: Translation = {
  code: "ENODEV",
  why: "the host name is not known",
  remedy: "Check the name; it is looked up anew at each attempt.",
};
const TOO_MANY_FILES: Translation = {
  code: "EMFILE",
  why: "the process has as many files and connections open as the system allows",
  remedy: "Close some, or raise the limit (ulimit -n).",
};

/** What the system's codes mean on a stream transport. */
const TRANSLATIONS: Readonly<Record<string, Translation>> = {
  EACCES: { code: "EACCES", why: "the system does not allow it" },
  EPERM: { code: "EACCES", why: "the system does not allow it" },
  EADDRINUSE: { code: "EADDRINUSE", why: "the address is taken" },
  EADDRNOTAVAIL: { code: "EADDRNOTAVAIL", why: "the address does not belong to this machine" },
  EAFNOSUPPORT: {
    code: "ENOTSUP",
    why: "this machine has no addresses of that family",
    remedy: "Leave ipv6 false, or give an IPv4 address.",
  },
  EAGAIN: {
    code: "EAGAIN",
    why: "too many peers wait there to be accepted",
    remedy: "Connecting goes on by itself; the listener's backlog may be raised.",
  },
  EAI_AGAIN: { ...NO_NAME, why: "the name service does not answer" },
  EAI_FAIL: NO_NAME,
  EAI_NODATA: NO_NAME,
  EAI_NONAME: NO_NAME,
  ECONNABORTED: { code: "ECONNRESET", why: "the connection was broken off" },
  ECONNREFUSED: { code: "ECONNREFUSED", why: "nobody listens there" },
  ECONNRESET: { code: "ECONNRESET", why: "the connection broke" },
  EHOSTDOWN: { code: "EHOSTUNREACH", why: "the host does not answer", remedy: UNREACHABLE },
  EHOSTUNREACH: { code: "EHOSTUNREACH", why: "there is no way to the host", remedy: UNREACHABLE },
  EINVAL: { code: "EINVAL", why: "the system does not take the address", remedy: "Check the address." },
  EMFILE: TOO_MANY_FILES,
  ENAMETOOLONG: { code: "ENAMETOOLONG", why: "the path is too long" },
  ENETDOWN: { code: "ENETUNREACH", why: "the network is down" },
  ENETUNREACH: { code: "ENETUNREACH", why: "there is no way to its network" },
  ENFILE: TOO_MANY_FILES,
  ENOENT: {
    code: "ENOENT",
    why: "there is no such socket file",
    remedy: "Start the peer; connecting goes on by itself.",
  },
  ENOTCONN: { code: "ECONNRESET", why: "the connection broke" },
  ENOTDIR: { code: "ENOTDIR", why: "its directory is no directory" },
  ENOTFOUND: NO_NAME,
  EPIPE: { code: "EPIPE", why: "the peer closed the connection" },
  ERR_SOCKET_CONNECTION_TIMEOUT: { code: "ETIMEDOUT", why: "none of the host's addresses answers in time" },
  ETIMEDOUT: { code: "ETIMEDOUT", why: "the peer does not answer" },
};

/** The system's code of an error; empty if it has none. */
export function codeOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : "";
}

/** The error of a stream transport: `what` could not be done, and in words what the system said. */
export function systemError(what: string, endpoint: string, cause: unknown): ZmqError {
  const code = codeOf(cause);
  const known = TRANSLATIONS[code];
  const why = known?.why ?? (code === "" ? "the system gave no reason" : `the system said ${code}`);
  const translated = known?.code ?? "EIO";
  const remedy = known?.remedy ?? ERRORS[translated].remedy;
  return new ZmqError(translated, `${what}: ${why}.`, { address: endpoint, cause, remedy });
}

/** The error of a bind; where it should take over a descriptor (`useFd`), that is what is wrong. */
export function bindFailure(endpoint: string, useFd: number, cause: unknown): ZmqError {
  if (useFd < 0) return systemError(`Cannot bind to ${endpoint}`, endpoint, cause);
  const sentence = `Cannot bind to ${endpoint}: the descriptor ${useFd} (useFd) is no socket that can listen.`;
  return new ZmqError("EINVAL", sentence, {
    address: endpoint,
    cause,
    remedy: "Check who opens it, and that it is still open.",
  });
}
