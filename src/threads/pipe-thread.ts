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
