import { readU64 } from "../base/bytes.ts";
import { ProtocolError } from "../base/errors.ts";
import { allocateBody } from "../base/message.ts";
import { platform } from "../base/platform.ts";
import { COMMAND, LONG, LONG_HEADER_SIZE, RESERVED_MASK, SHORT_HEADER_SIZE } from "./frame.ts";
import { RunScan } from "./run-scan.ts";

/** Gets each whole frame, in order; or whole messages in bulk. */
export interface FrameSink {
  /** How many messages `onRun` takes now. */
  readonly onRunMax: number;
  /** `count` messages of short frames (base/run.ts), good for the call. */
  onRun(octets: Uint8Array, from: number, to: number, count: number): void;
  /** `flags` as on the wire. The body belongs to the sink. `false` stops decoding until `resume`. */
  onFrame(flags: number, body: Uint8Array): boolean;
}

/** What a peer may declare; checked on the header, before anything is allocated. */
export interface FrameLimits {
  /** Largest body of a message frame; Infinity for none. */
  frameSizeMax: number;
  /** Largest body of a command; subscriptions are measured against the frame limit. */
  commandSizeMax: number;
}

/** The largest typed array that every supported engine can make; a longer frame could never be delivered. */
const BODY_SIZE_MAX = 0xffffffff;
/** Small bodies are views of copies of this size, so that one of them pins no more than `Buffer`'s own pool does. */
const BLOCK_SIZE = 8192;
/** From this size on a body that must be copied gets memory of its own. */
const OWN_SIZE = 2048;
/** A frame of at most this size is allocated whole once a sixteenth of it has come. */
const EAGER_SIZE = 0x100000;
/** Less than this is not worth a read of its own. */
const TARGET_SIZE_MIN = 16384;
const EMPTY = new Uint8Array(0);
const NOTHING = new ArrayBuffer(0);

/**
 * Octets in, frames out. 37/ZMTP, Framing: flags, then a size of one octet or (LONG) eight in network order, then the
 * body. Decodes in place: integer state, one callback a frame, nothing made but the body's view.
 *
 * Memory: a body that lies in one chunk and makes up a quarter of it is a view of the chunk. Smaller bodies are views
 * of chunks of at most 8 KiB or of blocks of that size copied from larger ones, or, where the chunk before held little
 * but commands, single copies. A body that spans chunks is gathered in memory that grows with the octets received,
 * never with the size declared.
 */
export class FrameDecoder {
  readonly #sink: FrameSink;
  readonly #limits: FrameLimits;
  #rest: Uint8Array | null;
  #restAt: number;
  #isStopped: boolean;
  /** Octets of a header cut by the end of a chunk. */
  #header: Uint8Array | null;
  #headerSize: number;
  /** A body cut by the end of a chunk. */
  #flags: number;
  #bodySize: number;
  #body: Uint8Array | null;
  #bodyAt: number;
  /** The last chunk held few bodies: copy each instead of whole blocks. */
  #isSparse: boolean;
  /** The block that small bodies are views of: its memory, what to add to an offset in the chunk, and its end there. */
  #blockMemory: ArrayBufferLike;
  #blockShift: number;
  #blockEnd: number;
  /** How far from an aligned octet larger bodies begin. */
  #skew: number;
  readonly #scan: RunScan;

  constructor(sink: FrameSink, limits: FrameLimits) {
    this.#sink = sink;
    this.#limits = limits;
    this.#rest = null;
    this.#restAt = 0;
    this.#isStopped = false;
    this.#header = null;
    this.#headerSize = 0;
    this.#flags = 0;
    this.#bodySize = 0;
    this.#body = null;
    this.#bodyAt = 0;
    this.#isSparse = true;
    this.#blockMemory = NOTHING;
    this.#blockShift = 0;
    this.#blockEnd = 0;
    this.#skew = 0;
    this.#scan = new RunScan();
  }

  /** True after the sink answered `false`; no octets may come before `resume`. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Whether a frame has begun whose end has not come. */
  get isInFrame(): boolean {
    return this.#headerSize > 0 || this.#body !== null;
  }

  /**
   * Larger bodies are from now on laid so that what stands behind their first `overhead` octets is aligned: once opened,
   * it is copied to another thread by words (64 KiB in 3 us instead of 19).
   */
  alignBehind(overhead: number): void {
    this.#skew = -overhead & 7;
  }

  /**
   * Decodes `chunk` from `start`. The chunk belongs to the decoder from now on; one that is lent (`isLent`) is only
   * copied from, and free again when the call returns. Throws ProtocolError.
   */
  receive(chunk: Uint8Array, start: number, isLent = false): void {
    let at = start;
    if (this.#headerSize > 0) {
      at = this.#finishHeader(chunk, at);
      if (at < 0) return;
    }
    if (this.#body !== null) {
      at = this.#finishBody(chunk, at);
      if (at < 0) return;
      if (this.#isStopped) {
        this.#keepRest(chunk, at, isLent);
        return;
      }
    }
    this.#decode(chunk, at, isLent);
  }

