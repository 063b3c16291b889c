import type { DropReason, Pipe } from "../pipe/pipe.ts";
import type { Loss } from "./journal.ts";
import { Journal } from "./journal.ts";
import type { SocketStats } from "./ledger.ts";
import { Ledger } from "./ledger.ts";
import type { MonitorEvent } from "./monitor-event.ts";
import { MonitorHub } from "./monitor-event.ts";

/** Who reads what is written into the books. */
export interface BooksHost {
  readonly lastEndpoint: string | null;
  /** The first loss of its peer and reason. */
  onLoss(loss: Loss): void;
  /** Something may be wrong. */
  onDoubt(): void;
}

/** What a socket keeps of all that happens to it: counts, a memory, and those who watch. */
export class Books {
  readonly monitor: MonitorHub;
  readonly journal: Journal;
  readonly #ledger: Ledger;
  readonly #host: BooksHost;

  constructor(host: BooksHost) {
    this.monitor = new MonitorHub();
    this.journal = new Journal();
    this.#ledger = new Ledger();
    this.#host = host;
  }

  /** `withPeers` false leaves `peers` empty. */
  stats(pipes: Iterable<Pipe>, withPeers: boolean): SocketStats {
    return this.#ledger.snapshot(pipes, withPeers);
  }

  emit(event: MonitorEvent): void {
    const isDoubtful = this.journal.noteEvent(event);
    this.monitor.emit(event);
    if (isDoubtful) this.#host.onDoubt();
  }

  /** A message that reached no pipe. */
  countDrop(reason: DropReason, id: Uint8Array | undefined): void {
    if (this.#ledger.countSentDrop(reason) === 1) this.#tell(this.journal.noteDrop(reason, id));
  }

  countReceivedDrop(pipe: Pipe, reason: DropReason): void {
    pipe.retract(1, reason);
    this.noteReceivedDrop(pipe, reason);
  }

  /** What came for the socket, and was counted off before it was in its pipe. */
  noteReceivedDrop(pipe: Pipe, reason: DropReason): void {
    this.#tell(this.journal.notePeerDrop(pipe, reason, "received"));
  }

  noteFirstDrop(pipe: Pipe, reason: DropReason): void {
    this.#tell(this.journal.notePeerDrop(pipe, reason, "sent"));
  }

  noteSubscribers(count: number, pipe: Pipe | null): void {
    const { journal } = this;
    const wasAlone = journal.lonely.endedMs < 0;
    journal.noteSubscribers(count, this.#ledger.sentDrops("no-subscriber"), pipe);
    if (wasAlone && journal.lonely.endedMs >= 0) this.#host.onDoubt();
  }

  noteOutOfStep(): void {
    if (this.journal.noteOutOfStep()) this.#host.onDoubt();
  }

  /** A connection ended: what went with it is told. */
  audit(pipe: Pipe): void {
    for (const loss of this.journal.audit(pipe)) this.#tell(loss);
  }

  /** A pipe is gone: its counts stay. */
  retire(pipe: Pipe): void {
    this.audit(pipe);
    this.journal.forget(pipe);
    this.#ledger.retire(pipe);
  }

  #tell(loss: Loss | null): void {
    if (loss === null) return;
    const { direction, reason, endpoint, peer } = loss;
    const address = endpoint ?? this.#host.lastEndpoint ?? "";
    this.monitor.emit({ type: "loss", address, reason, direction, ...(peer !== null && { peer }) });
    this.#host.onLoss(loss);
  }
}
