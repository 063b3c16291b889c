import type { Socket, SocketStats } from "../../index.ts";
import { Publisher, ZmqError } from "../../index.ts";
import { EXIT, exitCodeOf, Interruption, UsageError } from "../command.ts";
import type { Console } from "../console.ts";
import type { Io } from "../io.ts";
import { pause } from "../pause.ts";
import type { Place } from "./endpoints.ts";
import { open } from "./endpoints.ts";
import { hasFailed, tellLosses, tellSummary } from "./losses.ts";

const USAGE_CODES = ["EINVAL", "ENOTSUP", "EPROTONOSUPPORT"];

/** At the end, after Ctrl-C too, what waits is sent for so long. */
const CLOSING_LINGER_MS = 1_000;
const TELL_AFTER_MS = 2_000;
const PAUSE_MS_MAX = 50;

/** What a command does with a socket. */
export interface Work {
  /** Messages of the command, for the summary. */
  sentCount: number;
  receivedCount: number;
}

export interface Life<S extends Socket> {
  readonly io: Pick<Io, "signal">;
  readonly console: Console;
  /** Makes the socket: what is wrong with an option is the user's fault. */
  readonly make: () => S;
  readonly places: readonly Place[];
  /** Whether messages that came and were not taken are worth a warning. */
  readonly unreadIsNews?: boolean;
  /** Answers the exit code. */
  readonly run: (socket: S, work: Work) => Promise<number>;
}

/** A socket from its making to its end: what it lost is told, and Ctrl-C bounds what it waits for. */
export async function live<S extends Socket>(life: Life<S>): Promise<number> {
  const { io, console, places, unreadIsNews = false } = life;
  const socket = await asUsage(life.make);
  const work: Work = { sentCount: 0, receivedCount: 0 };
  let exitCode: number;
  try {
    await asUsage(() => open(socket, places, console));
    exitCode = await life.run(socket, work);
    if (!(await flush(socket, io.signal, console))) exitCode = exitCodeOf(io.signal);
  } catch (error) {
    if (!wasInterrupted(error, io.signal)) {
      await close(socket);
      throw error;
    }
    exitCode = exitCodeOf(io.signal);
  }
  const stats = await close(socket);
  // Where nobody reads any more nobody wants to know.
  if (io.signal.reason instanceof Interruption && io.signal.reason.exitCode === EXIT.ok) return EXIT.ok;
  const isRefused = exitCodeOf(io.signal) === EXIT.failure;
  if (io.signal.aborted && !isRefused) tellSummary(work.sentCount, work.receivedCount, stats, console);
  tellLosses(stats, console, unreadIsNews);
  // What Ctrl-C cut short is judged by that alone.
  if (exitCode !== EXIT.ok || io.signal.aborted) return exitCode;
  return hasFailed(stats, socket instanceof Publisher) ? EXIT.failure : EXIT.ok;
}

type Lingering = Socket & { linger: number };

/**
 * Waits until all is sent, within linger: a socket that is closed already could not be told that Ctrl-C was pressed.
 * Answers `false` if that cut it short.
 */
async function flush(socket: Socket, signal: AbortSignal, console: Console): Promise<boolean> {
  if (signal.aborted) return true;
  const { linger } = socket as Lingering;
  const beganAt = performance.now();
  let tellAt = beganAt + TELL_AFTER_MS;
  let pauseMs = 1;
  for (let queued = queuedOf(socket); queued > 0; queued = queuedOf(socket)) {
    const now = performance.now();
    if (linger >= 0 && now - beganAt >= linger) {
      (socket as Lingering).linger = 0;
      break;
    }
    if (now >= tellAt) {
      console.note(`waiting until ${queued} more are sent (see --linger)`, { queued });
      tellAt = Number.POSITIVE_INFINITY;
    }
    if (!(await pause(pauseMs, signal))) return false;
    pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX);
  }
  return true;
}

function queuedOf(socket: Socket): number {
  return socket.stats().sent.queued;
}

/** Closes a socket, with what has not gone out yet for a short time more. */
export async function close(socket: Socket): Promise<SocketStats> {
  const { linger } = socket as Lingering;
  if (!socket.closed && (linger < 0 || linger > CLOSING_LINGER_MS)) {
    (socket as Lingering).linger = CLOSING_LINGER_MS;
  }
  return (await socket.close()).stats;
}

function wasInterrupted(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  return error === signal.reason || (error instanceof Error && error.name === "AbortError");
}

/** Runs what may go wrong by the user's fault: options and endpoints. */
export async function asUsage<T>(run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ZmqError && USAGE_CODES.includes(error.code)) throw new UsageError(error.message);
    throw error;
  }
}
