import assert from "node:assert/strict";
import { test } from "node:test";
import { allocateShared } from "../../../../src/threads/ring/shared-body.ts";

test("bodies lie in shared memory, zeroed, apart from each other", () => {
  const bodies = [0, 1, 63, 64, 65, 4096, 65536, 131072].map((size) => allocateShared(size));
  bodies.forEach((body, i) => body.fill(i + 1));
  bodies.forEach((body, i) => assert.ok(body.every((octet) => octet === i + 1)));
  for (const body of bodies) assert.ok(body.buffer instanceof SharedArrayBuffer);
  assert.ok(allocateShared(1000).every((octet) => octet === 0));
});

test("small ones share memory, large ones have their own", () => {
  const [first, second] = [allocateShared(4096), allocateShared(4096)];
  assert.equal(first.buffer, second.buffer);
  assert.equal(second.byteOffset % 64, 0);
  const large = allocateShared(200_000);
  assert.equal(large.buffer.byteLength, 200_000);
  const slabs = new Set(Array.from({ length: 64 }, () => allocateShared(65_536).buffer));
  assert.ok(slabs.size >= 4 && slabs.size <= 6, `${slabs.size} slabs for 4 MiB`);
});

test("a size that is none throws", () => {
  for (const size of [-1, 1.5, Number.NaN, 2 ** 32, "10" as unknown as number]) {
    assert.throws(() => allocateShared(size), { code: "EINVAL" });
  }
});