  /** Memory of a large body that is being gathered: what is read straight into it need not be copied. Else `null`. */
  get target(): Uint8Array | null {
    const body = this.#body;
    if (body === null || body.length - this.#bodyAt < TARGET_SIZE_MIN) return null;
    return platform.view(body.buffer, body.byteOffset + this.#bodyAt, body.length - this.#bodyAt);
  }

  /** `count` octets were read into the start of `target`. */
  receiveTarget(count: number): void {
    this.#bodyAt += count;
    if (this.#bodyAt === this.#bodySize) this.#finishBody(EMPTY, 0);
  }

  /** Goes on after a stop with what is left of the chunk. */
  resume(): void {
    this.#isStopped = false;
    const rest = this.#rest;
    if (rest === null) return;
    this.#rest = null;
    this.#decode(rest, this.#restAt, false);
  }

  /** Releases what is held; nothing more will come. */
  close(): void {
    this.#rest = null;
    this.#body = null;
    this.#header = null;
    this.#headerSize = 0;
    this.#isStopped = true;
  }

  /** The offset behind the messages that the sink took as they lie. */
  #passRuns(chunk: Uint8Array, start: number): number {
    const sink = this.#sink;
    const scan = this.#scan;
    const frameMax = this.#frameMaxIn(chunk.length);
    let at = start;
    for (;;) {
      const countMax = sink.onRunMax;
      const count = countMax === 0 ? 0 : scan.find(chunk, at, chunk.length, countMax, frameMax);
      if (count === 0) return at;
      const from = at;
      at = scan.end;
      sink.onRun(chunk, from, at, count);
    }
  }

  #decode(chunk: Uint8Array, start: number, isLent: boolean): void {
    const sink = this.#sink;
    const view = platform.view;
    const memory = chunk.buffer;
    const base = chunk.byteOffset;
    const end = chunk.length;
    // A small chunk may stay whole, unless the last one had few bodies: then ten octets would keep eight thousand.
    const keepsChunk = end <= BLOCK_SIZE && !this.#isSparse;
    /** From this size on a body is a view of the chunk; of a lent one none is. */
    const viewSizeMin = isLent ? end + 1 : keepsChunk ? 0 : (end + 3) >> 2;
    let frameMax = this.#frameMaxIn(end);
    const begin = this.#passRuns(chunk, start);
    let at = begin;
    let bodyOctets = 0;
    while (at < end) {
      // All numbers here stay small integers: one that might be a double would cost every frame 40 ns.
      const flags = chunk[at]!;
      let bodyAt = at + SHORT_HEADER_SIZE;
      let size: number;
      if ((flags & (LONG | RESERVED_MASK)) === 0) {
        if (bodyAt > end) break;
        size = chunk[at + 1]!;
      } else {
        if ((flags & RESERVED_MASK) !== 0) throw reservedFlags(flags);
        bodyAt = at + LONG_HEADER_SIZE;
        if (bodyAt > end) break;
        const declared = readU64(chunk, at + 1);
        if (declared > end - bodyAt) {
          this.#check(flags, declared);
          this.#beginBody(flags, declared, chunk, bodyAt);
          at = end;
          break;
        }
        size = declared | 0;
      }
      if (size > frameMax || (flags & COMMAND) !== 0) this.#check(flags, size);
      const bodyEnd = bodyAt + size;
      if (bodyEnd > end) {
        this.#beginBody(flags, size, chunk, bodyAt);
        at = end;
        break;
      }
      let body: Uint8Array;
      if (size === 0) body = view(NOTHING, 0, 0);
      else if (size >= viewSizeMin) body = view(memory, base + bodyAt, size);
      else if (size >= OWN_SIZE || this.#isSparse) {
        body = size >= OWN_SIZE ? this.#allocate(size) : allocateBody(size);
        body.set(chunk.subarray(bodyAt, bodyEnd));
      } else {
        if (bodyEnd > this.#blockEnd) this.#copyBlock(chunk, bodyAt);
        body = view(this.#blockMemory, this.#blockShift + bodyAt, size);
      }
      at = bodyEnd;
      if ((flags & COMMAND) === 0) bodyOctets += size + SHORT_HEADER_SIZE;
      if (!sink.onFrame(flags, body)) {
        this.#isStopped = true;
        break;
      }
      // A command of the handshake may have changed what is allowed.
      if ((flags & COMMAND) !== 0) frameMax = this.#frameMaxIn(end);
    }
    this.#isSparse = bodyOctets * 4 < at - begin;
    if (this.#isStopped) {
      this.#keepRest(chunk, at, isLent);
      return;
    }
    this.#blockEnd = 0;
    if (at < end) this.#beginHeader(chunk, at);
  }

  /** The frame limit as a small integer: no frame that lies in the chunk is longer than that. */
  #frameMaxIn(chunkSize: number): number {
    return Math.min(this.#limits.frameSizeMax, chunkSize) | 0;
  }

  /** A block of small bodies, copied from the chunk from `from` on. */
  #copyBlock(chunk: Uint8Array, from: number): void {
    const to = Math.min(chunk.length, from + BLOCK_SIZE);
    const block = allocateBody(to - from);
    block.set(chunk.subarray(from, to));
    this.#blockMemory = block.buffer;
    this.#blockShift = block.byteOffset - from;
    this.#blockEnd = to;
  }

  #keepRest(chunk: Uint8Array, at: number, isLent: boolean): void {
    const size = chunk.length - at;
    if (size === 0) {
      this.#rest = null;
      this.#blockEnd = 0;
    } else if (isLent) {
      this.#rest = platform.allocate(size);
      this.#rest.set(chunk.subarray(at));
      this.#restAt = 0;
      // The block goes on to serve the rest, whose offsets are smaller.
      this.#blockShift += at;
      this.#blockEnd = Math.max(0, this.#blockEnd - at);
    } else {
      this.#rest = chunk;
      this.#restAt = at;
    }
  }

  #beginHeader(chunk: Uint8Array, at: number): void {
    this.#header ??= new Uint8Array(LONG_HEADER_SIZE);
    this.#headerSize = chunk.length - at;
    for (let i = 0; i < this.#headerSize; i++) this.#header[i] = chunk[at + i]!;
  }

  /** The offset behind the header, or -1 when the chunk ends within it. */
  #finishHeader(chunk: Uint8Array, start: number): number {
    const header = this.#header as Uint8Array;
    const flags = header[0]!;
    if ((flags & RESERVED_MASK) !== 0) throw reservedFlags(flags);
    const needed = (flags & LONG) === 0 ? 2 : LONG_HEADER_SIZE;
    let at = start;
    while (this.#headerSize < needed) {
      if (at === chunk.length) return -1;
      header[this.#headerSize++] = chunk[at++]!;
    }
    this.#headerSize = 0;
    const size = needed === 2 ? header[1]! : readU64(header, 1);
    this.#check(flags, size);
    this.#beginBody(flags, size, chunk, chunk.length);
    return at;
  }

  #check(flags: number, size: number): void {
    const { frameSizeMax, commandSizeMax } = this.#limits;
    const limit = (flags & COMMAND) === 0 ? frameSizeMax : commandSizeMax;
    if (size <= limit && size <= BODY_SIZE_MAX) return;
    const what = (flags & COMMAND) === 0 ? "message frame" : "command";
    throw new ProtocolError(
      (flags & COMMAND) === 0
        ? "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE"
        : "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
      `The peer declared a ${what} of ${size === Number.POSITIVE_INFINITY ? "2^53 or more" : size} octets; ` +
        `${Math.min(limit, BODY_SIZE_MAX)} are allowed.`,
      "libzmq: ZMQ_MAXMSGSIZE",
    );
  }

