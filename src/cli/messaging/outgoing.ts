import { setImmediate as turn } from "node:timers/promises";
import type { Dealer, Pair, Publisher, Push, Router, Socket, Stream } from "../../index.ts";
import { Publisher as PublisherClass, ZmqError } from "../../index.ts";
import type { OptionTable, ValuesOf } from "../command.ts";
import { UsageError } from "../command.ts";
import type { Console } from "../console.ts";
import type { Io } from "../io.ts";
import { pause } from "../pause.ts";
import type { Input } from "./input.ts";

export const PACE_OPTIONS = {
  rate: { kind: "number", value: "N", help: "messages per second, at most" },
  interval: { kind: "duration", help: "time from one message to the next" },
} as const satisfies OptionTable;

export const WAIT_OPTIONS = {
  wait: {
    kind: "duration",
    initial: 10_000,
    min: -1,
    help: "how long to wait for peers before anything is sent; -1 for ever, 0 not at all",
  },
  "wait-peers": { kind: "number", value: "N", initial: 1, help: "how many peers must be there first" },
} as const satisfies OptionTable;

export type Sender = Pair | Publisher | Push | Dealer | Router | Stream;

const TELL_AFTER_MS = 1_000;
const REPEATED_COUNT = 256;

export interface Waiting {
  readonly socket: Socket;
  readonly values: ValuesOf<typeof WAIT_OPTIONS>;
  /** The endpoints, for the note. */
  readonly where: string;
  /** A subscriber of this topic is waited for. */
  readonly topic?: Buffer | undefined;
  readonly io: Pick<Io, "signal">;
  readonly console: Console;
}

/** Whether the peers came in time. Says that it waits, and that nobody came. */
export async function awaitPeers({ socket, values, where, topic, io, console }: Waiting): Promise<boolean> {
  const { wait: timeoutMs, "wait-peers": count } = values;
  if (timeoutMs === 0 || count === 0) return true;
  const isPublisher = socket instanceof PublisherClass;
  const who = `${count === 1 ? "" : `${count} `}${isPublisher ? "subscriber" : "peer"}${count === 1 ? "" : "s"}`;
  const timer = setTimeout(
    () => console.note(`waiting for ${count === 1 ? `a ${who}` : who} at ${where}`),
    TELL_AFTER_MS,
  );
  let lastError: Error | undefined;
  const onRetry = ({ error }: { readonly error?: Error }): void => {
    lastError = error;
  };
  socket.events.on("connect:retry", onRetry);
  try {
    const limits = { timeoutMs, signal: io.signal };
    await (isPublisher
      ? socket.waitForSubscribers(count, topic, limits)
      : socket.waitForPeers(count, limits));
    return true;
  } catch (error) {
    if (!(error instanceof ZmqError && error.code === "EAGAIN")) throw error;
    const nobody = count === 1 ? `No ${who}` : `Fewer than ${who}`;
    const topics = topic === undefined ? "" : ` with a subscription to "${topic}"`;
    const why = lastError === undefined ? "" : ` ${lastError.message}`;
    const sentence = `${nobody}${topics} came to ${where} within ${timeoutMs} ms; nothing was sent (see --wait).${why}`;
    console.warn(sentence, { reason: "nobody-came" });
    return false;
  } finally {
    clearTimeout(timer);
    socket.events.off("connect:retry", onRetry);
  }
}

export interface Sending {
  readonly socket: Sender;
  readonly input: Input;
  readonly values: ValuesOf<typeof PACE_OPTIONS>;
  /** How many at most; messages of the command line are sent again and again up to it. 0: without end. */
  readonly count: number | undefined;
  readonly signal: AbortSignal;
  /** Called after messages were sent. */
  readonly onSent: (count: number) => void;
}

/** Sends what there is to send, at the pace that was asked for. */
export async function sendAll({ socket, input, values, count, signal, onSent }: Sending): Promise<void> {
  const pace = new Pace(values);
  for await (const messages of limited(input, count)) await sendBatch(socket, messages, pace, signal, onSent);
}

/** What there is to send: `count` messages at most, for which those of the command line are repeated; 0: without end. */
export async function* limited(input: Input, count: number | undefined): AsyncGenerator<Buffer[][]> {
  let left = count === undefined || count === 0 ? Number.POSITIVE_INFINITY : count;
  const isRepeated = count !== undefined && input.messages !== undefined;
  do {
    for await (const batch of isRepeated ? [repeated(input.messages)] : input.batches()) {
      const messages = batch.length > left ? batch.slice(0, left) : batch;
      left -= messages.length;
      yield messages;
      if (left === 0) return;
    }
  } while (isRepeated);
}

/** Whole rounds, enough of them to be sent together. */
function repeated(messages: readonly Buffer[][]): Buffer[][] {
  const roundCount = Math.ceil(REPEATED_COUNT / messages.length);
  return Array.from({ length: roundCount }, () => messages).flat();
}

async function sendBatch(
  socket: Sender,
  messages: readonly Buffer[][],
  pace: Pace,
  signal: AbortSignal,
  onSent: (count: number) => void,
): Promise<void> {
  if (!pace.isSet) {
    if (signal.aborted) throw signal.reason;
    await socket.sendMany(messages, { signal });
    onSent(messages.length);
    // Messages that are repeated without end let others have their turn.
    await turn();
    return;
  }
  for (const message of messages) {
    await pace.next(signal);
    await socket.send(message, { signal });
    onSent(1);
  }
}

/** When the next message may go. */
export class Pace {
  readonly #periodMs: number;
  #dueAt: number;

  constructor({ rate, interval }: ValuesOf<typeof PACE_OPTIONS>) {
    if (rate !== undefined && interval !== undefined)
      throw new UsageError("--rate and --interval exclude each other.");
    if (rate === 0) throw new UsageError("--rate is at least 1 message per second.");
    this.#periodMs = rate === undefined ? (interval ?? 0) : 1_000 / rate;
    this.#dueAt = Number.NaN;
  }

  get isSet(): boolean {
    return this.#periodMs > 0;
  }

  /** Timers count milliseconds: what is due in less goes at once, and the average holds. */
  async next(signal: AbortSignal): Promise<void> {
    const now = performance.now();
    this.#dueAt = Number.isNaN(this.#dueAt) ? now : this.#dueAt + this.#periodMs;
    const early = this.#dueAt - now;
    // What was missed, by a peer that took nothing, is not made up for in one go.
    if (early < -1_000) this.#dueAt = now;
    if (early >= 1) await pause(early, signal);
    if (signal.aborted) throw signal.reason;
  }
}
