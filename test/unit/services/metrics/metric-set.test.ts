import assert from "node:assert/strict";
import { test } from "node:test";
import { MetricSet } from "../../../../src/services/metrics/metric-set.ts";

test("values stand under their metric, metrics in one order, those without values are left out", () => {
  const set = new MetricSet();
  set.add("zeromq_findings", { code: "x" }, 1);
  set.add("zeromq_sockets", { type: "PUSH" }, 2);
  set.add("zeromq_findings", { code: "y" }, 3);
  const metrics = set.toArray();
  assert.deepEqual(
    metrics.map(({ name, kind, samples }) => [name, kind, samples.map(({ value }) => value)]),
    [
      ["zeromq_sockets", "gauge", [2]],
      ["zeromq_findings", "gauge", [1, 3]],
    ],
  );
  assert.deepEqual(new MetricSet().toArray(), []);
});
