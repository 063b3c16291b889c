import { writeU64 } from "../base/bytes.ts";
import type { Message } from "../base/message.ts";
import { platform } from "../base/platform.ts";
import type { Run } from "../base/run.ts";
import { FanOut } from "./fan-out.ts";
import { BATCH_SIZE, COMMAND, headerSize, LONG, MORE, writeHeader } from "./frame.ts";

/** Bodies up to this size are copied into the batch; a larger one goes out by reference, as a chunk of its own. */
const INLINE_SIZE_MAX = 8192;
const HEADER_SIZE_MAX = 9;
/**
 * Octets of large bodies that go out in one system call: with less the kernel cuts each body into a full segment and a
 * tiny one, and wakes the peer for each (measured: 64 KiB bodies 1.8 times, 16 KiB bodies 1.5 times as fast).
 */
const LARGE_BATCH_SIZE = 524288;
/** The same for large bodies that are sealed, whose making takes longer: the peer shall open the first meanwhile. */
const SEALED_BATCH_SIZE = 262144;
/** What a batch holds: the message that makes it full still fits, and the output stays one chunk. */
const BATCH_CAPACITY = BATCH_SIZE + INLINE_SIZE_MAX + HEADER_SIZE_MAX;
/** Below this a loop of octets beats the call of `set` (measured: 10 octets 8 ns against 35 ns). */
const LOOP_SIZE_MAX = 40;
/** Batches that wait for their next writer; shared by all connections of the thread. */
const freeBatches: Uint8Array[] = [];
const FREE_BATCH_COUNT_MAX = 8;
/** Messages that many connections of this thread send. */
const fanOut = new FanOut();

/** Seals frames for the way: a security mechanism's, once its handshake is done. */
export interface FrameSealer {
  /** Octets that a sealed frame is longer than its body. */
  readonly overhead: number;
  /** Writes the sealed frame, `overhead + body.length` octets, into `target` from `at` on. */
  seal(flags: number, body: Uint8Array, target: Uint8Array, at: number): void;
}

/**
 * Messages in, octets out. Small messages are written straight into one shared batch; large bodies stand between
 * slices of it. An idle encoder owns no memory: it borrows a batch with its first message and gives it back when the
 * output was taken and written.
 */
export class FrameEncoder {
  #batch: Uint8Array | null;
  #from: number;
  #at: number;
  #chunks: Uint8Array[];
  #lent: Uint8Array[];
  #chunkOctets: number;
  #messageCount: number;
  /** The open slice of a shared batch; only one of it and our own batch's is open at a time. */
  #shared: Uint8Array | null;
  #sharedFrom: number;
  #sharedTo: number;
  #sealer: FrameSealer | null;

  constructor() {
    this.#batch = null;
    this.#from = 0;
    this.#at = 0;
    this.#shared = null;
    this.#sharedFrom = 0;
    this.#sharedTo = 0;
    this.#chunks = [];
    this.#lent = [];
    this.#chunkOctets = 0;
    this.#messageCount = 0;
    this.#sealer = null;
  }

  /** From now on every frame is sealed. */
  sealWith(sealer: FrameSealer): void {
    this.#sealer = sealer;
  }

  /** Octets that wait to be taken. */
  get pendingSize(): number {
    return this.#chunkOctets + this.#at - this.#from + this.#sharedTo - this.#sharedFrom;
  }

  /** Messages (not commands) among them. */
  get pendingMessageCount(): number {
    return this.#messageCount;
  }

