import { isMainThread } from "node:worker_threads";
import { ZmqError } from "../../base/errors.ts";
import { platform } from "../../base/platform.ts";
import { SEAT, seatWord } from "../layout.ts";
import type { ThreadRef } from "../pipe-thread.ts";
import { callSafely } from "../seat/ready-bits.ts";
import type { Seat } from "../seat/seat.ts";
import { decodeZmqError, encodeError } from "./io-codec.ts";
import type { CrewMail, IoAnswer, IoTold } from "./io-mail.ts";
import { IO_ANSWER_TOPIC, IO_CREW_TOPIC, IO_TOPIC } from "./io-mail.ts";
import type { SpawnedIoThread, SpawnIoThread } from "./io-spawn.ts";
import { IoThread } from "./io-thread.ts";
import type { LinkCrew, RemoteLink } from "./remote-link.ts";

/** Who is asked for I/O threads may be busy: after this the asker makes them. */
const PATIENCE_MS = 200;
/** An I/O thread that fails so often is not made again. */
const FAILURE_COUNT_MAX = 3;
/** How long the end of the process waits for what was written. */
const LEAVE_MS = 100;

/**
 * The I/O threads of a context, as one of its other threads has to do with them: finds them in the directory, has them
 * made where there are none, gives them links, and hands their mail out.
 *
 * An I/O thread lives no longer than the thread that made it. So the one that has been there longest is asked to make
 * them; whoever makes one claims its name first, so that there is never a second one.
 */
export class IoCrew implements LinkCrew {
  readonly seat: Seat;
  readonly #threads: readonly IoThread[];
  readonly #spawnThread: SpawnIoThread;
  /** Those that this thread made, by number. */
  readonly #spawned: Map<number, SpawnedIoThread>;
  /** Asked for while the one before had not ended yet. */
  readonly #wanted: Set<number>;
  readonly #links: Map<number, RemoteLink>;
  /** In whose load a link is counted. */
  readonly #countedAt: Map<RemoteLink, ThreadRef>;
  #linkCount: number;
  #failureCount: number;
  /** No more are made, and who waits has yet to be told. */
  #isHopeless: boolean;
  /** When others were asked; infinite if nobody is being waited for. */
  #askedAt: number;
  /** I/O threads that have yet to take leave. */
  #leavingCount: number;

