// The ledgers say of every SHALL and MUST of an RFC which test holds it, or why none does: never both, never a test that
// is gone.

import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "ts6";
import { filesBelow, parse, readText, walk } from "../tidy/sources.ts";

interface LedgerRow {
  readonly section: string;
  readonly sentence: string;
  readonly test?: string;
  readonly waiver?: string;
}

const ledgers = filesBelow("test/spec/ledger", ".json");

/** Titles of the tests in a folder. */
function titlesBelow(folder: string): Set<string> {
  const titles = new Set<string>();
  for (const path of filesBelow(folder, ".ts")) {
    walk(parse(path), (node) => {
      if (!ts.isCallExpression(node) || !/^(test|it)$/.test(node.expression.getText())) return;
      const title = node.arguments[0];
      if (title !== undefined && ts.isStringLiteralLike(title)) titles.add(title.text);
    });
  }
  return titles;
}

const titles = titlesBelow("test/spec");

for (const path of ledgers) {
  test(`${path} names tests that exist, or gives a reason`, () => {
    const rows = JSON.parse(readText(path)) as LedgerRow[];
    assert.ok(rows.length > 0);
    for (const row of rows) {
      const place = `${row.section}: ${row.sentence}`;
      assert.notEqual(
        row.test === undefined,
        row.waiver === undefined,
        `either a test or a waiver: ${place}`,
      );
      if (row.test !== undefined) assert.ok(titles.has(row.test), `no test "${row.test}" for: ${place}`);
      else assert.ok(row.waiver!.length > 40, `the reason of a waiver is a sentence: ${place}`);
      for (const [, named] of (row.waiver ?? "").matchAll(/\btest "([^"]+)"/g)) {
        assert.ok(titles.has(named!), `no test "${named}" in the waiver of: ${place}`);
      }
    }
  });
}

test("there are ledgers", () => {
  assert.ok(ledgers.length > 0);
});
