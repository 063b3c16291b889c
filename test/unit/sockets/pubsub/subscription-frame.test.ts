import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CANCEL,
  isSubscription,
  SUBSCRIBE,
  subscriptionFrame,
  takeSubscriptions,
} from "../../../../src/sockets/pubsub/subscription-frame.ts";
import { frames, texts } from "../rig.ts";
import { ends, octets, wants } from "./pubsub-rig.ts";

test("a frame that starts with 0 or 1 is about a topic", () => {
  for (const text of [wants(""), wants("a"), ends(""), ends("\x01")])
    assert.equal(isSubscription(octets(text)), true);
  for (const text of ["", "\x02", "a", "\xff\x01"]) assert.equal(isSubscription(octets(text)), false);
});

test("a frame is made of a kind and a topic, and shares nothing with it", () => {
  const topic = octets("xtopic");
  const frame = subscriptionFrame(SUBSCRIBE, topic, 1);
  topic.fill(0);
  assert.equal(Buffer.from(frame).toString("latin1"), wants("topic"));
  assert.equal(Buffer.from(subscriptionFrame(CANCEL, octets(""), 0)).toString("latin1"), ends(""));
});

function split(onlyFirst: boolean, ...message: string[]): { taken: string[]; rest: string[] } {
  const taken: string[] = [];
  const rest = takeSubscriptions(frames(...message), onlyFirst, (frame) => taken.push(...texts([frame])!));
  return { taken, rest: texts(rest)! };
}

test("subscriptions are taken out of a message of several frames (libzmq behaviour B60)", () => {
  const message = [wants("a"), "user", ends("b"), "", wants("c")];
  assert.deepEqual(split(false, ...message), {
    taken: [wants("a"), ends("b"), wants("c")],
    rest: ["user", ""],
  });
  assert.deepEqual(split(true, ...message), {
    taken: [wants("a")],
    rest: ["user", ends("b"), "", wants("c")],
  });
  assert.deepEqual(split(true, "user", wants("a")), { taken: [], rest: ["user", wants("a")] });
});
