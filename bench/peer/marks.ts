/**
 * Bodies that tell which message they are: the first and the last octet of message i say i, modulo the length of a
 * batch (bench/c/threads.c has the same). Looking at two octets and a size costs few nanoseconds a message, and finds
 * what is lost, doubled, out of order, torn or overwritten.
 */
const other = 0xa5;

/** Messages in one `sendMany`: up to 256 KiB, well below the high-water mark. */
export function markPeriod(size: number): number {
  return Math.min(256, Math.max(1, Math.floor(262_144 / size)));
}

export function mark(body: Uint8Array, index: number): void {
  body[0] = index;
  body[body.length - 1] = index ^ other;
}

/** One for each mark, each with memory of its own. */
export function markedBodies(size: number): Buffer[] {
  return Array.from({ length: markPeriod(size) }, (_, index) => {
    const body = Buffer.alloc(size);
    mark(body, index);
    return body;
  });
}

/** What messages must look like, one after the other. */
export class MarkCheck {
  #size: number;
  #period: number;
  #next: number;

  constructor(size: number) {
    if (size < 2) throw new Error("two octets are marks");
    this.#size = size;
    this.#period = markPeriod(size);
    this.#next = 0;
  }

  /** A new run begins with the first mark. */
  restart(): void {
    this.#next = 0;
  }

  /** Answers the size. */
  take(body: Uint8Array): number {
    const size = body.length;
    const index = this.#next;
    if (size !== this.#size || body[0] !== index || body[size - 1] !== (index ^ other)) {
      throw new Error(
        `not the message that is next: ${size} octets, ${body[0]} to ${body[size - 1]}, at ${index}`,
      );
    }
    this.#next = index + 1 === this.#period ? 0 : index + 1;
    return size;
  }
}
