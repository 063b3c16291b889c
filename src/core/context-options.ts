import { ZmqError } from "../base/errors.ts";
import type { OptionRow, OptionTable } from "./option-row.ts";
import { acceptOption, bool, INT_MAX, int } from "./option-row.ts";

/** Options of a context; errors are those of socket options. */
export interface ContextOptions {
  /**
   * How many threads serve connections. Kept without effect: connections are served by the thread that made the
   * socket. Default 1. ZMQ_IO_THREADS.
   */
  ioThreads: number;

  /** The most sockets that may be open; more throw EMFILE. Default 1023. ZMQ_MAX_SOCKETS. */
  maxSockets: number;

  /** The largest `maxSockets`: 65535. ZMQ_SOCKET_LIMIT. */
  readonly maxSocketsLimit: number;

  /** Kept without effect, as in libzmq. Default 2147483647. ZMQ_MAX_MSGSZ. */
  maxMessageSize: number;

  /** The `ipv6` of sockets made later. Default false. ZMQ_IPV6. */
  ipv6: boolean;

  /** `false` gives sockets made later a `linger` of 0. Default true. ZMQ_BLOCKY. */
  blocky: boolean;

  /** ENOTSUP: Node has no call that schedules threads. Default -1. ZMQ_THREAD_PRIORITY. */
  threadPriority: number;

  /** ENOTSUP: Node has no call that schedules threads. Default -1. ZMQ_THREAD_SCHED_POLICY. */
  threadSchedulingPolicy: number;
}

/** The options of one context as the library reads them. */
export type ContextOptionValues = { -readonly [Name in keyof ContextOptions]: ContextOptions[Name] };

export type ContextOptionName = keyof ContextOptionValues;

/** The largest maxSockets, as in a libzmq that polls with epoll. */
const MAX_SOCKETS_LIMIT = 65535;

const NO_THREADS = "Node has no call that schedules threads";

export const CONTEXT_OPTIONS: OptionTable<ContextOptionValues> = {
  ioThreads: int(
    { initial: 1, min: 0, unit: "threads" },
    {
      applied: "next",
      libzmq: "ZMQ_IO_THREADS 1",
      remark: "kept, without effect: connections are served by the thread that made the socket",
    },
  ),
  maxSockets: int(
    { initial: 1023, min: 1, max: MAX_SOCKETS_LIMIT, unit: "open sockets" },
    { applied: "now", libzmq: "ZMQ_MAX_SOCKETS 2" },
  ),
  maxSocketsLimit: int(
    { initial: MAX_SOCKETS_LIMIT, min: MAX_SOCKETS_LIMIT, max: MAX_SOCKETS_LIMIT, unit: "sockets" },
    { applied: "now", libzmq: "ZMQ_SOCKET_LIMIT 3", isReadonly: true },
  ),
  maxMessageSize: int(
    { initial: INT_MAX, min: 0, unit: "bytes" },
    { applied: "now", libzmq: "ZMQ_MAX_MSGSZ 5", remark: "kept, without effect, as in libzmq" },
  ),
  ipv6: bool(false, { applied: "next", libzmq: "ZMQ_IPV6 42", remark: "the default of sockets made later" }),
  blocky: bool(true, {
    applied: "next",
    libzmq: "ZMQ_BLOCKY 70",
    remark: "false gives sockets made later a linger of 0",
  }),
  threadPriority: int(
    { initial: -1, min: -1 },
    { applied: "next", libzmq: "ZMQ_THREAD_PRIORITY 3", refused: NO_THREADS },
  ),
  threadSchedulingPolicy: int(
    { initial: -1, min: -1 },
    { applied: "next", libzmq: "ZMQ_THREAD_SCHED_POLICY 4", refused: NO_THREADS },
  ),
};

const NAMES = Object.keys(CONTEXT_OPTIONS) as ContextOptionName[];

export function createContextOptions(): ContextOptionValues {
  return Object.fromEntries(
    NAMES.map((name) => [name, CONTEXT_OPTIONS[name].initial]),
  ) as unknown as ContextOptionValues;
}

/** Sets one option. A wrong name or value is EINVAL, what cannot be honoured ENOTSUP; both change nothing. */
export function setContextOption(values: ContextOptionValues, name: string, value: unknown): void {
  const known = checkName(name);
  const row = CONTEXT_OPTIONS[known] as OptionRow<unknown>;
  if (row.isReadonly === true)
    throw new ZmqError("EINVAL", `${name} can only be read.`, { remedy: "Leave it out." });
  const record = values as unknown as Record<string, unknown>;
  record[known] = acceptOption(known, row, value, record[known]);
}

/** Sets what an object passed to the constructor holds; `undefined` leaves an option as it is. */
export function assignContextOptions(values: ContextOptionValues, given: object): void {
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) setContextOption(values, name, value);
  }
}

export function getContextOption(values: ContextOptionValues, name: string): unknown {
  const known = checkName(name);
  return (CONTEXT_OPTIONS[known] as OptionRow<unknown>).show(values[known]);
}

/** Defines a property for each option of a context. */
export function installContextAccessors<Context extends object>(
  prototype: Context,
  values: (context: Context) => ContextOptionValues,
): void {
  for (const name of NAMES) {
    const getter = {
      configurable: true,
      get(this: Context) {
        return getContextOption(values(this), name);
      },
    };
    const setter = {
      set(this: Context, value: unknown) {
        setContextOption(values(this), name, value);
      },
    };
    const isReadonly = CONTEXT_OPTIONS[name].isReadonly === true;
    Object.defineProperty(prototype, name, isReadonly ? getter : { ...getter, ...setter });
  }
}

function checkName(name: string): ContextOptionName {
  const known = NAMES.find((one) => one === name);
  if (known !== undefined) return known;
  throw new ZmqError("EINVAL", `A context has no option ${JSON.stringify(name)}.`, {
    remedy: `Its options are ${NAMES.join(", ")}.`,
  });
}
