import assert from "node:assert/strict";
import { test } from "node:test";
import type { Segment } from "../../../../src/threads/ring/spent-segments.ts";
import { SpentSegments } from "../../../../src/threads/ring/spent-segments.ts";

const SIZE = 4096;

function segment(index: number, size = SIZE): Segment {
  return { memory: new SharedArrayBuffer(size), index, end: 0 };
}

test("a segment is used again when the reader is through with it, the oldest first", () => {
  const spent = new SpentSegments();
  assert.equal(spent.keep(segment(1), SIZE, 100), true);
  assert.equal(spent.keep(segment(2), SIZE, 200), true);
  assert.equal(spent.take(SIZE, 99), undefined);
  assert.equal(spent.take(2 * SIZE, 300), undefined, "of another size");
  assert.equal(spent.take(SIZE, 100)?.index, 1);
  assert.equal(spent.take(SIZE, 199), undefined);
  assert.equal(spent.take(SIZE, 200)?.index, 2);
  assert.ok(spent.isEmpty);
});

test("a smaller one is not kept, nor more than twenty", () => {
  const spent = new SpentSegments();
  assert.equal(spent.keep(segment(1), 2 * SIZE, 100), false);
  for (let index = 2; index < 22; index++) assert.equal(spent.keep(segment(index), SIZE, index), true);
  assert.equal(spent.keep(segment(22), SIZE, 300), false);
});

test("one is idle when 64 MiB passed since the ring went on in another", () => {
  const spent = new SpentSegments();
  assert.equal(spent.isIdle(0, 1 << 27), false, "there is none");
  // Positions count on beyond 2^31.
  const from = 0x7ffffff0;
  spent.keep(segment(1), SIZE, from);
  const late = (from + (1 << 26)) | 0;
  assert.equal(spent.isIdle(late, (late - 1) | 0), false);
  assert.equal(spent.isIdle((from - 1) | 0, late), false, "the reader is not there yet");
  assert.equal(spent.isIdle(late, late), true);
  spent.keep(segment(2), SIZE, late);
  assert.equal(spent.isIdle(late, late), false, "the ring has grown again");
  assert.equal(spent.drop()?.index, 1);
  assert.equal(spent.drop()?.index, 2);
  assert.equal(spent.drop(), undefined);
});
