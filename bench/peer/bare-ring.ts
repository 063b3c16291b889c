/**
 * What a copy through shared memory costs at best: a ring of slots for bodies of one size that both sides know, one
 * writer, one reader. No messages of several frames, no high-water marks, no deaths, no event loop.
 */

/** Words; each on a cache line of its own. */
const TAIL = 0;
const HEAD = 16;
const WRITER_WAITS = 32;
const READER_WAITS = 48;
const headerSize = 256;

/** About 20 us, and then to sleep. */
const spinTurns = 2000;
/** Below it a loop over the octets is faster than `Uint8Array.set`. */
const smallSize = 64;

export class BareRing {
  readonly memory: SharedArrayBuffer;
  #size: number;
  #slotCount: number;
  /** Published after so many bodies. */
  #batchLength: number;
  #words: Int32Array;
  #bytes: Uint8Array;
  /** Of large bodies: making a view for each would cost as much as the copy. */
  #slots: Uint8Array[];

  constructor(size: number, batchLength: number, memory?: SharedArrayBuffer) {
    this.#size = size;
    this.#slotCount = Math.max(4, Math.floor(1_048_576 / size));
    this.#batchLength = batchLength;
    this.memory = memory ?? new SharedArrayBuffer(headerSize + this.#slotCount * size);
    this.#words = new Int32Array(this.memory, 0, headerSize / 4);
    this.#bytes = new Uint8Array(this.memory, headerSize);
    this.#slots = [];
    if (size <= smallSize) return;
    for (let slot = 0; slot < this.#slotCount; slot++) {
      this.#slots.push(this.#bytes.subarray(slot * size, (slot + 1) * size));
    }
  }

  /** Copies so many bodies in, those given in turn. */
  write(bodies: readonly Uint8Array[], count: number): void {
    let tail = Atomics.load(this.#words, TAIL);
    let head = Atomics.load(this.#words, HEAD);
    for (let sent = 0, index = 0; sent < count; sent++) {
      if (tail - head === this.#slotCount) {
        this.#publish(TAIL, tail, READER_WAITS);
        head = this.#awaitChange(HEAD, tail - this.#slotCount, WRITER_WAITS);
      }
      this.#copyIn(bodies[index], tail % this.#slotCount);
      tail++;
      if (++index === bodies.length) index = 0;
      if (tail % this.#batchLength === 0) this.#publish(TAIL, tail, READER_WAITS);
    }
    this.#publish(TAIL, tail, READER_WAITS);
  }

  /** Copies so many bodies out, each into a buffer of its own. */
  read(count: number, take: (body: Buffer) => void): void {
    let head = Atomics.load(this.#words, HEAD);
    const end = head + count;
    while (head < end) {
      const tail = this.#awaitChange(TAIL, head, READER_WAITS);
      while (head < tail) {
        const stop = Math.min(tail, head + this.#batchLength);
        for (; head < stop; head++) take(this.#copyOut(head % this.#slotCount));
        this.#publish(HEAD, head, WRITER_WAITS);
      }
    }
  }

  #copyIn(body: Uint8Array, slot: number): void {
    const size = this.#size;
    if (size > smallSize) {
      this.#slots[slot].set(body);
      return;
    }
    const bytes = this.#bytes;
    const start = slot * size;
    for (let i = 0; i < size; i++) bytes[start + i] = body[i];
  }

  #copyOut(slot: number): Buffer {
    const size = this.#size;
    const body = Buffer.allocUnsafe(size);
    if (size > smallSize) {
      body.set(this.#slots[slot]);
      return body;
    }
    const bytes = this.#bytes;
    const start = slot * size;
    for (let i = 0; i < size; i++) body[i] = bytes[start + i];
    return body;
  }

  #publish(word: number, value: number, waits: number): void {
    Atomics.store(this.#words, word, value);
    if (Atomics.load(this.#words, waits) === 0) return;
    Atomics.store(this.#words, waits, 0);
    Atomics.notify(this.#words, word);
  }

  #awaitChange(word: number, known: number, waits: number): number {
    for (let turn = 0; turn < spinTurns; turn++) {
      const value = Atomics.load(this.#words, word);
      if (value !== known) return value;
    }
    for (;;) {
      Atomics.store(this.#words, waits, 1);
      Atomics.wait(this.#words, word, known);
      const value = Atomics.load(this.#words, word);
      if (value !== known) return value;
    }
  }
}
