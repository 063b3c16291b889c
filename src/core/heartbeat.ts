import { ZmqError } from "../base/errors.ts";
import { INT_MAX } from "./option-row.ts";

/** The options that `heartbeat` gives. */
export interface HeartbeatOptions {
  readonly heartbeatInterval: number;
  readonly heartbeatTimeout: number;
  readonly heartbeatTimeToLive: number;
}

const DETECT_WITHIN_MS = 5000;
/** A time to live is told in tenths of a second, and must outlast an interval. */
const DETECT_WITHIN_MIN_MS = 300;
/** Three of them fit into the longest time to live that every peer understands. */
const INTERVAL_MAX_MS = 20_000;
const TIME_TO_LIVE_MAX_MS = 65_500;

/**
 * Options that find a dead peer within `detectWithinMs` milliseconds (300 to 2147483647, default 5000), for any socket over
 * tcp or ipc: `new Dealer({ ...heartbeat(3000) })`. Without heartbeats a peer whose machine or network went away without a
 * farewell is never found.
 *
 * - `heartbeatInterval`, three tenths of it, at most 20 s: a PING goes out so often.
 * - `heartbeatTimeout`: what is left of nine tenths. A peer that falls silent just after a PING is found one interval and one
 *   timeout later; the last tenth is for the event loop.
 * - `heartbeatTimeToLive`, nine tenths, at most 65.5 s: the peer finds us as soon, even if it has no heartbeats of its own.
 *
 * A stall of the own event loop kills no healthy peer, but a peer may give up a socket that is silent for longer than its
 * time to live: where the application blocks its loop for so long, use a context with `ioMode` background. A peer that
 * is silent from the first octet on is a matter of `handshakeInterval`.
 *
 * @throws EINVAL out of range
 */
export function heartbeat(detectWithinMs = DETECT_WITHIN_MS): HeartbeatOptions {
  if (!(detectWithinMs >= DETECT_WITHIN_MIN_MS && detectWithinMs <= INT_MAX)) {
    throw new ZmqError(
      "EINVAL",
      `heartbeat() takes ${DETECT_WITHIN_MIN_MS} to ${INT_MAX} milliseconds, not ${String(detectWithinMs)}.`,
    );
  }
  const boundMs = Math.floor(detectWithinMs * 0.9);
  const heartbeatInterval = Math.min(Math.floor(detectWithinMs * 0.3), INTERVAL_MAX_MS);
  return {
    heartbeatInterval,
    heartbeatTimeout: boundMs - heartbeatInterval,
    heartbeatTimeToLive: Math.floor(Math.min(boundMs, TIME_TO_LIVE_MAX_MS) / 100) * 100,
  };
}
