import { ZmqError } from "../../base/errors.ts";
import { platform } from "../../base/platform.ts";
import type { Finding } from "../../core/finding.ts";
import { removeStale, stat } from "../../transports/ipc-place.ts";
import { probeSocket } from "../../transports/socket-probe.ts";
import { codeOf } from "../../transports/system-error.ts";
import type { Seat } from "./place.ts";
import { findSeats } from "./place.ts";
import type { Answers, Ask, InspectionEvent, SocketCounts, SocketReport, ThreadInfo } from "./protocol.ts";
import { ThreadLink } from "./thread-link.ts";

/** An answer waits so long unless the caller says otherwise. */
const TIMEOUT_MS = 3000;
/** A file where nobody listens yet may be about to. */
const FRESH_MS = 2000;

/** How long an inspected process may take for an answer. */
export interface InspectOptions {
  /** Milliseconds; default 3000. */
  readonly timeoutMs?: number | undefined;
}

/** A process that can be inspected. */
export interface InspectableProcess {
  readonly pid: number;
  readonly threads: readonly { readonly threadId: number; readonly endpoint: string }[];
}

/** What a thread answered: `nowMs` is its monotonic clock, `omitted` counts what was too much for one answer. */
export interface ThreadAnswer<Entry> {
  readonly threadId: number;
  readonly nowMs: number;
  readonly omitted: number;
  readonly list: readonly Entry[];
}

/** See `listInspectable`. */
export async function listProcesses(
  warn: (sentence: string) => void = () => undefined,
): Promise<InspectableProcess[]> {
  const seats = await liveSeats(findSeats(warn));
  return [...new Set(seats.map(({ pid }) => pid))].map((pid) => ({
    pid,
    threads: seats
      .filter((seat) => seat.pid === pid)
      .map(({ threadId, path }) => ({ threadId, endpoint: `ipc://${path}` })),
  }));
}

/** See `inspectProcess`. */
export async function openProcess(
  target: number | string,
  timeoutMs = TIMEOUT_MS,
): Promise<InspectedProcess> {
  const opened = new InspectedProcess(target, timeoutMs);
  await opened.refresh();
  return opened;
}

/** A running process that answers questions about its sockets. Close it when done. */
export class InspectedProcess {
  readonly #target: number | string;
  readonly #timeoutMs: number;
  readonly #links: Map<number, ThreadLink>;
  readonly #cursors: Map<number, number>;
  #silent: readonly number[];

  /** @internal */
  constructor(target: number | string, timeoutMs: number) {
    this.#target = target;
    this.#timeoutMs = timeoutMs;
    this.#links = new Map();
    this.#cursors = new Map();
    this.#silent = [];
  }

