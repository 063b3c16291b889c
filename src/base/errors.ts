/**
 * Every error of the package: a table from code to number and sentence, and the classes that carry them. The table is
 * the source of docs/errors.md. Codes and numbers are ZeroMQ's: errno names where an errno exists (Linux numbers, as
 * libzmq's users see them), libzmq's own codes for the rest.
 */
export interface ErrorEntry {
  /** libzmq's number on Linux. */
  readonly errno: number;
  /** When it happens. */
  readonly when: string;
  /** What to do about it. */
  readonly remedy: string;
}

export const ERRORS = {
  EAGAIN: {
    errno: 11,
    when: "The operation could not be done within its timeout.",
    remedy: "Raise sendTimeout or receiveTimeout, or see stats() and peers for what holds it up.",
  },
  EBUSY: {
    errno: 16,
    when: "Too many operations are waiting on the socket.",
    remedy: "Await earlier send() and receive() calls, or raise maxPendingSends or maxPendingReceives.",
  },
  EDEADLK: {
    errno: 35,
    when: "A call that blocks its thread could never end, or would stop the thread that has to serve it.",
    remedy: "Use the call with await, a context with ioMode background, or peers in other threads.",
  },
  EADDRINUSE: {
    errno: 98,
    when: "The endpoint is taken.",
    remedy: "Choose another endpoint, or close the socket that holds it.",
  },
  EADDRNOTAVAIL: {
    errno: 99,
    when: "The address does not belong to this machine.",
    remedy: "Bind to an address of this machine, to an interface name or to *.",
  },
  EACCES: {
    errno: 13,
    when: "The system refused the endpoint, or a file, to this user.",
    remedy: "Choose a port above 1023 or a directory that the user may write to.",
  },
  EINVAL: { errno: 22, when: "An argument is wrong.", remedy: "The sentence names the value and the range." },
  ENOTSUP: {
    errno: 95,
    when: "The operation is not possible here.",
    remedy: "The sentence names the reason; docs/guide/options.md lists what cannot be honoured.",
  },
  EPROTONOSUPPORT: {
    errno: 93,
    when: "The transport is unknown.",
    remedy: "Use tcp://, ipc:// or inproc://, and udp:// for Radio, Dish and Datagram.",
  },
  ENOCOMPATPROTO: {
    errno: 156384764,
    when: "The transport cannot serve that socket type, or not in that direction.",
    remedy:
      "Over udp:// a Radio connects, a Dish binds and a Datagram binds; all other types use tcp, ipc or inproc.",
  },
  ENODEV: {
    errno: 19,
    when: "No interface or host of that name.",
    remedy: "Check the name in the endpoint that is bound.",
  },
  ENOENT: {
    errno: 2,
    when: "The endpoint is not bound or connected on this socket, or there is no such file.",
    remedy: "Use the text of lastEndpoint: a wildcard is replaced by the real address.",
  },
  ENAMETOOLONG: {
    errno: 36,
    when: "An ipc path is longer than 107 octets.",
    remedy: "Use a shorter path: the kernel's socket addresses hold 107 octets.",
  },
  ENOTDIR: {
    errno: 20,
    when: "A directory of an ipc path does not exist or is no directory.",
    remedy: "Create the directory before binding.",
  },
  EBADF: {
    errno: 9,
    when: "The socket is closed.",
    remedy: "Create a new socket; operations that waited were rejected when it closed.",
  },
  EFAULT: {
    errno: 14,
    when: "A peer must be authenticated, and there is nobody who could do it.",
    remedy:
      "Bind a handler to inproc://zeromq.zap.01 in the socket's context before its peers come: an Authenticator is one.",
  },
  ETERM: {
    errno: 156384765,
    when: "The context was terminated.",
    remedy: "Stop using the sockets of this context.",
  },
  EFSM: {
    errno: 156384763,
    when: "The operation is out of step with the socket's state: REQ and REP alternate.",
    remedy: "Receive the reply before the next request, or set relaxed and correlate on a Request.",
  },
  EHOSTUNREACH: {
    errno: 113,
    when: "No peer has the routing id.",
    remedy: "Check the first frame; peers lists the routing ids that are connected.",
  },
  EMFILE: {
    errno: 24,
    when: "The context has as many sockets as maxSockets allows.",
    remedy: "Close sockets, or raise maxSockets.",
  },
  EMSGSIZE: {
    errno: 90,
    when: "A message is longer than a limit allows.",
    remedy: "Raise maxMessageSize on the receiving socket; over udp keep below 8192 octets.",
  },
  ECONNREFUSED: {
    errno: 111,
    when: "Nobody listens at the endpoint.",
    remedy: "Start the peer; connecting goes on by itself.",
  },
  ECONNRESET: {
    errno: 104,
    when: "The connection broke: the peer ended without a farewell, or something between cut it.",
    remedy: "Connecting goes on by itself; look at the peer's own log for the reason.",
  },
  ENETUNREACH: {
    errno: 101,
    when: "This machine has no way to the network of the address.",
    remedy: "Check the address and this machine's network; connecting goes on by itself.",
  },
  EIO: {
    errno: 5,
    when: "The system reported a failure that has no code of its own here.",
    remedy: "The cause of the error is the system's.",
  },
  EPROTO: {
    errno: 71,
    when: "The peer broke the protocol.",
    remedy: "The sentence names the octets; check what is listening there.",
  },
  ETIMEDOUT: {
    errno: 110,
    when: "The peer did not answer in time.",
    remedy: "See heartbeatTimeout, handshakeInterval and connectTimeout.",
  },
  EPIPE: {
    errno: 32,
    when: "The peer closed the connection.",
    remedy: "Connecting goes on by itself; see the events for the reason.",
  },
  ABORT_ERR: {
    errno: 125,
    when: "The signal given to the call was aborted.",
    remedy: "Nothing was lost: a message taken for an aborted wait goes back to the head.",
  },
} as const satisfies Record<string, ErrorEntry>;

