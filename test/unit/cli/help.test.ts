import assert from "node:assert/strict";
import { test } from "node:test";
import { STANDARD_OPTIONS } from "../../../src/cli/arguments.ts";
import { COMMANDS } from "../../../src/cli/commands/index.ts";
import { commandHelp, generalHelp, wrap } from "../../../src/cli/help.ts";
import { FakeSink } from "./fake-io.ts";

test("the general help names every command that is for users, and the exit codes", () => {
  const text = generalHelp(new FakeSink(), COMMANDS);
  for (const { name, summary, isHidden } of COMMANDS) {
    assert.equal(text.includes(`  ${name} `) && text.includes(summary), isHidden !== true, name);
  }
  for (const code of [0, 1, 2, 3, 130]) assert.match(text, new RegExp(`^  ${code} `, "m"));
});

test("the help of every command has each of its options, and an example", async () => {
  for (const entry of COMMANDS) {
    const command = await entry.load();
    const text = commandHelp(new FakeSink(), entry, command);
    for (const name of Object.keys({ ...command.options, ...STANDARD_OPTIONS }))
      assert.match(text, new RegExp(`--${name}\\b`));
    const own = command.examples.filter((line) => new RegExp(`zmq ${entry.name}\\b`).test(line));
    assert.ok(own.length > 0 || entry.isHidden, `${entry.name} has no example`);
  }
});

test("no option of a command takes a name or a letter twice", async () => {
  for (const entry of COMMANDS) {
    const { options } = await entry.load();
    const letters = Object.values({ ...options, ...STANDARD_OPTIONS }).flatMap(({ short }) => short ?? []);
    assert.deepEqual(letters, [...new Set(letters)], entry.name);
    for (const name of Object.keys(STANDARD_OPTIONS))
      assert.ok(!(name in options), `${entry.name} --${name}`);
  }
});

test("the help fits into 80 columns, but for its heading and the examples", async () => {
  for (const entry of COMMANDS) {
    const [text] = commandHelp(new FakeSink(), entry, await entry.load()).split("Examples:") as [string];
    assert.deepEqual(
      text
        .split("\n")
        .slice(1)
        .filter((line) => line.length > 80),
      [],
      entry.name,
    );
  }
});

test("words are wrapped, and one that is longer than a line stands alone", () => {
  assert.deepEqual(wrap("a bb ccc dddddddd e", 5), ["a bb", "ccc", "dddddddd", "e"]);
});