  #beginBody(flags: number, size: number, chunk: Uint8Array, bodyAt: number): void {
    const here = chunk.length - bodyAt;
    this.#flags = flags;
    this.#bodySize = size;
    this.#bodyAt = 0;
    this.#body = EMPTY;
    if (here > 0) this.#append(chunk, bodyAt, chunk.length);
  }

  #allocate(size: number): Uint8Array {
    const skew = this.#skew;
    const memory = platform.allocate(size + skew);
    return skew === 0 ? memory : platform.view(memory.buffer, memory.byteOffset + skew, size);
  }

  #append(chunk: Uint8Array, from: number, to: number): void {
    const count = to - from;
    const needed = this.#bodyAt + count;
    let body = this.#body as Uint8Array;
    if (needed > body.length) {
      const size = this.#bodySize;
      let capacity = Math.max(1024, needed * 2);
      if (size <= EAGER_SIZE && needed * 16 >= size) capacity = size;
      else if (needed * 1.25 >= size) capacity = size;
      const grown = this.#allocate(Math.min(capacity, size));
      if (this.#bodyAt > 0) grown.set(body.subarray(0, this.#bodyAt));
      this.#body = body = grown;
    }
    if (count < 32) for (let i = 0; i < count; i++) body[this.#bodyAt + i] = chunk[from + i]!;
    else body.set(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to), this.#bodyAt);
    this.#bodyAt = needed;
  }

  /** The offset behind the body, or -1 when the chunk ends within it. */
  #finishBody(chunk: Uint8Array, at: number): number {
    const missing = this.#bodySize - this.#bodyAt;
    const here = Math.min(missing, chunk.length - at);
    if (here > 0) this.#append(chunk, at, at + here);
    if (here < missing) return -1;
    const body = this.#body as Uint8Array;
    this.#body = null;
    const whole =
      body.length === this.#bodySize ? body : platform.view(body.buffer, body.byteOffset, this.#bodySize);
    if (!this.#sink.onFrame(this.#flags, whole)) this.#isStopped = true;
    return at + here;
  }
}

function reservedFlags(flags: number): ProtocolError {
  return new ProtocolError(
    "ERR_ZMTP_UNSPECIFIED",
    `The peer sent a frame with reserved flag bits set (0x${flags.toString(16)}).`,
    '37/ZMTP, Framing: "Bits 7-3: Reserved. Bits 7-3 are reserved for future use and MUST be zero."',
  );
}