  /** `null` if it was opened by an endpoint that names none. */
  get pid(): number | null {
    if (typeof this.#target === "number") return this.#target;
    return Number(/(\d+)-\d+\.ipc$/.exec(this.#target)?.[1] ?? Number.NaN) || null;
  }

  /** Threads that can be inspected. */
  get threadIds(): readonly number[] {
    return [...this.#links.keys()];
  }

  /** Threads that did not answer the last question: they are busy, blocked or gone. */
  get silentThreadIds(): readonly number[] {
    return this.#silent;
  }

  /** Looks for threads that began or ended since; every question does. */
  async refresh(): Promise<void> {
    for (const [threadId, link] of this.#links) {
      if (!link.isOver) continue;
      this.#links.delete(threadId);
      this.#cursors.delete(threadId);
      await link.close();
    }
    for (const { threadId, endpoint } of await this.#seats())
      if (!this.#links.has(threadId)) this.#links.set(threadId, new ThreadLink(endpoint));
    if (this.#links.size === 0) throw whyNot(this.#target);
  }

  /** What each thread is, and how its event loop fares. */
  info(): Promise<readonly ThreadAnswer<ThreadInfo>[]> {
    return this.#ask("info");
  }

  /** Every socket with its options, endpoints, peers, counts and history. */
  sockets(): Promise<readonly ThreadAnswer<SocketReport>[]> {
    return this.#ask("sockets");
  }

  /** Every socket in a few numbers, to be asked for often. */
  counts(): Promise<readonly ThreadAnswer<SocketCounts>[]> {
    return this.#ask("counts");
  }

  /** What the solver finds wrong, run in the process itself. */
  findings(): Promise<readonly ThreadAnswer<Finding>[]> {
    return this.#ask("findings");
  }

  /** Prometheus text, for each context one. */
  metrics(): Promise<readonly ThreadAnswer<string>[]> {
    return this.#ask("metrics");
  }

  /** What happened since the last call; the first one only begins to watch. */
  events(): Promise<readonly ThreadAnswer<InspectionEvent>[]> {
    return this.#ask("events");
  }

  /** Ends the connections. */
  async close(): Promise<void> {
    const links = [...this.#links.values()];
    this.#links.clear();
    await Promise.all(links.map((link) => link.close()));
  }

  async #ask<A extends Ask>(ask: A): Promise<readonly ThreadAnswer<Answers[A]>[]> {
    await this.refresh();
    const failures: Error[] = [];
    const silent: number[] = [];
    const answers = await Promise.all(
      [...this.#links].map(async ([threadId, link]) => {
        try {
          const { head, list } = await link.ask(ask, this.#timeoutMs, this.#sinceOf(ask, threadId));
          if (head.cursor !== undefined) this.#cursors.set(threadId, head.cursor);
          return {
            threadId,
            nowMs: head.nowMs ?? 0,
            omitted: (head.omitted ?? 0) + (head.missed ?? 0),
            list,
          };
        } catch (error) {
          failures.push(error as Error);
          silent.push(threadId);
          return null;
        }
      }),
    );
    this.#silent = silent;
    const given = answers.filter((answer) => answer !== null);
    if (given.length === 0 && failures[0] !== undefined) throw failures[0];
    return given;
  }

  #sinceOf(ask: Ask, threadId: number): number | undefined {
    return ask === "events" ? this.#cursors.get(threadId) : undefined;
  }

  async #seats(): Promise<{ readonly threadId: number; readonly endpoint: string }[]> {
    const target = this.#target;
    if (typeof target === "string")
      return [{ threadId: Number(/\d+-(\d+)\.ipc$/.exec(target)?.[1] ?? 0), endpoint: target }];
    const seats = findSeats().filter(({ pid, threadId }) => pid === target && !this.#links.has(threadId));
    return (await liveSeats(seats)).map(({ threadId, path }) => ({ threadId, endpoint: `ipc://${path}` }));
  }
}

/** Those where somebody listens. What the dead left is removed. */
async function liveSeats(seats: readonly Seat[]): Promise<Seat[]> {
  const results = await Promise.all(
    seats.map(
      (seat) =>
        new Promise<boolean>((resolve) => {
          const file = stat(seat.path);
          probeSocket(seat.path, (result) => {
            // Between its birth and its first listener a file looks dead.
            const isFresh =
              file !== undefined && performance.timeOrigin + platform.now() - file.birthtimeMs < FRESH_MS;
            if (result === "stale" && file !== undefined && (!isFresh || fateOf(seat.pid) === "gone"))
              removeStale(seat.path, file);
            resolve(result === "live");
          });
        }),
    ),
  );
  return seats.filter((_, index) => results[index]);
}

/** Why there is nothing to inspect. */
function whyNot(target: number | string): ZmqError {
  if (typeof target === "string")
    return new ZmqError("ENOENT", `Nobody can be inspected at ${target}.`, { remedy: REMEDY });
  const fate = fateOf(target);
  if (fate === "gone") return new ZmqError("ENOENT", `There is no process ${target}.`, { remedy: REMEDY });
  if (fate === "other") {
    return new ZmqError(
      "EACCES",
      `The process ${target} belongs to another user, who alone may inspect it.`,
      {
        remedy: "Run the command as that user.",
      },
    );
  }
  return new ZmqError("ENOENT", `The process ${target} runs, but cannot be inspected.`, {
    remedy: "Start it with ZEROMQ_TS_INSPECT=1, or call context.inspect() in it.",
  });
}

const REMEDY = "`zmq ps` lists what can be inspected.";

function fateOf(pid: number): "alive" | "other" | "gone" {
  try {
    process.kill(pid, 0);
    return "alive";
  } catch (error) {
    return codeOf(error) === "EPERM" ? "other" : "gone";
  }
}
