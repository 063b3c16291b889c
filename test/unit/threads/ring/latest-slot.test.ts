import assert from "node:assert/strict";
import { test } from "node:test";
import { installPlatform } from "../../../../src/base/platform.ts";
import { FLOW_AT, PIPE_HEADER_SIZE } from "../../../../src/threads/layout.ts";
import { FlowCounters } from "../../../../src/threads/ring/flow-counters.ts";
import { LatestReader, LatestWriter } from "../../../../src/threads/ring/latest-slot.ts";
import { nodePlatform } from "../../../../src/transports/node-platform.ts";
import { randomFrom, seedFrom } from "../random.ts";

installPlatform(nodePlatform);

function makeSlot() {
  const words = new Int32Array(new SharedArrayBuffer(PIPE_HEADER_SIZE));
  const counters = new FlowCounters(words, FLOW_AT[1]!, 0);
  const memory = new Map<number, SharedArrayBuffer>();
  let count = 0;
  const writer = new LatestWriter(words, 1, counters, (given) => {
    memory.set(++count, given);
    return count;
  });
  const reader = new LatestReader(
    words,
    1,
    (index) => memory.get(index) as SharedArrayBuffer,
    (index) => memory.delete(index),
  );
  return { writer, reader, counters, memory, givenCount: () => count };
}

test("only the newest message waits; those whose place it took are counted", () => {
  const { writer, reader, counters } = makeSlot();
  assert.equal(reader.take(), undefined);
  assert.equal(writer.write([Buffer.from("a")]), false);
  assert.equal(writer.write([Buffer.from("b"), Buffer.alloc(0)]), true);
  assert.equal(reader.hasMessage(), true);
  assert.deepEqual(reader.take(), [Buffer.from("b"), Buffer.alloc(0)]);
  assert.equal(reader.hasMessage(), false);
  assert.equal(reader.take(), undefined);
  assert.equal(counters.dropped.conflated, 1);
});

test("what the reader has is never written over", (t) => {
  const seed = seedFrom("SLOT_SEED");
  t.diagnostic(`seed ${seed}; SLOT_SEED runs it`);
  const random = randomFrom(seed);
  const { writer, reader, counters } = makeSlot();
  let newest = "";
  let written = 0;
  let read = 0;
  for (let i = 0; i < 20_000; i++) {
    if (random() < 0.6) {
      newest = String(i).repeat(1 + Math.floor(random() * 30));
      writer.write([Buffer.from(newest)]);
      written++;
      continue;
    }
    const message = reader.take();
    if (message === undefined) continue;
    read++;
    assert.equal(String(message[0]), newest);
  }
  const waiting = reader.hasMessage() ? 1 : 0;
  assert.equal(counters.dropped.conflated, written - read - waiting);
});

test("a larger body gets larger memory, and the smaller one is let go", () => {
  const { writer, reader, memory, givenCount } = makeSlot();
  for (let i = 0; i < 300; i++) {
    const sent = Buffer.alloc(i * 1000, i);
    writer.write([sent]);
    assert.deepEqual(reader.take(), [sent]);
  }
  assert.ok(memory.size <= 3, `${memory.size} pieces`);
  const before = givenCount();
  for (let i = 0; i < 300; i++) {
    writer.write([Buffer.alloc(1000)]);
    reader.take();
  }
  assert.equal(givenCount(), before);
});
