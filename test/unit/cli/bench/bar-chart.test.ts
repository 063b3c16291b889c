import assert from "node:assert/strict";
import { test } from "node:test";
import { barChart } from "../../../../src/cli/bench/bar-chart.ts";

test("the longest bar is as wide as the chart, others in proportion; text is escaped", () => {
  const bars = [
    { name: "a <b>", median: 100, low: 100, high: 100 },
    { name: "half", median: 50, low: 40, high: 60 },
  ];
  const svg = barChart('speed "now"', [{ title: "one & all", unit: "messages/s", bars }]);
  const widths = [...svg.matchAll(/<rect x="170" [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));
  assert.deepEqual(widths, [500, 250]);
  assert.ok(
    svg.includes("a &lt;b>") &&
      svg.includes("one &amp; all") &&
      svg.includes('aria-label="speed &quot;now&quot;"'),
  );
  assert.ok(svg.includes(">50.0</text>"));
});

test("a chart of zeros is a chart", () => {
  const svg = barChart("x", [{ title: "x", unit: "x", bars: [{ name: "x", median: 0, low: 0, high: 0 }] }]);
  assert.doesNotMatch(svg, /NaN|Infinity/);
});
