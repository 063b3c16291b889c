import assert from "node:assert/strict";
import { test } from "node:test";
import { count, countWere, sentenceOf, span } from "../../../../../src/services/explain/rules/words.ts";

test("one and many", () => {
  assert.deepEqual(
    [0, 1, 37].map((number) => count(number, "message")),
    ["0 messages", "1 message", "37 messages"],
  );
  assert.deepEqual(
    [1, 2].map((number) => countWere(number, "message")),
    ["1 message was", "2 messages were"],
  );
});

test("times are exact while they are short", () => {
  const times = [0.4, 812.3, 9999, 10_000, 119_000, 120_000, 7_100_000, 7_200_000];
  assert.deepEqual(times.map(span), [
    "0 ms",
    "812 ms",
    "9999 ms",
    "10 s",
    "119 s",
    "2 min",
    "118 min",
    "2 h",
  ]);
});

test("an error's sentence without its advice", () => {
  assert.equal(
    sentenceOf("Cannot connect to tcp://10.0.0.1:5: nobody listens there. Start the peer."),
    "Cannot connect to tcp://10.0.0.1:5: nobody listens there",
  );
  assert.equal(sentenceOf("It is taken."), "It is taken");
  assert.equal(sentenceOf("no stop"), "no stop");
});
