import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAmount, parseArguments } from "../../../src/cli/arguments.ts";
import type { OptionTable } from "../../../src/cli/command.ts";
import { UsageError } from "../../../src/cli/command.ts";

const TABLE = {
  bind: { kind: "text", short: "b", multiple: true, help: "" },
  name: { kind: "text", help: "" },
  loud: { kind: "flag", short: "l", help: "" },
  count: { kind: "number", short: "n", min: 1, help: "" },
  linger: { kind: "duration", initial: -1, min: -1, help: "" },
  size: { kind: "size", help: "" },
  key: { kind: "text", takesKey: true, help: "" },
} as const satisfies OptionTable;

test("options are found by long and short names, and what is not given has its initial value", () => {
  const { values, positionals } = parseArguments(TABLE, [
    "-b",
    "x",
    "hello",
    "--bind=y",
    "-l",
    "-n",
    "2k",
    "--",
    "-z",
  ]);
  assert.deepEqual(positionals, ["hello", "-z"]);
  assert.deepEqual(
    { ...values },
    {
      bind: ["x", "y"],
      name: undefined,
      loud: true,
      count: 2_000,
      linger: -1,
      size: undefined,
      key: undefined,
    },
  );
});

test("a negative number is a value, not an option", () => {
  assert.equal(parseArguments(TABLE, ["--linger", "-1"]).values.linger, -1);
  assert.throws(() => parseArguments(TABLE, ["-n", "-1"]), /--count takes a number from 1, not "-1"/);
  assert.deepEqual(parseArguments(TABLE, ["--", "--linger", "-1"]).positionals, ["--linger", "-1"]);
});

test("a key that begins with a dash is a value", () => {
  const key = `-${"k".repeat(39)}`;
  assert.equal(parseArguments(TABLE, ["--key", key]).values.key, key);
  assert.throws(() => parseArguments(TABLE, ["--key", key.slice(1, 39), key]), /Unknown option/);
  assert.throws(() => parseArguments(TABLE, ["--name", key]), /ambiguous/);
});

test("times and sizes have units", () => {
  const { values } = parseArguments(TABLE, ["--linger", "1.5s", "--size", "64k"]);
  assert.equal(values.linger, 1_500);
  assert.equal(values.size, 65_536);
  assert.equal(parseAmount("3 m", { m: 60 }), 180);
  assert.equal(parseAmount("3x", { m: 60 }), undefined);
  assert.equal(parseAmount("1toString", {}), undefined);
});

test("what is wrong is a usage error with a sentence", () => {
  const wrong: [string[], RegExp][] = [
    [["--nope"], /^Unknown option '--nope'\.$/],
    [["--name"], /argument missing/],
    [["--loud=3"], /does not take an argument/],
    [["--count", "many"], /^--count takes a number from 1, not "many"\.$/],
    [["--linger", "1y"], /^--linger takes a time in ms .* from -1, not "1y"\.$/],
  ];
  for (const [args, sentence] of wrong) {
    assert.throws(
      () => parseArguments(TABLE, args),
      (error) => error instanceof UsageError && sentence.test(error.message),
    );
  }
});
