// Reads Prometheus' text format 0.0.4 by its grammar, strictly, and knows nothing of who wrote it.

import assert from "node:assert/strict";

export interface Family {
  readonly help: string;
  readonly type: string;
  /** Labels as `name=value` in the order of their names, joined by commas; values unescaped. */
  readonly samples: Map<string, number>;
}

const METRIC_NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|\}|$)/;
const VALUE = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$|^NaN$|^[+-]Inf$/;
const UNESCAPED: Readonly<Record<string, string>> = { "\\\\": "\\", '\\"': '"', "\\n": "\n" };

/** Families by name. Fails at the first line that breaks the format. */
export function readPrometheus(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  if (text === "") return families;
  assert.ok(text.endsWith("\n"), "the last line ends with a line feed");
  let current = { name: "", help: "" };
  for (const line of text.slice(0, -1).split("\n")) {
    const help = new RegExp(`^# HELP (${METRIC_NAME}) ((?:[^\\\\]|\\\\[\\\\n])*)$`).exec(line);
    const type = new RegExp(`^# TYPE (${METRIC_NAME}) (counter|gauge|histogram|summary|untyped)$`).exec(line);
    if (help !== null) {
      current = { name: help[1]!, help: help[2]! };
      assert.ok(!families.has(current.name), `one group of lines for ${current.name}`);
    } else if (type !== null) {
      assert.equal(type[1], current.name, `TYPE follows HELP: ${line}`);
      families.set(type[1]!, { help: current.help, type: type[2]!, samples: new Map() });
    } else {
      readSample(families, line);
    }
  }
  for (const [name, { type, samples }] of families) {
    assert.equal(type === "counter", name.endsWith("_total"), `${name} is a ${type}`);
    assert.ok(samples.size > 0, `${name} has values`);
  }
  return families;
}

function readSample(families: Map<string, Family>, line: string): void {
  const name = new RegExp(`^${METRIC_NAME}`).exec(line)?.[0];
  assert.ok(name !== undefined, `a sample begins with a name: ${line}`);
  const family = families.get(name);
  assert.ok(family !== undefined && [...families.keys()].at(-1) === name, `below its own TYPE: ${line}`);
  let rest = line.slice(name.length);
  const labels: string[] = [];
  if (rest.startsWith("{")) {
    rest = rest.slice(1);
    for (let ending = ""; ending !== "}"; ) {
      const label = LABEL.exec(rest);
      assert.ok(label !== null, `a label at ${rest} in ${line}`);
      ending = label[3]!;
      const value = label[2]!.replace(/\\["\\n]/g, (escaped) => UNESCAPED[escaped]!);
      labels.push(`${label[1]}=${value}`);
      rest = rest.slice(label[0].length);
    }
  }
  assert.ok(rest.startsWith(" ") && VALUE.test(rest.slice(1)), `a value at ${rest} in ${line}`);
  assert.equal(new Set(labels.map((one) => one.split("=")[0])).size, labels.length, `labels once: ${line}`);
  const key = labels.sort().join(",");
  assert.ok(!family.samples.has(key), `a series once: ${line}`);
  family.samples.set(key, Number(rest.slice(1)));
}

/** The sum of a family's values whose labels hold all of these (`name=value`). */
export function sumOf(families: Map<string, Family>, name: string, ...wanted: string[]): number {
  let sum = 0;
  for (const [labels, value] of families.get(name)?.samples ?? []) {
    if (wanted.every((one) => labels.split(",").includes(one))) sum += value;
  }
  return sum;
}