  constructor(seat: Seat, threadCount: number, spawn: SpawnIoThread) {
    this.seat = seat;
    this.#threads = Array.from({ length: threadCount }, (_, number) => new IoThread(number, seat.mail));
    this.#spawnThread = spawn;
    this.#spawned = new Map();
    this.#wanted = new Set();
    this.#links = new Map();
    this.#countedAt = new Map();
    this.#linkCount = 0;
    this.#failureCount = 0;
    this.#isHopeless = false;
    this.#askedAt = Number.POSITIVE_INFINITY;
    this.#leavingCount = 0;
    seat.mail.on(IO_TOPIC, (value, from) => this.#onTold(value as IoTold, from));
    seat.mail.on(IO_ANSWER_TOPIC, (value) => this.#onAnswer(value as IoAnswer), true);
    seat.mail.on(IO_CREW_TOPIC, (value, from) => this.#onCrewMail(value as CrewMail, from));
    seat.addNewsListener(() => this.look());
    seat.onGone((thread) => this.#onGone(thread));
  }

  get threads(): readonly IoThread[] {
    return this.#threads;
  }

  /** The one with the fewest links among those that the affinity allows. */
  pick(affinity: number, endpoint: string | null, isHasty = false): IoThread {
    this.look();
    const leaving = endpoint === null ? undefined : this.#threadOf(endpoint);
    if (leaving !== undefined && allows(affinity, leaving.number)) return leaving;
    let allowed = this.#threads.filter(({ number }) => allows(affinity, number));
    if (allowed.length === 0) {
      const sentence = `affinity ${affinity} names none of the context's I/O threads, of which there are ${this.#threads.length}.`;
      throw new ZmqError("EINVAL", sentence, { remedy: "Bit n is for thread n; 0 is for any." });
    }
    const present = allowed.filter(({ thread }) => thread !== null);
    if (present.length > 0 && (isHasty || this.#failureCount >= FAILURE_COUNT_MAX)) allowed = present;
    let best = allowed[0] as IoThread;
    for (const one of allowed) if (this.#loadOf(one) < this.#loadOf(best)) best = one;
    return best;
  }

  enlist(link: RemoteLink): number {
    const number = ++this.#linkCount;
    this.#links.set(number, link);
    this.#watchExit();
    this.onAssigned(link);
    return number;
  }

  onAssigned(link: RemoteLink): void {
    this.#count(link);
    if (link.thread.thread === null) this.muster();
  }

  dismiss(link: RemoteLink): void {
    if (!this.#links.delete(link.number)) return;
    const { directory } = this.seat;
    const counted = this.#countedAt.get(link);
    this.#countedAt.delete(link);
    if (counted !== undefined && directory.isPresent(counted))
      Atomics.sub(directory.words, loadWord(counted), 1);
    this.#watchExit();
  }

  /** Has all I/O threads made that are not there. */
  muster(): void {
    this.look();
    const missing = this.#missing;
    if (missing.length === 0) return;
    const owner = this.#owner();
    if (owner === null) {
      for (const thread of missing) this.#spawn(thread);
    } else if (this.#askedAt === Number.POSITIVE_INFINITY) {
      this.#askedAt = platform.now();
      this.seat.mail.post(owner, IO_CREW_TOPIC, { told: "wanted" } satisfies CrewMail);
      this.#lookLater(PATIENCE_MS);
    }
  }

  /** Takes notice of I/O threads that came; makes them if who was asked does not. */
  look(): void {
    const missing = this.#missing;
    if (missing.length === 0) return;
    const { directory } = this.seat;
    for (const thread of directory.threads()) {
      const number = directory.words[seatWord(thread.seat, SEAT.ROLE)]! - 1;
      const found = missing.find((one) => one.number === number);
      // The seat may have changed hands since.
      if (found === undefined || !directory.isPresent(thread)) continue;
      found.arrive(thread);
      for (const link of this.#linksOf(found)) this.#count(link);
    }
    const absent = this.#missing;
    if (absent.length === 0) this.#askedAt = Number.POSITIVE_INFINITY;
    if (platform.now() - this.#askedAt < PATIENCE_MS) return;
    this.#askedAt = Number.POSITIVE_INFINITY;
    for (const thread of absent) this.#spawn(thread);
  }

  /**
   * Waits without the event loop until `isDone`. Where mail is being handled already only what is urgent comes meanwhile.
   */
  waitFor(isDone: () => boolean, timeoutMs: number): boolean {
    const { bell, mail } = this.seat;
    const until = platform.now() + timeoutMs;
    while (!isDone()) {
      const leftMs = until - platform.now();
      if (leftMs <= 0) return false;
      if (bell.isDraining) {
        mail.poll();
        if (!isDone()) Atomics.wait(NEVER, 0, 0, 1);
      } else {
        this.seat.block(Math.min(leftMs, PATIENCE_MS));
      }
      this.look();
      if (this.#isHopeless) this.#giveUp();
    }
    return true;
  }

  /** This thread, or with it the process, ends: listeners are closed, and what was written is taken, if that is soon. */
  leave(): void {
    const busy = this.#threads.filter((one) => one.thread !== null && this.#loadOf(one) > 0);
    this.#leavingCount = busy.length;
    for (const thread of busy) thread.leave(isMainThread);
    const links = [...this.#links.values()];
    this.waitFor(() => this.#leavingCount === 0 && links.every((link) => link.unsentCount === 0), LEAVE_MS);
  }

  /** A timer may come a little before its time, and then patience is not over. */
  #lookLater(delayMs: number): void {
    platform.setTimer(() => {
      const leftMs = this.#askedAt + PATIENCE_MS - platform.now();
      if (leftMs > 0 && leftMs <= PATIENCE_MS) this.#lookLater(leftMs + 1);
      else this.look();
    }, delayMs);
  }

  get #missing(): IoThread[] {
    return this.#threads.filter(({ thread }) => thread === null);
  }

  /** Who is to make I/O threads; `null`: this thread. */
  #owner(): ThreadRef | null {
    const { directory, me } = this.seat;
    let eldest = me;
    for (const thread of directory.threads()) {
      const isIo = directory.words[seatWord(thread.seat, SEAT.ROLE)] !== 0;
      if (!isIo && thread.uid < eldest.uid) eldest = thread;
    }
    return eldest === me ? null : eldest;
  }

  #spawn({ number }: IoThread): void {
    const { directory, me } = this.seat;
    if (this.#spawned.has(number)) {
      this.#wanted.add(number);
      return;
    }
    if (this.#failureCount >= FAILURE_COUNT_MAX) {
      // Later: links are just being made.
      this.#isHopeless = true;
      platform.defer(() => this.#giveUp());
      return;
    }
    if (!directory.claim(nameOf(number), me)) {
      // Somebody else makes it; who knows whether he will live to see it.
      this.#askedAt = platform.now();
      this.#lookLater(PATIENCE_MS);
      return;
    }
    const spawned = this.#spawnThread(directory.memory, number, me);
    this.#spawned.set(number, spawned);
    this.#watchExit();
    // A fault in there is a fault of ours: it must not pass unseen.
    spawned.onFault = (error) => {
      this.#failureCount++;
      callSafely(() => {
        throw error;
      });
    };
    spawned.onExit = () => {
      this.#spawned.delete(number);
      this.#watchExit();
      directory.release(nameOf(number), me);
      const thread = this.#threads[number]!;
      if (this.#wanted.delete(number) || this.#linksOf(thread).length > 0) this.muster();
    };
  }

  /** Those who have something there, or made it, see to it at the end. */
  #watchExit(): void {
    if (this.#links.size > 0 || this.#spawned.size > 0) leaveAtExit(this);
    else crews.delete(this);
  }

  #giveUp(error = failed(this.#failureCount)): void {
    this.#isHopeless = false;
    const links = [...this.#links.values()].filter((link) => link.thread.thread === null);
    if (links.length === 0) return;
    platform.warn(`${error.message} ${links.length} endpoints are given up.`, "ZMQ_IO_THREAD_GONE");
    for (const link of links) callSafely(() => link.onUnavailable(error));
  }

  /** The one that is to close a listener at the endpoint: what it is asked to do afterwards it does afterwards. */
  #threadOf(endpoint: string): IoThread | undefined {
    for (const link of this.#links.values()) {
      if (link.isClosing && link.endpoint === endpoint) return link.thread;
    }
    return undefined;
  }

  #linksOf(thread: IoThread): RemoteLink[] {
    return [...this.#links.values()].filter((link) => link.thread === thread);
  }

  #loadOf(one: IoThread): number {
    const { thread } = one;
    return thread === null
      ? this.#linksOf(one).length
      : Atomics.load(this.seat.directory.words, loadWord(thread));
  }

  /** Adds the link to the load of the thread that has it, if there is one. */
  #count(link: RemoteLink): void {
    const { thread } = link.thread;
    if (thread === null || this.#countedAt.get(link)?.uid === thread.uid) return;
    this.#countedAt.set(link, thread);
    Atomics.add(this.seat.directory.words, loadWord(thread), 1);
  }

  #onTold(told: IoTold, from: ThreadRef): void {
    const link = this.#links.get(told.link);
    // What a thread told before it was gone may come after its links were given to another.
    if (link?.thread.thread?.uid === from.uid) link.onTold(told);
  }

  #onAnswer(answer: IoAnswer): void {
    if (answer.told === "left") this.#leavingCount--;
    else if (answer.told === "warning") platform.warn(answer.sentence, answer.code);
    else
      this.#links
        .get(answer.link)
        ?.onBound(answer.endpoint, answer.error === null ? null : decodeZmqError(answer.error));
  }

  #onCrewMail(mail: CrewMail, from: ThreadRef): void {
    if (mail.told === "unavailable") return this.#giveUp(decodeZmqError(mail.error));
    if (this.#failureCount < FAILURE_COUNT_MAX) return this.muster();
    const error = encodeError(failed(this.#failureCount));
    this.seat.mail.post(from, IO_CREW_TOPIC, { told: "unavailable", error } satisfies CrewMail);
  }

  #onGone(gone: ThreadRef): void {
    const thread = this.#threads.find((one) => one.thread?.uid === gone.uid);
    if (thread === undefined) {
      // Maybe who was asked.
      if (this.#askedAt !== Number.POSITIVE_INFINITY) {
        this.#askedAt = Number.POSITIVE_INFINITY;
        this.muster();
      }
      return;
    }
    thread.depart();
    const error = new ZmqError("EIO", `I/O thread ${thread.number} of the context is gone.`, {
      remedy: "Its connections are made again by another.",
    });
    for (const link of this.#linksOf(thread)) callSafely(() => link.onThreadGone(error));
  }
}

const crews = new Set<IoCrew>();

let isListening = false;

/** Before the seat is left, which is done at the same event. */
function leaveAtExit(crew: IoCrew): void {
  if (!isListening) process.prependListener("exit", leaveAll);
  isListening = true;
  crews.add(crew);
}

function leaveAll(): void {
  for (const crew of crews) crew.leave();
}

/** Nobody ever wakes who waits here. */
const NEVER = new Int32Array(new SharedArrayBuffer(4));

function allows(affinity: number, number: number): boolean {
  return affinity === 0 || Math.floor(affinity / 2 ** number) % 2 === 1;
}

/** No name of inproc begins so. */
function nameOf(number: number): string {
  return `\0io/${number}`;
}

function loadWord({ seat }: ThreadRef): number {
  return seatWord(seat, SEAT.LOAD);
}

function failed(count: number): ZmqError {
  return new ZmqError("EIO", `The context's I/O threads ended ${count} times by faults.`, {
    remedy: "Please report what the process said of them.",
  });
}
