import { ZmqError } from "../index.ts";

/** What libzmq's zmq_strerror said on Linux, which programs compare `message` with. */
const TEXTS: Readonly<Record<string, string>> = {
  EACCES: "Permission denied",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  EAGAIN: "Resource temporarily unavailable",
  EBADF: "Socket is closed",
  EBUSY: "Device or resource busy",
  EFAULT: "Bad address",
  EFSM: "Operation cannot be accomplished in current state",
  EHOSTUNREACH: "No route to host",
  EINVAL: "Invalid argument",
  EMFILE: "Too many open files",
  EMSGSIZE: "Message too long",
  ENAMETOOLONG: "File name too long",
  ENODEV: "No such device",
  ENOENT: "No such file or directory",
  ENOTDIR: "Not a directory",
  ENOTSUP: "Operation not supported",
  EPROTONOSUPPORT: "Protocol not supported",
  ETERM: "Context was terminated",
};

/** An error of version 5. */
export interface CompatError extends Error {
  /** Not in version 5: `"EADDRINUSE"`. */
  readonly code?: string;
  readonly errno?: number;
  readonly address?: string;
}

/** The error as version 5 made it; its `cause` is the library's own, which says what happened and what to do. */
export function toCompatError(error: unknown): CompatError {
  if (!(error instanceof ZmqError)) return error as Error;
  const text = TEXTS[error.code];
  if (text === undefined) return error;
  const compat = new Error(text, { cause: error });
  const { code, errno, address } = error;
  return Object.assign(compat, { code, errno }, address === undefined ? {} : { address });
}

/** Runs what may throw an error of the library. */
export function translated<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw toCompatError(error);
  }
}
