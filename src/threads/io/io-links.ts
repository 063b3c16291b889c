import { ZmqError } from "../../base/errors.ts";
import type { ContextOptionValues } from "../../core/context-options.ts";
import type { Link, LinkHost } from "../../core/link.ts";
import type { LinkMaker, LinkTarget } from "../../core/link-maker.ts";
import { LOCAL_LINKS } from "../../core/link-maker.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import type { Seat } from "../seat/seat.ts";
import { IoCrew } from "./io-crew.ts";
import type { SpawnIoThread } from "./io-spawn.ts";
import { spawnIoThread } from "./io-spawn.ts";
import { RemoteLink } from "./remote-link.ts";

/** A thread's share of a context, as far as links need it. */
export interface IoShare {
  readonly options: ContextOptionValues;
  /** This thread's seat, taken now if it was not. */
  readonly seat: Seat;
}

/** How long `bindSync` waits for an I/O thread. */
const PATIENCE_MS = 30_000;

/** Who serves the streams of a context's sockets in this thread: the thread itself, or the context's I/O threads. */
export class IoLinks implements LinkMaker {
  readonly #share: IoShare;
  readonly #spawn: SpawnIoThread;
  #crew: IoCrew | null;

  constructor(share: IoShare, spawn: SpawnIoThread = spawnIoThread) {
    this.#share = share;
    this.#spawn = spawn;
    this.#crew = null;
  }

  /** Has the I/O threads made, if the context is to have any: they are there when the first link needs them. */
  prepare(): void {
    if (this.#isRemote) this.#crewNow().muster();
  }

  connect(host: LinkHost, target: LinkTarget, prepare: ((pipe: Pipe) => void) | null): Link {
    if (!this.#isRemote) return LOCAL_LINKS.connect(host, target, prepare);
    const link = new RemoteLink(this.#crewNow(), host, target);
    link.connect(prepare);
    return link;
  }

  listen(host: LinkHost, target: LinkTarget, onBound: (error: ZmqError | null) => void): Link {
    if (!this.#isRemote) return LOCAL_LINKS.listen(host, target, onBound);
    const link = new RemoteLink(this.#crewNow(), host, target, true);
    link.listen(false, onBound);
    return link;
  }

  listenSync(host: LinkHost, target: LinkTarget): Link {
    if (!this.#isRemote) return LOCAL_LINKS.listenSync(host, target);
    const crew = this.#crewNow();
    const link = new RemoteLink(crew, host, target, true);
    let outcome: ZmqError | null | undefined;
    link.listen(true, (error) => {
      outcome = error;
    });
    const isAnswered = crew.waitFor(() => outcome !== undefined, PATIENCE_MS);
    if (!isAnswered) {
      link.abort("linger");
      const sentence = `${target.endpoint} was not bound within ${PATIENCE_MS} ms: the I/O thread did not answer.`;
      throw new ZmqError("EAGAIN", sentence, { address: target.endpoint });
    }
    if (!outcome) return link;
    crew.dismiss(link);
    throw outcome;
  }

  get #isRemote(): boolean {
    return this.#share.options.ioMode === "background";
  }

  #crewNow(): IoCrew {
    const { seat, options } = this.#share;
    if (this.#crew === null || this.#crew.seat !== seat)
      this.#crew = new IoCrew(seat, options.ioThreads, this.#spawn);
    return this.#crew;
  }
}
