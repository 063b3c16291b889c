import type { Dealer, Pair, Pull, Router, Stream, Subscriber } from "../../index.ts";
import { ZmqError } from "../../index.ts";
import type { OptionTable } from "../command.ts";
import { EXIT, exitCodeOf } from "../command.ts";

export const RECEIVE_OPTIONS = {
  count: { kind: "number", short: "n", value: "N", min: 1, help: "end after so many messages" },
  timeout: {
    kind: "duration",
    initial: -1,
    min: -1,
    help: "end when no message has come for so long; -1 waits for ever",
  },
} as const satisfies OptionTable;

export type Receiver = Dealer | Pair | Pull | Router | Stream | Subscriber;

const BATCH_COUNT_MAX = 256;

export interface Receiving {
  readonly socket: Receiver;
  readonly count: number | undefined;
  readonly timeoutMs: number;
  /** Ends the receiving without being an interruption. */
  readonly signal: AbortSignal;
  readonly onMessages: (messages: Buffer[][]) => Promise<void>;
}

/** Why receiving ended. */
export type ReceiveEnd = "count" | "timeout" | "aborted" | "closed";

/** Receives until enough has come, nothing comes any more, or the signal is aborted. */
export async function receiveAll({
  socket,
  count,
  timeoutMs,
  signal,
  onMessages,
}: Receiving): Promise<ReceiveEnd> {
  let left = count ?? Number.POSITIVE_INFINITY;
  while (left > 0) {
    let messages: Buffer[][];
    try {
      messages = await socket.receiveMany(Math.min(left, BATCH_COUNT_MAX), { timeoutMs, signal });
    } catch (error) {
      if (!(error instanceof ZmqError)) throw error;
      if (error.code === "ABORT_ERR") return "aborted";
      if (socket.closed) return "closed";
      if (error.code === "EAGAIN") return "timeout";
      throw error;
    }
    left -= messages.length;
    await onMessages(messages);
  }
  return "count";
}

/** The exit code of a command whose work was to receive. */
export function receivedExit(
  end: ReceiveEnd,
  receivedCount: number,
  wantedCount: number | undefined,
  signal: AbortSignal,
): number {
  // Without --count it was to run until it is interrupted.
  if (end === "aborted") return wantedCount === undefined ? EXIT.ok : exitCodeOf(signal);
  if (end === "timeout" && (receivedCount === 0 || wantedCount !== undefined)) return EXIT.nothing;
  return EXIT.ok;
}
