import { ZmqError } from "../base/errors.ts";
import { ABSENT_CONTEXT_OPTIONS, refuseAbsent } from "./absent-options.ts";
import type { OptionRow, OptionTable } from "./option-row.ts";
import { acceptOption, bool, choice, INT_MAX, int } from "./option-row.ts";

/** Options of a context: all threads that use it see the same values. Errors are those of socket options. */
export interface ContextOptions {
  /**
   * Who serves connections over tcp and ipc. `"loop"`: the event loop of the thread that made the socket, without a
   * hop; while that thread computes or blocks, its connections stand still. `"background"`: threads of the context's
   * own, `ioThreads` of them. They accept, connect, send heartbeats and receive whatever the application does, and
   * blocking calls work with every peer; each message takes a hop through shared memory. Can be changed until the
   * context's first socket is made, in whatever thread; EINVAL after that. Default "loop".
   */
  ioMode: "loop" | "background";

  /**
   * How many threads serve connections in background mode, where it is at least 1; read when the context's first
   * connection is made. Without effect in loop mode. Default 1. ZMQ_IO_THREADS.
   */
  ioThreads: number;

  /**
   * Whether the process warns of what is wrong with the sockets, once for each socket and cause: messages that are lost or
   * cannot arrive, and what to do about it. The environment variable ZEROMQ_TS_WARNINGS=0 switches it off as well. Default
   * true.
   */
  warnings: boolean;

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
  ioMode: choice(["loop", "background"] as const, {
    applied: "next",
    remark:
      "connections are served by the thread that made the socket, or by I/O threads; until the first socket",
  }),
  ioThreads: int(
    { initial: 1, min: 0, unit: "threads" },
    {
      applied: "next",
      libzmq: "ZMQ_IO_THREADS 1",
      remark: "at least 1 where ioMode is background, without effect where it is loop",
    },
  ),
  warnings: bool(true, {
    applied: "now",
    remark: "one warning for each socket and cause of trouble; ZEROMQ_TS_WARNINGS=0 switches them off too",
  }),
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

/** What a context is in, as far as it decides which options can be changed. */
export interface ContextUse {
  /** Whether a socket was ever made in the context, in whatever thread. */
  readonly isUsed: boolean;
  /** Whether the context can have threads at all. */
  readonly hasThreads: boolean;
}

/** Sets one option. A wrong name or value is EINVAL, what cannot be honoured ENOTSUP; both change nothing. */
export function setContextOption(
  values: ContextOptionValues,
  name: string,
  value: unknown,
  use: ContextUse = NEW,
): void {
  const known = checkName(name);
  const row = CONTEXT_OPTIONS[known] as OptionRow<unknown>;
  if (row.isReadonly === true)
    throw new ZmqError("EINVAL", `${name} can only be read.`, { remedy: "Leave it out." });
  const record = values as unknown as Record<string, unknown>;
  const accepted = acceptOption(known, row, value, record[known]);
  if (accepted === record[known]) return;
  if (known === "ioMode" || known === "ioThreads") checkIo({ ...values, [known]: accepted }, known, use);
  record[known] = accepted;
}

const NEW: ContextUse = { isUsed: false, hasThreads: true };

/** `wanted` is what the values would be. */
function checkIo(wanted: ContextOptionValues, name: "ioMode" | "ioThreads", use: ContextUse): void {
  if (name === "ioMode" && use.isUsed) {
    throw new ZmqError("EINVAL", "ioMode cannot be changed any more: the context has made sockets.", {
      remedy: "Set it before the first socket is made in any thread, or make a Context that is given it.",
    });
  }
  if (wanted.ioMode !== "background") return;
  if (!use.hasThreads)
    throw new ZmqError("ENOTSUP", "ioMode cannot be background: there are no threads here.");
  if (wanted.ioThreads === 0) {
    throw new ZmqError("EINVAL", "ioThreads cannot be 0 where ioMode is background.", {
      remedy: "Background I/O takes at least 1 thread.",
    });
  }
}

/** Sets what an object passed to the constructor holds; `undefined` leaves an option as it is. */
export function assignContextOptions(values: ContextOptionValues, given: object, use?: ContextUse): void {
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) setContextOption(values, name, value, use);
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
  use: (context: Context) => ContextUse = () => NEW,
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
        setContextOption(values(this), name, value, use(this));
      },
    };
    const isReadonly = CONTEXT_OPTIONS[name].isReadonly === true;
    Object.defineProperty(prototype, name, isReadonly ? getter : { ...getter, ...setter });
  }
}

function checkName(name: string): ContextOptionName {
  const known = NAMES.find((one) => one === name);
  if (known !== undefined) return known;
  refuseAbsent(ABSENT_CONTEXT_OPTIONS, name);
  throw new ZmqError("EINVAL", `A context has no option ${JSON.stringify(name)}.`, {
    remedy: `Its options are ${NAMES.join(", ")}.`,
  });
}