  /** Answers whether the output is worth a system call of its own by now. */
  encode(message: Message): boolean {
    if (this.#sealer !== null) return this.#encodeSealed(message, this.#sealer);
    const last = message.length - 1;
    for (let i = 0; i < last; i++) this.#frame(MORE, message[i]!);
    this.#frame(0, message[last]!);
    this.#messageCount++;
    return this.#at >= BATCH_SIZE || this.#chunkOctets >= LARGE_BATCH_SIZE;
  }

  /**
   * Encodes a message that goes to other connections too, in the same turn: its octets are made once for all of them.
   */
  encodeShared(message: Message): boolean {
    if (this.#sealer !== null || (!fanOut.holds(message) && !share(message))) return this.encode(message);
    if (this.#shared !== fanOut.batch || this.#sharedTo !== fanOut.start) {
      this.#closeSlice();
      this.#shared = fanOut.batch;
      this.#sharedFrom = fanOut.start;
    }
    this.#sharedTo = fanOut.end;
    this.#messageCount++;
    return this.pendingSize >= BATCH_SIZE;
  }

  /** A subscription as 3.0 peers understand it, or a greeting: a message on the wire, and none in the counts. */
  encodeUncounted(frame: Uint8Array): void {
    if (this.#sealer === null) this.#frame(0, frame);
    else this.#sealed(0, frame, this.#sealer);
  }

  encodeCommand(body: Uint8Array): void {
    if (this.#sealer === null) this.#frame(COMMAND, body);
    else this.#sealed(COMMAND, body, this.#sealer);
  }

  /** Messages that are octets already. */
  encodeRun({ octets, count }: Run): boolean {
    this.encodeRaw(octets);
    this.#messageCount += count;
    return this.#at >= BATCH_SIZE || this.#chunkOctets >= LARGE_BATCH_SIZE;
  }

  /** Octets that are no frames: the greeting, a STREAM's data. */
  encodeRaw(octets: Uint8Array): void {
    if (this.#shared !== null) this.#closeSlice();
    if (octets.length <= INLINE_SIZE_MAX) {
      this.#reserve(octets.length);
      (this.#batch as Uint8Array).set(octets, this.#at);
      this.#at += octets.length;
    } else {
      this.#closeSlice();
      this.#push(octets);
    }
  }

  /** The raw octets encoded last make a message. */
  countMessage(): void {
    this.#messageCount++;
  }

  /** All that waits, in order. Call `recycle` once it was written. */
  take(): Uint8Array[] {
    this.#closeSlice();
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#chunkOctets = 0;
    this.#messageCount = 0;
    if (this.#batch !== null) {
      this.#lent.push(this.#batch);
      this.#batch = null;
      this.#from = this.#at = 0;
    }
    return chunks;
  }

  /** All that `take` ever gave was written and nobody reads its memory any more: it may serve again. */
  recycle(): void {
    for (const batch of this.#lent) {
      if (freeBatches.length < FREE_BATCH_COUNT_MAX) freeBatches.push(batch);
    }
    this.#lent.length = 0;
  }

  #frame(flags: number, body: Uint8Array): void {
    if (this.#shared !== null) this.#closeSlice();
    const size = body.length;
    if (this.#batch === null || this.#at + size + HEADER_SIZE_MAX > BATCH_CAPACITY)
      this.#reserve(Math.min(size, INLINE_SIZE_MAX) + HEADER_SIZE_MAX);
    const batch = this.#batch as Uint8Array;
    let at = this.#at;
    if (size <= 0xff) {
      batch[at] = flags;
      batch[at + 1] = size;
      at += 2;
    } else {
      batch[at] = flags | LONG;
      writeU64(batch, at + 1, size);
      at += HEADER_SIZE_MAX;
    }
    if (size <= LOOP_SIZE_MAX) {
      for (let i = 0; i < size; i++) batch[at + i] = body[i]!;
      this.#at = at + size;
    } else if (size <= INLINE_SIZE_MAX) {
      batch.set(body, at);
      this.#at = at + size;
    } else {
      this.#at = at;
      this.#closeSlice();
      this.#push(body);
    }
  }

  #encodeSealed(message: Message, sealer: FrameSealer): boolean {
    const last = message.length - 1;
    for (let i = 0; i < last; i++) this.#sealed(MORE, message[i]!, sealer);
    this.#sealed(0, message[last]!, sealer);
    this.#messageCount++;
    // A frame that fills a batch is not worth a system call of its own either.
    const isLarge = message[last]!.length > INLINE_SIZE_MAX;
    return this.pendingSize >= (isLarge ? SEALED_BATCH_SIZE : BATCH_SIZE);
  }

  /** Sealed in its place in the batch. What the flags were is inside: the frame itself has none. */
  #sealed(flags: number, body: Uint8Array, sealer: FrameSealer): void {
    const size = sealer.overhead + body.length;
    const whole = headerSize(size) + size;
    if (whole <= BATCH_CAPACITY) {
      this.#reserve(whole);
      const batch = this.#batch as Uint8Array;
      sealer.seal(flags, body, batch, writeHeader(batch, this.#at, 0, size));
      this.#at += whole;
    } else {
      const chunk = platform.allocate(whole);
      sealer.seal(flags, body, chunk, writeHeader(chunk, 0, 0, size));
      this.#closeSlice();
      this.#push(chunk);
    }
  }

  #push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#chunkOctets += chunk.length;
  }

  #closeSlice(): void {
    if (this.#shared !== null) {
      const { buffer, byteOffset } = this.#shared;
      this.#push(platform.view(buffer, byteOffset + this.#sharedFrom, this.#sharedTo - this.#sharedFrom));
      this.#shared = null;
      this.#sharedFrom = this.#sharedTo = 0;
    }
    if (this.#at === this.#from) return;
    const batch = this.#batch as Uint8Array;
    this.#push(platform.view(batch.buffer, batch.byteOffset + this.#from, this.#at - this.#from));
    this.#from = this.#at;
  }

  #reserve(size: number): void {
    if (this.#batch !== null) {
      if (this.#at + size <= BATCH_CAPACITY) return;
      this.#closeSlice();
      this.#lent.push(this.#batch);
    }
    this.#batch = freeBatches.pop() ?? platform.allocate(BATCH_CAPACITY);
    this.#from = this.#at = 0;
  }
}

/** Encodes a message into the shared batch; `false` when it has a body that goes out by reference anyway. */
function share(message: Message): boolean {
  let size = 0;
  for (const frame of message) {
    if (frame.length > INLINE_SIZE_MAX) return false;
    size += headerSize(frame.length) + frame.length;
  }
  if (size > BATCH_SIZE) return false;
  fanOut.begin(message, size);
  const last = message.length - 1;
  let at = fanOut.start;
  for (let i = 0; i <= last; i++) {
    const frame = message[i]!;
    at = writeHeader(fanOut.batch, at, i < last ? MORE : 0, frame.length);
    fanOut.batch.set(frame, at);
    at += frame.length;
  }
  return true;
}
