// What changed between two states, and the last minutes of it.
import type { FlowState, PageState, PeerState, ProcessState, SocketState } from "../page-state.ts";

/** So many states are remembered: three minutes. */
export const POINT_COUNT_MAX = 180;

/** Messages per second, out and in, and what was lost. */
export interface Rates {
  readonly sent: number;
  readonly received: number;
  readonly dropped: number;
}

export const NO_RATES: Rates = { sent: 0, received: 0, dropped: 0 };

/** A line of a chart: one value for each time of the history, `null` where there was none. */
export interface Series {
  readonly key: string;
  readonly label: string;
  readonly values: readonly (number | null)[];
}

interface Line {
  readonly key: string;
  readonly label: string;
  readonly values: (number | null)[];
}

interface Counts {
  sent: number;
  received: number;
  dropped: number;
}

/** Rates by socket and by peer, and their past. Fed with each state. */
export class History {
  /** Seconds, of the server's clock. */
  readonly times: number[];
  readonly #throughput: Map<string, Line>;
  readonly #drops: Map<string, Line>;
  #before: Map<string, Counts>;
  #reasonsBefore: Map<string, number>;
  #rates: Map<string, Rates>;
  #atMs: Map<string, number>;
  #isFirst: boolean;

  constructor() {
    this.times = [];
    this.#throughput = new Map();
    this.#drops = new Map();
    this.#before = new Map();
    this.#reasonsBefore = new Map();
    this.#rates = new Map();
    this.#atMs = new Map();
    this.#isFirst = true;
  }

  add(state: PageState): void {
    this.times.push(state.atMs / 1000);
    const counts = new Map<string, Counts>();
    const reasons = new Map<string, number>();
    const rates = new Map<string, Rates>();
    const moments = new Map<string, number>();
    const lost = new Map<string, number>();
    for (const process of state.processes) {
      moments.set(process.key, process.atMs);
      const seconds = (process.atMs - (this.#atMs.get(process.key) ?? process.atMs)) / 1000;
      let total = 0;
      for (const socket of process.sockets) {
        const key = socketKey(process, socket);
        const own = this.#rate(key, countsOf(socket), seconds, counts, rates);
        total += own.sent + own.received;
        const peerKeys = peerKeysOf(key, socket.peers);
        for (const [index, peer] of socket.peers.entries())
          this.#rate(peerKeys[index] as string, countsOf(peer), seconds, counts, rates);
        this.#reasons(key, socket, seconds, reasons, lost);
      }
      if (process.status === "live" && !this.#isFirst)
        this.#put(this.#throughput, process.key, `${process.title} (${process.pid})`, total);
    }
    for (const [reason, perSecond] of lost) this.#put(this.#drops, reason, reason, perSecond);
    this.#before = counts;
    this.#reasonsBefore = reasons;
    this.#rates = rates;
    this.#atMs = moments;
    this.#isFirst = false;
    this.#level();
  }

  /** Of a socket or of a peer, by its key. */
  ratesOf(key: string): Rates {
    return this.#rates.get(key) ?? NO_RATES;
  }

  /** Messages per second by process, sent and received together. */
  get throughput(): readonly Series[] {
    return [...this.#throughput.values()];
  }

  /** Messages lost per second by reason, in all processes. */
  get drops(): readonly Series[] {
    return [...this.#drops.values()];
  }

  #rate(
    key: string,
    now: Counts,
    seconds: number,
    counts: Map<string, Counts>,
    rates: Map<string, Rates>,
  ): Rates {
    const before = this.#before.get(key);
    counts.set(key, now);
    const known = before === undefined || seconds <= 0 ? undefined : before;
    const found: Rates =
      known === undefined
        ? NO_RATES
        : {
            sent: perSecond(now.sent, known.sent, seconds),
            received: perSecond(now.received, known.received, seconds),
            dropped: perSecond(now.dropped, known.dropped, seconds),
          };
    rates.set(key, found);
    return found;
  }

  #reasons(
    key: string,
    socket: SocketState,
    seconds: number,
    reasons: Map<string, number>,
    lost: Map<string, number>,
  ): void {
    for (const flow of [socket.sent, socket.received]) {
      for (const [reason, value = 0] of Object.entries(flow.dropped)) {
        const full = `${key} ${flow === socket.sent ? "sent" : "received"} ${reason}`;
        reasons.set(full, value);
        // A socket that is seen for the first time lost what it lost before; one that was seen without a loss, now.
        const isNew = !this.#before.has(key) || seconds <= 0;
        const before = isNew ? value : (this.#reasonsBefore.get(full) ?? 0);
        const now = seconds > 0 ? perSecond(value, before, seconds) : 0;
        lost.set(reason, (lost.get(reason) ?? 0) + now);
      }
    }
  }

  #put(lines: Map<string, Line>, key: string, label: string, value: number): void {
    let line = lines.get(key);
    if (line === undefined) {
      line = { key, label, values: [] };
      lines.set(key, line);
    }
    while (line.values.length < this.times.length - 1) line.values.push(null);
    line.values.push(value);
  }

  /** Every line has as many values as there are times; what is too old goes, and lines that hold nothing any more. */
  #level(): void {
    const surplus = this.times.length - POINT_COUNT_MAX;
    if (surplus > 0) this.times.splice(0, surplus);
    for (const lines of [this.#throughput, this.#drops]) {
      for (const line of lines.values()) {
        while (line.values.length < this.times.length + Math.max(0, surplus)) line.values.push(null);
        if (surplus > 0) line.values.splice(0, surplus);
        if (line.values.every((value) => value === null)) lines.delete(line.key);
      }
    }
  }
}

function perSecond(now: number, before: number, seconds: number): number {
  return Math.max(0, now - before) / seconds;
}

function countsOf({ sent, received }: { readonly sent: FlowState; readonly received: FlowState }): Counts {
  return {
    sent: sent.delivered,
    received: received.delivered,
    dropped: droppedIn(sent) + droppedIn(received),
  };
}

/** All reasons together. */
export function droppedIn(flow: FlowState): number {
  let total = 0;
  for (const value of Object.values(flow.dropped)) total += value ?? 0;
  return total;
}

export function socketKey(process: Pick<ProcessState, "key">, socket: Pick<SocketState, "id">): string {
  return `${process.key}/${socket.id}`;
}

/** Peers by their addresses; those that share one (over ipc, for example) are counted. */
export function peerKeysOf(ofSocket: string, peers: readonly Pick<PeerState, "address">[]): string[] {
  const seen = new Map<string, number>();
  return peers.map(({ address }) => {
    const nth = (seen.get(address) ?? 0) + 1;
    seen.set(address, nth);
    return `${ofSocket}/${address}#${nth}`;
  });
}
