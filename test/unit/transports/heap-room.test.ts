import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HeapFacts } from "../../../src/transports/heap-room.ts";
import { HeapRoom } from "../../../src/transports/heap-room.ts";

const MIB = 1 << 20;
const SMALL_HEAP = 6 * MIB;

function heapOf(used: number, limit = 4096 * MIB): HeapFacts {
  return { used_heap_size: used, heap_size_limit: limit };
}

function pass(room: HeapRoom, total: number, size: number): void {
  for (let passed = 0; passed < total; passed += size) room.note(size);
}

describe("room in the heap", () => {
  it("is made by a stream of large bodies, once", () => {
    const room = new HeapRoom(() => heapOf(SMALL_HEAP + room.size));
    pass(room, 63 * MIB, 65536);
    assert.equal(room.size, 0, "a few are no stream");
    const sizes = new Set<number>();
    for (let i = 0; i < 40; i++) {
      pass(room, MIB, 65536);
      sizes.add(room.size / MIB);
    }
    assert.ok(sizes.size >= 10, "it grows little by little");
    assert.equal(room.size, 16 * MIB);
    pass(room, 1024 * MIB, 65536);
    assert.equal(room.size, 16 * MIB);
  });

  it("is nothing that small bodies need", () => {
    const room = new HeapRoom(() => heapOf(SMALL_HEAP));
    pass(room, 256 * MIB, 4095);
    assert.equal(room.size, 0);
  });

  it("is not made where the application's heap is large", () => {
    const room = new HeapRoom(() => heapOf(32 * MIB));
    pass(room, 256 * MIB, 65536);
    assert.equal(room.size, 0);
  });

  it("is not made in a thread that was started with a small limit", () => {
    const room = new HeapRoom(() => heapOf(SMALL_HEAP, 64 * MIB));
    pass(room, 256 * MIB, 65536);
    assert.equal(room.size, 0);
  });

  it("ends when the application's own heap has become large", () => {
    let heap = SMALL_HEAP;
    const room = new HeapRoom(() => heapOf(heap + room.size));
    while (room.size < 3 * MIB) room.note(65536);
    heap = 40 * MIB;
    pass(room, 256 * MIB, 65536);
    assert.equal(room.size, 3 * MIB);
  });
});
