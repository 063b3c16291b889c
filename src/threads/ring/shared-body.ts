import { ZmqError } from "../../base/errors.ts";

/** Bodies share memory up to this: handing memory to another thread costs some microseconds for each piece. */
const SLAB_SIZE = 1 << 20;
/** Larger ones have memory of their own, so that none keeps more than eight times its size alive. */
const SHARING_SIZE_MAX = SLAB_SIZE >> 3;
const SIZE_MAX = 2 ** 32 - 1;

let slab: SharedArrayBuffer | null = null;
let slabOffset = 0;

/**
 * A zeroed body of `size` octets in shared memory. Sent to a socket of another thread it travels by reference, whatever its
 * size from 4 KiB on: the receiver gets a view of the same memory, and nothing is copied. The sender must not change it any
 * more; the receiver may send it on in the same way. To peers over tcp or ipc it goes as any other body.
 *
 * @throws EINVAL unless `size` is a whole number from 0 to 2^32 - 1
 */
export function allocateShared(size: number): Buffer {
  if (!Number.isInteger(size) || size < 0 || size > SIZE_MAX) {
    throw new ZmqError(
      "EINVAL",
      `allocateShared() takes a whole number of octets from 0, not ${String(size)}.`,
    );
  }
  if (size > SHARING_SIZE_MAX) return Buffer.from(new SharedArrayBuffer(size));
  if (slab === null || slabOffset + size > SLAB_SIZE) {
    slab = new SharedArrayBuffer(SLAB_SIZE);
    slabOffset = 0;
  }
  const body = Buffer.from(slab, slabOffset, size);
  // Bodies begin on lines of their own: two threads that fill neighbours do not slow each other down.
  slabOffset += (size + 63) & ~63;
  return body;
}