/** A code of the table. */
export type ErrorCode = keyof typeof ERRORS;

/** Details of an error that programs may want to read. */
export interface ErrorDetails {
  /** The endpoint that it happened to. */
  readonly address?: string;
  readonly cause?: unknown;
  /** What to do, where the table's advice does not fit. */
  readonly remedy?: string;
}

/** The error that every call of the package rejects with. */
export class ZmqError extends Error {
  /** The code to test for: `"EAGAIN"`, `"EHOSTUNREACH"`, ... */
  readonly code: string;
  /** libzmq's number for the code (Linux). */
  readonly errno: number;
  /** The endpoint concerned, where there is one; declared only, so that errors without one do not show it. */
  declare readonly address?: string;

  constructor(code: ErrorCode, sentence: string, details: ErrorDetails = {}) {
    const entry: ErrorEntry = ERRORS[code];
    super(
      `${sentence} ${details.remedy ?? entry.remedy}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = code === "ABORT_ERR" ? "AbortError" : "ZmqError";
    this.code = code;
    this.errno = entry.errno;
    if (details.address !== undefined) this.address = details.address;
  }
}

/** libzmq's names for what a peer did wrong, as zeromq v6 shows them in `handshake:error:protocol`. */
export const PROTOCOL_ERRORS = {
  ERR_ZMTP_UNSPECIFIED: 0x10000000,
  ERR_ZMTP_UNEXPECTED_COMMAND: 0x10000001,
  ERR_ZMTP_INVALID_SEQUENCE: 0x10000002,
  ERR_ZMTP_KEY_EXCHANGE: 0x10000003,
  ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED: 0x10000011,
  ERR_ZMTP_MALFORMED_COMMAND_MESSAGE: 0x10000012,
  ERR_ZMTP_MALFORMED_COMMAND_HELLO: 0x10000013,
  ERR_ZMTP_MALFORMED_COMMAND_INITIATE: 0x10000014,
  ERR_ZMTP_MALFORMED_COMMAND_ERROR: 0x10000015,
  ERR_ZMTP_MALFORMED_COMMAND_READY: 0x10000016,
  ERR_ZMTP_MALFORMED_COMMAND_WELCOME: 0x10000017,
  ERR_ZMTP_INVALID_METADATA: 0x10000018,
  ERR_ZMTP_CRYPTOGRAPHIC: 0x11000001,
  ERR_ZMTP_MECHANISM_MISMATCH: 0x11000002,
  ERR_ZAP_UNSPECIFIED: 0x20000000,
  ERR_ZAP_MALFORMED_REPLY: 0x20000001,
  ERR_ZAP_BAD_REQUEST_ID: 0x20000002,
  ERR_ZAP_BAD_VERSION: 0x20000003,
  ERR_ZAP_INVALID_STATUS_CODE: 0x20000004,
  ERR_ZAP_INVALID_METADATA: 0x20000005,
} as const;

/** libzmq's name for what a peer did wrong, or an authenticator (`ERR_ZAP_`). */
export type ProtocolErrorCode = keyof typeof PROTOCOL_ERRORS;

/** A peer broke the protocol: it costs that peer its connection and nobody else anything. */
export class ProtocolError extends Error {
  /** What the peer did wrong. */
  readonly code: ProtocolErrorCode;
  /** libzmq's number for the code. */
  readonly errno: number;
  /** The RFC sentence or libzmq rule that was broken. */
  readonly spec: string;

  constructor(code: ProtocolErrorCode, sentence: string, spec: string) {
    super(sentence);
    this.name = "ProtocolError";
    this.code = code;
    this.errno = PROTOCOL_ERRORS[code];
    this.spec = spec;
  }
}

/** The peer refused us (an ERROR command), or we refused it. `status` is the ZAP status. */
export class AuthError extends Error {
  /** The ZAP status: 300 for now, 400 for the credentials, 500 for a fault of the authenticator. */
  readonly status: 300 | 400 | 500;

  constructor(status: 300 | 400 | 500, sentence: string) {
    super(sentence);
    this.name = "AuthError";
    this.status = status;
  }
}

/** A broken invariant is a bug of this package: it throws at once and names itself. */
export function invariant(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`zeromq-ts invariant broken: ${what}. Please report this with the stack.`);
}
