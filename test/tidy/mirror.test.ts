// The unit tests mirror the sources: the test of src/pipe/channel.ts is test/unit/pipe/channel.test.ts.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import ts from "ts6";
import { ratchet } from "./ratchet.ts";
import { assertNone, filesBelow, parse, root, walk } from "./sources.ts";

const sources = filesBelow("src", ".ts");
const tests = filesBelow("test/unit", ".test.ts");

/** What decides or repeats; contracts, tables, re-exports and classes that only hand on do neither. */
function isDecision(node: ts.Node): boolean {
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    return (
      kind === ts.SyntaxKind.AmpersandAmpersandToken ||
      kind === ts.SyntaxKind.BarBarToken ||
      kind === ts.SyntaxKind.QuestionQuestionToken
    );
  }
  return (
    ts.isIfStatement(node) ||
    ts.isConditionalExpression(node) ||
    ts.isIterationStatement(node, false) ||
    ts.isSwitchStatement(node) ||
    ts.isTryStatement(node)
  );
}

function hasLogic(path: string): boolean {
  let found = false;
  walk(parse(path), (node) => {
    if (isDecision(node)) found = true;
  });
  return found;
}

/** The tests that an entry of the ratchet names instead. */
function namesTests(reason: string): boolean {
  const named = reason.match(/test\/[\w./-]+\.test\.ts/g) ?? [];
  return named.length > 0 && named.every((path) => existsSync(join(root, path)));
}

function testOf(source: string): string {
  return source.replace(/^src\//, "test/unit/").replace(/\.ts$/, ".test.ts");
}

test("every source file with logic has its own unit test", () => {
  const untested = sources.filter((path) => hasLogic(path) && !tests.includes(testOf(path)));
  const missing = untested.filter((path) => ratchet.untested[path] === undefined);
  const stale = Object.keys(ratchet.untested).filter((path) => !untested.includes(path));
  const empty = Object.entries(ratchet.untested).filter(([, reason]) => !namesTests(reason));
  assertNone("write the test; a file that other tests hold is listed in ratchet.json, which names them", [
    ...empty.map(([path]) => `${path}: its entry names no test that exists`),
    ...missing.map((path) => `${path}: ${testOf(path)} is missing`),
    ...stale.map((path) => `${path}: remove its entry`),
  ]);
});

test("every unit test has a source file", () => {
  const expected = new Set(sources.map(testOf));
  assertNone(
    "the source is gone or has moved",
    tests.filter((path) => !expected.has(path)),
  );
});
