/**
 * What threads share, as data: every word of shared memory has its name and its writer here, and nowhere else is an
 * offset written as a number. All words are 32-bit and are indexes into an `Int32Array`.
 *
 * ## The directory: one for each context
 *
 *     0         64                        64 + 1024 * 64
 *     | header  | seat 0 | seat 1 | ...   | name 0 | name 1 | ...     |
 *
 * A seat belongs to a thread that uses the context. It is known by its number and by the `UID` that the thread got when
 * it sat down: who finds another uid in the seat knows that the thread that he knew is gone.
 *
 * ## A pipe: one block for each pair of ends, and segments
 *
 *     0        16                            16 + 80                    16 + 160
 *     | pair   | direction 0: A to B         | direction 1: B to A      | segment 0 of A | segment 0 of B |
 *
 * A direction has words that its writer writes and words that its reader writes, on cache lines of their own.
 */

// The directory.

export const DIRECTORY_MAGIC = 0x7a6d7403;

/** Words of the header. */
export const HEADER = {
  MAGIC: 0,
  /** One of `CONTEXT_STATE`. */
  STATE: 1,
  /** Who changes seats or names: 0 nobody, a uid, or of a thread without a seat minus its system id (see directory-lock.ts). */
  LOCK: 2,
  /** Counts up with every taking of the lock: who waits sees whether its holder moves. */
  LOCK_TURN: 3,
  /** The uid that was given last. */
  LAST_UID: 4,
  /** Seats from here on were never taken. */
  SEAT_HIGH: 5,
  /** Counts up with every name that is bound. */
  NAMES_EPOCH: 6,
  /** 1: some thread has made a socket. */
  USED: 7,
  /** When and in which thread it was made, two words: the directory's id within the process. */
  ID: 8,
  /** When the directory was made: microseconds since the process began, high and low word. The elder wins an election. */
  BORN: 10,
  /** When somebody last looked which threads are gone: milliseconds. */
  LOOKED: 12,
  /** Counts up with every thread that has joined; notified. */
  JOINED: 13,
  /** Values of the context's options, in the order of `SHARED_OPTIONS`. */
  OPTIONS: 16,
} as const;

/** Context options that all threads see; booleans as 0 and 1. */
export const SHARED_OPTIONS = [
  "ioThreads",
  "maxSockets",
  "maxMessageSize",
  "ipv6",
  "blocky",
  "ioMode",
  "warnings",
] as const;

export const CONTEXT_STATE = {
  LIVE: 0,
  /** `terminate` was called, in whatever thread. */
  TERMINATED: 1,
  /** Another directory won the election for the default context. */
  SUPERSEDED: 2,
} as const;

export const HEADER_WORDS = 64;
export const SEAT_COUNT = 1024;
export const SEAT_WORDS = 64;

/** Words of a seat, from its first. */
export const SEAT = {
  /** One of `SEAT_STATE`. */
  STATE: 0,
  UID: 1,
  /** The operating system's number of the thread; 0 where it does not tell. */
  SYSTEM_ID: 2,
  /** Node's `threadId`. */
  THREAD_ID: 3,
  /** One of `SLEEP`, in two bits: what a bell must do. Above them the thread counts how often it lay down. */
  SLEEP: 4,
  /** Counts up when a thread in its event loop is rung; it waits for it to change. */
  BELL: 5,
  /** Open sockets of the context that this thread has. */
  SOCKETS: 6,
  /** Bit n: word n of `READY` has a bit set. A thread in a blocking call waits for it to be other than 0. */
  SUMMARY: 7,
  /** Which of the thread's pipe ends have news; bit 0 is for everything else. */
  READY: 8,
  /** 0: the application's. 1 + n: I/O thread n of the context. */
  ROLE: 40,
  /** Links that an I/O thread has. */
  LOAD: 41,
  /** When the operating system began the thread, in its ticks; tells it from a later one with the same `SYSTEM_ID`. */
  START_TIME: 42,
  /** The uid of the thread once its mail's inbox is open; -uid once somebody waits for that. */
  MAIL: 43,
} as const;

