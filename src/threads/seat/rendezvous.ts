import type { MessagePort } from "node:worker_threads";
import {
  BroadcastChannel,
  getEnvironmentData,
  receiveMessageOnPort,
  setEnvironmentData,
} from "node:worker_threads";
import { ZmqError } from "../../base/errors.ts";
import { CONTEXT_STATE, DIRECTORY_MAGIC } from "../layout.ts";
import { Directory } from "./directory.ts";
import { sharedDefaults } from "./shared-options.ts";

/** Threads with another layout of the memory are strangers. */
const SCOPE = `zeromq-ts/context/${DIRECTORY_MAGIC.toString(16)}`;

/** An idle thread answers within a tenth of a millisecond, one that is busy starting up takes longer. */
const GRACE_MS = 5;
const SLICE_MS = 0.5;
const SETTLE_MS = 100;
/** When a thread looks again whether it was superseded without hearing by what; doubled each time. */
const LOOK_MS = 50;
const LOOKS = 6;

/** What goes over the channel: a directory that somebody has. */
interface Note {
  readonly memory: SharedArrayBuffer;
  /** Asks for an answer, also if others should have given it. */
  readonly isUrgent: boolean;
}

/**
 * Which directory is the default context's, in a process whose threads may load the package in any order and without
 * knowing of each other.
 *
 * A thread takes the directory that it finds in its environment data, where threads that started it, or theirs, have put
 * it. Where there is none, it makes one and says so on a channel that all threads hear. Whoever has another one answers.
 * The elder of two wins, which all decide alike. The younger is superseded, and everybody who has it moves: who first
 * marks it so tells the winner to all. A thread that finds its directory marked and has not heard the winner asks.
 *
 * A thread that is blocked does not answer. `settle` waits a few milliseconds for answers before the first name is given
 * out; a thread that has a directory of its own and does not answer in that time is met later, when its loop turns. Until
 * then each of the two knows its own names only. What is to be done when they meet is in the hands of `onMoved`: the
 * names that were bound in the loser are claimed in the winner, and a name that was bound in both is a late EADDRINUSE.
 * Threads that inherit their environment data from one that loaded the package are never in that position.
 *
 * A terminated directory stays what it is for those who have it.
 */
export class Rendezvous {
  /** Called when this thread's directory has lost, with the one that counts now; inside `settle` or from the loop. */
  onMoved: ((winner: Directory) => void) | null;
  readonly #scope: string;
  readonly #graceMs: number;
  readonly #channel: BroadcastChannel;
  readonly #cell: Int32Array;
  #directory: Directory;
  /** When we last asked the others. */
  #askedAt: number;
  /** Nobody with an elder directory has answered. */
  #isAsking: boolean;
  #looks: number;

  constructor(scope: string = SCOPE, graceMs: number = GRACE_MS) {
    this.onMoved = null;
    this.#scope = scope;
    this.#graceMs = graceMs;
    this.#cell = new Int32Array(new SharedArrayBuffer(4));
    this.#askedAt = 0;
    this.#isAsking = false;
    this.#looks = 0;
    // Before the directory's state is read: what is superseded later is heard of here.
    this.#channel = new BroadcastChannel(scope);
    this.#channel.onmessage = (event) => this.#onNote((event as { data: unknown }).data);
    this.#channel.unref();
    const inherited = openDirectory(getEnvironmentData(scope));
    this.#directory = inherited ?? Directory.create(sharedDefaults());
    if (inherited === null) {
      setEnvironmentData(scope, this.#directory.memory);
      this.#ask(false);
    } else if (this.#isSuperseded) this.#ask(true);
    this.#lookLater();
  }

  /** What counts as far as this thread knows. */
  get directory(): Directory {
    return this.#directory;
  }

  /**
   * Handles what has been said. Waits for answers if we asked just now, some milliseconds at most; `maxWaitMs` when it is
   * certain that there is a winner that we have not heard. Else it costs next to nothing.
   */
  settle(maxWaitMs: number = SETTLE_MS): void {
    this.#receive();
    if (this.#isSuperseded && performance.now() - this.#askedAt > this.#graceMs) this.#ask(true);
    const start = performance.now();
    while (this.#isAsking) {
      const now = performance.now();
      const endMs = this.#isSuperseded
        ? start + maxWaitMs
        : Math.min(start + maxWaitMs, this.#askedAt + this.#graceMs);
      if (now >= endMs) break;
      Atomics.wait(this.#cell, 0, 0, Math.min(SLICE_MS, endMs - now));
      this.#receive();
    }
  }

  get #isSuperseded(): boolean {
    return this.#directory.state === CONTEXT_STATE.SUPERSEDED;
  }

  #ask(isUrgent: boolean): void {
    this.#isAsking = true;
    this.#askedAt = performance.now();
    this.#tell(isUrgent);
  }

  #tell(isUrgent: boolean): void {
    const note: Note = { memory: this.#directory.memory, isUrgent };
    this.#channel.postMessage(note);
  }

  #receive(): void {
    const port = this.#channel as unknown as MessagePort;
    for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
      this.#onNote(got.message);
    }
  }

  #onNote(note: unknown): void {
    const { memory, isUrgent } = (note ?? {}) as Partial<Note>;
    const theirs = openDirectory(memory);
    const ours = this.#directory;
    if (theirs === null || theirs.id === ours.id) return;
    if (theirs.isElderThan(ours)) {
      const isFirst = ours.supersede();
      if (ours.state === CONTEXT_STATE.SUPERSEDED) this.#move(theirs, isFirst);
    } else if (theirs.supersede() || isUrgent === true) this.#tell(false);
  }

  #move(winner: Directory, isFirst: boolean): void {
    this.#directory = winner;
    this.#isAsking = false;
    setEnvironmentData(this.#scope, winner.memory);
    // For those who came to the channel after the note, with our old directory.
    if (isFirst) this.#tell(false);
    if (this.#isSuperseded) {
      // By one still elder.
      this.#ask(true);
      this.#looks = 0;
      this.#lookLater();
    }
    this.onMoved?.(winner);
  }

  /** Who was to tell us may have died before it did. */
  #lookLater(): void {
    if (this.#looks === LOOKS) return;
    const look = (): void => {
      if (!this.#isSuperseded) return;
      this.#ask(true);
      this.#lookLater();
    };
    setTimeout(look, LOOK_MS << this.#looks++).unref();
  }
}

let ours: Rendezvous | null = null;

/** The default context's, of this thread. */
export function defaultDirectory(): Rendezvous {
  ours ??= new Rendezvous();
  return ours;
}

function openDirectory(memory: unknown): Directory | null {
  try {
    return new Directory(memory as SharedArrayBuffer);
  } catch (error) {
    // Not ours: anybody may set environment data and speak on channels.
    if (error instanceof ZmqError) return null;
    throw error;
  }
}
