import assert from "node:assert/strict";
import { test } from "node:test";
import { prometheusText } from "../../../../src/services/metrics/prometheus.ts";
import { readPrometheus } from "./prometheus-reader.ts";

test("each metric has its help, its type and a line for each value", () => {
  const text = prometheusText([
    {
      name: "a_total",
      kind: "counter",
      help: "All of them.",
      samples: [
        { labels: {}, value: 1 },
        { labels: { type: "PUSH", id: "7" }, value: 2 ** 53 },
      ],
    },
    { name: "b", kind: "gauge", help: "Now.", samples: [{ labels: { x: "" }, value: 0 }] },
  ]);
  assert.equal(
    text,
    "# HELP a_total All of them.\n# TYPE a_total counter\na_total 1\n" +
      'a_total{type="PUSH",id="7"} 9007199254740992\n# HELP b Now.\n# TYPE b gauge\nb{x=""} 0\n',
  );
  assert.equal(prometheusText([]), "");
});

test("what would end a value or a line is escaped, and reads as it was", () => {
  const nasty = 'ipc:///tmp/a "b"\\c\nd{e="f"},';
  const samples = [{ labels: { endpoint: nasty }, value: 1.5 }];
  const text = prometheusText([{ name: "m", kind: "gauge", help: "one\\two\nthree", samples }]);
  assert.equal(text.split("\n").length, 4);
  assert.match(text, /^# HELP m one\\\\two\\nthree\n/);
  assert.deepEqual([...readPrometheus(text).get("m")!.samples], [[`endpoint=${nasty}`, 1.5]]);
});

test("the reader of these tests refuses what is no such text", () => {
  const head = "# HELP a Help.\n# TYPE a gauge\n";
  for (const wrong of [
    "a 1\n",
    `${head}a 1`,
    `${head}a{b=c} 1\n`,
    `${head}a{b="c"d} 1\n`,
    `${head}a{b="\\x"} 1\n`,
    `${head}a{b="c"} one\n`,
    `${head}a 1\na 2\n`,
    `${head}a{b="1",b="2"} 1\n`,
    `${head}a-b 1\n`,
    "# HELP a Help.\n# TYPE a counter\na 1\n",
    head,
  ]) {
    assert.throws(() => readPrometheus(wrong), assert.AssertionError, wrong);
  }
});
