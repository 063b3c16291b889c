/** A thread in its seat. The uid tells it from those that sat there before. */
export interface ThreadRef {
  readonly seat: number;
  readonly uid: number;
}

/** CONTRACT. What a shared pipe needs of the thread that has one of its ends. */
export interface PipeThread {
  readonly me: ThreadRef;
  /**
   * Registers an end under a key: it hears its bell, gets the memory that is given to the key, and is told when the
   * thread of its peer is gone. Answers its ready bit.
   */
  enter(key: string, end: SharedEnd): number;
  leave(key: string, end: SharedEnd): void;
  /** Tells the end behind a bit of another thread, or of this one, that there is news. */
  ring(thread: ThreadRef, bit: number): void;
  /** Hands memory to the end of a key; it is there before anything that is published afterwards. */
  give(thread: ThreadRef, key: string, index: number, memory: SharedArrayBuffer): void;
  /** What was given to this thread before is delivered when this returns. */
  collect(): void;
}

/** One end of a shared pipe, as its thread sees it. */
export interface SharedEnd {
  /** Who has the other end, as far as is known. */
  readonly peerThread: ThreadRef | null;
  onBell(): void;
  onMemory(index: number, memory: SharedArrayBuffer): void;
  onPeerGone(): void;
}

/** High-water marks and mode of a pair of ends, seen from end A. */
export interface SharedPipeSettings {
  /** Most messages that wait from end A to B; 0 is unlimited. */
  readonly firstToSecondHwm: number;
  readonly secondToFirstHwm: number;
  readonly conflate: boolean;
  /** Both ends are applications' sockets, and the marks are sums of theirs (inproc). */
  readonly sums?: boolean;
}

/** What another thread opens the other end with; structured-cloneable. */
export interface PipeOffer {
  readonly id: string;
  readonly memory: SharedArrayBuffer;
  /** Memory that was given before anybody could take it. */
  readonly extras: readonly (readonly [number, SharedArrayBuffer])[];
}
