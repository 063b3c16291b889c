// The catalogue, the rules and the guide know the same codes.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CATALOG } from "../../../../src/services/explain/catalog.ts";
import { root } from "../../../tidy/sources.ts";

const codes = Object.keys(CATALOG);

function textsBelow(folder: string): string {
  const path = join(root, folder);
  return readdirSync(path)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(path, name), "utf8"))
    .join("\n");
}

test("every code is kebab-case, and its cause one sentence", () => {
  for (const [code, { title, cause }] of Object.entries(CATALOG)) {
    assert.match(code, /^[a-z]+(-[a-z]+)*$/);
    assert.match(title, /^[A-Z].*[^.]$/);
    assert.match(cause, /^[A-Za-z].*\.$/);
  }
});

test("every code of the catalogue is found by a rule, and provoked by a test of the rules", () => {
  const rules = textsBelow("src/services/explain/rules");
  const tests = textsBelow("test/unit/services/explain/rules");
  for (const code of codes) {
    assert.ok(rules.includes(`"${code}"`) || rules.includes(`  ${code}:`), `no rule finds ${code}`);
    assert.ok(new RegExp(`test\\(.${code}`).test(tests), `no test begins with ${code}`);
  }
});

test("the guide has a section for every code, and no other code", {
  skip: !existsSync(join(root, "docs/guide/missing-messages.md")) && "the guide is not written yet",
}, () => {
  const guide = readFileSync(join(root, "docs/guide/missing-messages.md"), "utf8");
  const headings = [...guide.matchAll(/^### ([a-z-]+)$/gm)].map(([, heading]) => heading);
  assert.deepEqual([...headings].sort(), [...codes].sort());
});
