import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, Random } from "../../../fuzz/random.ts";
import {
  allocateBody,
  COPY_SIZE_MAX,
  copyFrame,
  keepMessage,
  messageSize,
} from "../../../src/base/message.ts";
import { installPlatform } from "../../../src/base/platform.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";

installPlatform(nodePlatform);

const seed = chooseSeed(process.env.SEED);

test("a copied frame does not change with the original", () => {
  for (const size of [0, 1, 47, 48, 200, 5000]) {
    const frame = Buffer.alloc(size, 1);
    const copy = copyFrame(frame);
    frame.fill(2);
    assert.ok(Buffer.isBuffer(copy));
    assert.deepEqual(copy, Buffer.alloc(size, 1));
  }
});

test("bodies that share a slab do not overlap", (t) => {
  t.diagnostic(`SEED=${seed}`);
  const random = new Random(seed);
  const bodies: [Uint8Array, number][] = [];
  for (let i = 0; i < 500; i++) {
    const body = allocateBody(random.below(random.pick([8, 300, 5000])));
    body.fill(i);
    bodies.push([body, i & 0xff]);
  }
  for (const [body, value] of bodies) assert.ok(body.every((octet) => octet === value));
});

test("what is kept is copied where small, and the same memory where large", () => {
  const small = Buffer.alloc(COPY_SIZE_MAX - 1, 1);
  const large = Buffer.alloc(COPY_SIZE_MAX, 1);
  for (const message of [[small], [large], [small, large, small]]) {
    const kept = keepMessage(message);
    assert.notEqual(kept, message, "the array is never shared");
    assert.deepEqual(kept, message);
    kept.forEach((frame, i) => assert.equal(frame === message[i], message[i] === large));
  }
});

test("the size of a message is that of its bodies", () => {
  assert.equal(messageSize([]), 0);
  assert.equal(messageSize([Buffer.alloc(3), Buffer.alloc(0), Buffer.alloc(4)]), 7);
});
