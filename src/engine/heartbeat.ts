/**
 * 37/ZMTP, heartbeats, as three deadlines. Nothing here owns a timer.
 *
 *   pingAt      our interval: a PING is due, whether or not traffic flows
 *   deadAt      after a PING: the peer must have sent anything at all by then
 *   expiresAt   the peer asked (TTL) to be given up if it falls silent for so long
 *
 * Any octet of the peer clears the last two: a large message in flight is life (libzmq's own engine needs a whole
 * frame and kills slow transfers).
 */
export class Heartbeat {
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  #pingAt: number;
  #deadAt: number;
  #ttlMs: number;
  #expiresAt: number;

  constructor(intervalMs: number, timeoutMs: number) {
    this.#intervalMs = intervalMs;
    this.#timeoutMs = timeoutMs === -1 ? intervalMs : timeoutMs;
    this.#pingAt = Number.POSITIVE_INFINITY;
    this.#deadAt = Number.POSITIVE_INFINITY;
    this.#ttlMs = 0;
    this.#expiresAt = Number.POSITIVE_INFINITY;
  }

  /** The handshake succeeded. */
  start(now: number): void {
    if (this.#intervalMs > 0) this.#pingAt = now + this.#intervalMs;
  }

  /** Octets came. */
  onReceived(now: number): void {
    this.#deadAt = Number.POSITIVE_INFINITY;
    if (this.#ttlMs > 0) this.#expiresAt = now + this.#ttlMs;
  }

  /** The peer's PING carried this time to live: 0 asks for nothing. */
  onPeerTtl(ttlMs: number, now: number): void {
    this.#ttlMs = ttlMs;
    this.#expiresAt = ttlMs > 0 ? now + ttlMs : Number.POSITIVE_INFINITY;
  }

  get nextDeadline(): number {
    return Math.min(this.#pingAt, this.#deadAt, this.#expiresAt);
  }

  /** Whether a PING is due; if so the next one and the answer are awaited from now. */
  takePing(now: number): boolean {
    if (now < this.#pingAt) return false;
    this.#pingAt = now + this.#intervalMs;
    if (this.#timeoutMs > 0 && this.#deadAt === Number.POSITIVE_INFINITY)
      this.#deadAt = now + this.#timeoutMs;
    return true;
  }

  /** Milliseconds of silence that exhausted our patience or the peer's own bound, or 0. */
  silence(now: number): number {
    if (now >= this.#deadAt) return this.#timeoutMs;
    if (now >= this.#expiresAt) return this.#ttlMs;
    return 0;
  }

  /** Silence that is our own doing does not count: we were not reading. */
  postpone(now: number): void {
    if (this.#deadAt <= now) this.#deadAt = now + this.#timeoutMs;
    if (this.#expiresAt <= now) this.#expiresAt = now + this.#ttlMs;
  }
}

/** libzmq computes a peer's TTL in 16 bits of milliseconds: 656 tenths and more wrap around and kill the connection. */
const TTL_TENTHS_MAX = 655;

/** A time to live as a PING carries it. */
export function ttlTenths(ttlMs: number): number {
  return Math.min(TTL_TENTHS_MAX, Math.floor(ttlMs / 100));
}