/** The index of a word of a seat. */
export function seatWord(seat: number, word: number): number {
  return HEADER_WORDS + seat * SEAT_WORDS + word;
}

export const READY_WORDS = 32;

export const SEAT_STATE = {
  FREE: 0,
  TAKEN: 1,
  /** Its thread is gone, and somebody clears up after it. */ DEAD: 2,
} as const;

export const SLEEP = {
  /** The thread looks at its bits by itself, soon. */
  AWAKE: 0,
  /** In its event loop, with a waitAsync on `BELL`. */
  LOOP: 1,
  /** In a blocking call. */
  BLOCKED: 2,
} as const;

export const NAMES_AT = HEADER_WORDS + SEAT_COUNT * SEAT_WORDS;
/** Open addressing; a power of two. */
export const NAME_COUNT = 16384;
export const NAME_WORDS = 10;

/** Words of a name, from its first. */
export const NAME = {
  /** 0: never used. -1: was used. Else 1 + the seat of the thread that bound it. */
  OWNER: 0,
  OWNER_UID: 1,
  /** SHA-256 of the name in UTF-8: eight words. */
  KEY: 2,
} as const;

export const DIRECTORY_SIZE = 4 * (NAMES_AT + NAME_COUNT * NAME_WORDS);

// A pipe.

/** Words of a pair; those of end B follow those of A. */
export const PAIR = {
  /** 0: open. Else 1 + the index of the reason for which what it had not read was dropped. */
  CLOSED: 0,
  /** Seat, uid and ready bit of each end's thread; uid 0 until there is one. */
  SEAT: 2,
  UID: 4,
  BIT: 6,
  /** High-water marks of each end's socket. -1: not known yet. */
  SEND_MARK: 8,
  RECEIVE_MARK: 10,
  /** 1: both directions keep the newest message only. */
  CONFLATE: 12,
  /** 1: each direction's mark is the sum of both sockets' (inproc); 0: end A's alone (a socket and its session). */
  SUMS: 13,
} as const;

export const PAIR_WORDS = 16;

/** Words of a direction, from its first. Counts of messages that may pass 2^31 have a high word, drops are doubles. */
export const FLOW = {
  // Written by the writer.
  /** Octets published: records before it are whole. The one commit point. */
  TAIL: 0,
  /** Messages published; their difference to `READ` is what waits. */
  WRITTEN: 1,
  /** 1: the writer found no room and wants to be told. */
  WRITER_WAITS: 3,
  /** The newest list of control messages that goes before everything; counts up. */
  FRONT: 4,
  /** Messages that the writer could not hand over, by reason; doubles. */
  WRITER_DROPS: 16,
  // Written by the reader, on a line of its own.
  /** Octets that the writer may use again. */
  HEAD: 32,
  /** Messages that left the queue, and how often that word went round. */
  READ: 33,
  READ_HIGH: 34,
  /** What the writer may know of `READ`: in steps of the low-water mark. */
  CREDITED: 35,
  /** 1: the reader found nothing and wants to be told. Written by the writer too, when it tells. */
  READER_WAITS: 36,
  /** Messages read that are in the hands of a sink. */
  HELD: 37,
  /** 1: there is a sink. What it took is in `HELD` before it is in `CREDITED`. */
  HAS_SINK: 38,
  /** Messages that left the queue without being delivered, by reason; doubles. */
  READER_DROPS: 48,
  // Written by either end.
  /** The high-water mark; 0 is unlimited. */
  HWM: 64,
  /** Counts up with every change of `HWM`. */
  HWM_TURN: 65,
  /** The newest message of a conflated direction: see latest-slot.ts. */
  LATEST: 66,
} as const;

export const FLOW_WORDS = 80;

/** Where the two directions begin. */
export const FLOW_AT = [PAIR_WORDS, PAIR_WORDS + FLOW_WORDS] as const;
export const PIPE_HEADER_SIZE = 4 * (PAIR_WORDS + 2 * FLOW_WORDS);
