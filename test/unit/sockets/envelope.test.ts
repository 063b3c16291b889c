import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyFrame, framesFrom, probe, withFrame } from "../../../src/sockets/envelope.ts";
import { createPeer, frames, texts } from "./rig.ts";

test("a frame is put in front of messages of every length, which stay as they are", () => {
  for (let count = 1; count < 8; count++) {
    const message = frames(...Array.from({ length: count }, (_, index) => `${index}`));
    const whole = withFrame(frames("first")[0]!, message);
    assert.deepEqual(texts(whole), ["first", ...texts(message)!]);
    assert.equal(message.length, count);
  }
});

test("the frames from a place on are those frames, in a message of their own", () => {
  for (let count = 1; count < 8; count++) {
    const message = frames(...Array.from({ length: count }, (_, index) => `${index}`));
    for (let start = 0; start < count; start++) {
      const rest = framesFrom(message, start);
      assert.notEqual(rest, message);
      assert.deepEqual(texts(rest), texts(message)!.slice(start));
    }
  }
});

test("an empty frame is a Buffer in Node", () => {
  assert.ok(Buffer.isBuffer(emptyFrame()));
  assert.equal(emptyFrame().length, 0);
});

test("a probe is one empty message, and a full pipe goes without", () => {
  const peer = createPeer({ outHwm: 1 });
  probe(peer.near);
  probe(peer.near);
  assert.deepEqual(peer.receiveAll(), [[""]]);
});
