import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clip,
  count,
  duration,
  fill,
  plain,
  rate,
  short,
  whole,
  words,
} from "../../../../../src/cli/web/page/numbers.ts";

test("numbers are short, and never round up into a wrong unit", () => {
  const shown = [0, 0.04, 0.44, 9.94, 9.96, 12.4, 999.4, 999.6, 1234, 12_345, 999_600, 5_100_000, 2e9].map(
    short,
  );
  assert.deepEqual(shown, [
    "0",
    "<0.1",
    "0.4",
    "9.9",
    "10",
    "12",
    "999",
    "1 k",
    "1.2 k",
    "12 k",
    "1 M",
    "5.1 M",
    "2 G",
  ]);
  assert.equal(rate(1234), "1.2 k/s");
  assert.equal(whole(1234567.4), "1,234,567");
});

test("a queue is told with its limit, or that it has none", () => {
  assert.equal(fill(7, 10), "7 / 10");
  assert.equal(fill(7, 0), "7, no limit");
});

test("a long text keeps its beginning and its end", () => {
  assert.equal(clip("tcp://127.0.0.1:5555", 20), "tcp://127.0.0.1:5555");
  assert.equal(clip("tcp://127.0.0.1:5555", 12), "tcp:….1:5555");
  assert.equal(clip("abcdef", 12).length, 6);
});

test("evidence reads as words, with times in their units", () => {
  assert.equal(words("sendHighWaterMark"), "send high water mark");
  assert.equal(plain("withinMs", 3210), "3.2 s");
  assert.equal(plain("lostCount", 3210), "3,210");
  assert.deepEqual(
    [plain("peer", "x"), plain("ok", true), plain("ok", false), plain("id", null)],
    ["x", "yes", "no", "none"],
  );
  assert.deepEqual([250, 4200, 61_000, 600_000, 8e6].map(duration), [
    "250 ms",
    "4.2 s",
    "61 s",
    "10 min",
    "2 h",
  ]);
  assert.deepEqual([count(1, "socket"), count(2, "socket")], ["1 socket", "2 sockets"]);
});
