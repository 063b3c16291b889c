import assert from "node:assert/strict";
import { test } from "node:test";
import { median, quantile, short, sizeName } from "../../../../src/cli/bench/figures.ts";

test("quantiles lie between the samples", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(quantile([0, 10], 0.99), 9.9);
  assert.ok(Number.isNaN(median([])));
});

test("numbers have three digits and a letter", () => {
  const shown = [0, 1.234, 12.34, 99.99, 123.4, 999.9, 1_234, 99_990, 4_970_000, 2e9, Number.NaN].map(short);
  assert.deepEqual(shown, [
    "0",
    "1.23",
    "12.3",
    "100",
    "123",
    "1.00 k",
    "1.23 k",
    "100 k",
    "4.97 M",
    "2.00 G",
    "-",
  ]);
});

test("sizes are named by their largest whole unit", () => {
  assert.deepEqual([100, 1024, 1500, 1 << 21].map(sizeName), ["100 B", "1 kB", "1500 B", "2 MB"]);
});
