import { INT_MAX } from "./option-row.ts";
import type { SocketOptionValues } from "./option-values.ts";

/** What ended an attempt or a connection, with its bit in reconnectStop (libzmq's ZMQ_RECONNECT_STOP_...). */
export const RECONNECT_STOP = {
  connectionRefused: 1,
  handshakeFailed: 2,
  afterDisconnect: 4,
} as const;

export type ReconnectCause = keyof typeof RECONNECT_STOP;

/** Whether the socket was told to give the endpoint up after this. */
export function stopsReconnecting(
  options: Pick<SocketOptionValues, "reconnectStop">,
  cause: ReconnectCause,
): boolean {
  return (options.reconnectStop & RECONNECT_STOP[cause]) !== 0;
}

/**
 * Milliseconds to wait before the next attempt to connect, or `null` for none. `attempt` counts from 0 at each loss of
 * a connection, and `random` gives numbers in [0, 1).
 *
 *     reconnectMaxInterval 0     between ivl and 2 ivl every time, as in libzmq
 *     reconnectMaxInterval max   between ivl and 2 ivl, then 2 ivl and 4 ivl, ... and at last max / 2 and max
 *
 * libzmq doubles without chance, so that clients which lost one server come back all at once. Here each wait is drawn
 * from the upper half of what doubling allows, never below ivl and never above max. A max below ivl is the wait, as in
 * libzmq.
 */
export function nextReconnectDelay(
  options: Pick<SocketOptionValues, "reconnectInterval" | "reconnectMaxInterval">,
  attempt: number,
  random: () => number,
): number | null {
  const { reconnectInterval: interval, reconnectMaxInterval: max } = options;
  // libzmq behaviour B89; it takes 0 for never as well.
  if (interval <= 0) return null;
  if (max > 0 && max <= interval) return max;
  const highest = Math.min(max === 0 ? 2 * interval : max, INT_MAX);
  const upper = Math.min(interval * 2 ** (attempt + 1), highest);
  const lower = Math.max(interval, Math.floor(upper / 2));
  return lower + Math.floor(random() * (upper - lower));
}
