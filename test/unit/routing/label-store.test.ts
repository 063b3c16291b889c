import assert from "node:assert/strict";
import { test } from "node:test";
import { LabelStore } from "../../../src/routing/label-store.ts";

function read(store: LabelStore, place: number, size: number): string {
  return Buffer.from(store.octets.subarray(place, place + size)).toString("latin1");
}

test("labels stay where they are while the store grows", () => {
  const store = new LabelStore(0);
  const labels = Array.from({ length: 300 }, (_, i) => `${i}`.repeat(1 + (i % 40)));
  const places = labels.map((label) => store.add(Buffer.from(`..${label}..`), 2, 2 + label.length));
  labels.forEach((label, i) => assert.equal(read(store, places[i]!, label.length), label));
  assert.equal(store.live, labels.join("").length);
  assert.equal(store.garbage, 0);
});

test("pieces of a label join without a copy, others with one", () => {
  const store = new LabelStore(0);
  const first = store.add(Buffer.from("abcdef"), 0, 6);
  assert.equal(store.join(first, 2, first + 2, 4), first);
  assert.equal(store.garbage, 0);
  const second = store.add(Buffer.from("gh"), 0, 2);
  const joined = store.join(second, 2, first, 6);
  assert.equal(read(store, joined, 8), "ghabcdef");
  assert.deepEqual([store.live, store.garbage], [8, 8]);
});

test("a label may come from the store itself, also when the store grows by it", () => {
  const store = new LabelStore(0);
  const place = store.add(Buffer.alloc(60, 5), 0, 60);
  const copy = store.add(store.octets, place, place + 60);
  assert.deepEqual(store.octets.subarray(copy, copy + 60), new Uint8Array(60).fill(5));
});

test("what is released is garbage", () => {
  const store = new LabelStore(0);
  store.add(Buffer.alloc(100), 0, 100);
  store.release(70);
  assert.deepEqual([store.live, store.garbage], [30, 70]);
});

test("a large label takes little more than its size", () => {
  const store = new LabelStore(0);
  store.add(Buffer.alloc(10), 0, 10);
  store.add(Buffer.alloc(2 ** 21), 0, 2 ** 21);
  assert.ok(store.octets.length < 2 ** 21 * 1.1);
});
