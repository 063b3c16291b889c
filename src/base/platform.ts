/**
 * The one door to the host: everything left of `transports` gets views, time and scheduling from here, so that the
 * same core runs in Node, Bun, Deno, a browser, an I/O worker and the simulator.
 */
export interface Platform {
  /** A view of `length` octets; in Node a `Buffer`. */
  view(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array;
  /** `size` octets that the caller will fill completely before anyone else sees them. */
  allocate(size: number): Uint8Array;
  /** UTF-8 octets of a text. */
  encodeText(text: string): Uint8Array;
  /** Monotonic milliseconds. */
  now(): number;
  /** A number in [0, 1). Not for secrets. */
  random(): number;
  /** Calls back once after `delayMs` without keeping the process alive. */
  setTimer(callback: () => void, delayMs: number): Timer;
  clearTimer(timer: Timer): void;
  /** After the running code and the microtasks that follow it, before any I/O. */
  defer(callback: () => void): void;
  /** After the I/O that is waiting now; the process lives as long. */
  yieldTurn(callback: () => void): void;
  /** Waits for I/O without sleep until `durationMs` after the last call: answers come sooner, and a core is busy. */
  spin(durationMs: number): void;
  /** Keeps the process alive until `release` was called as often. */
  hold(): void;
  release(): void;
  /**
   * Calls back whenever nothing is left that keeps the process alive; work begun there lets it go on. Gives back what
   * takes the callback off again.
   */
  onBeforeExit(callback: () => void): () => void;
  /** Calls back when the process ends, for whatever reason it can tell: only what is done at once is done. */
  onExit(callback: () => void): () => void;
  /** Whether the host has a call that not every host has. */
  can(call: HostCall): boolean;
  /** One warning to the person who runs the process. */
  warn(sentence: string, code: string): void;
}

/** Sets the type of service of a connection; sets how often, and how many times, keep-alive probes. */
export type HostCall = "typeOfService" | "keepaliveProbes";

/** What `setTimer` gave; opaque. */
export type Timer = object | number;

const textEncoder = new TextEncoder();

function missing(what: string): never {
  throw new Error(
    `No platform is installed: ${what} needs one. Import the package's index, or call installPlatform().`,
  );
}

/** Memory and text work everywhere; time and scheduling must be installed. */
const portable: Platform = {
  view: (buffer, offset, length) => new Uint8Array(buffer, offset, length),
  allocate: (size) => new Uint8Array(size),
  encodeText: (text) => textEncoder.encode(text),
  now: () => missing("the clock"),
  random: () => missing("randomness"),
  setTimer: () => missing("a timer"),
  clearTimer: () => missing("a timer"),
  defer: () => missing("scheduling"),
  yieldTurn: () => missing("scheduling"),
  spin: () => missing("scheduling"),
  hold: () => missing("keeping the process alive"),
  release: () => missing("keeping the process alive"),
  onBeforeExit: () => missing("the end of the process"),
  onExit: () => missing("the end of the process"),
  can: () => false,
  warn: () => missing("a warning"),
};

/** The installed platform of this thread. */
export let platform: Platform = portable;

/** Installs the host's platform (the package's index does it for Node) and gives back the one before. */
export function installPlatform(installed: Partial<Platform>): Platform {
  const before = platform;
  platform = { ...before, ...installed };
  return before;
}
