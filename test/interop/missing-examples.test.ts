// The programs in examples/missing: one for each code, ends by itself, and prints the finding that it is named after.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CATALOG } from "../../src/services/explain/catalog.ts";

const run = promisify(execFile);
const extension = import.meta.url.slice(-3);
const folder = new URL("../../examples/missing/", import.meta.url);
const codes = Object.keys(CATALOG);

test("every code has its program, and every program its code", () => {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .map((name) => name.slice(0, -extension.length));
  assert.deepEqual(names.sort(), [...codes, "print"].sort());
});

describe("programs", { concurrency: 4 }, () => {
  for (const code of codes) {
    test(`examples/missing/${code}`, { timeout: 20_000 }, async () => {
      const path = fileURLToPath(new URL(`${code}${extension}`, folder));
      const { stdout } = await run(process.execPath, ["--no-warnings", path], { timeout: 15_000 });
      const findings = stdout.match(/^[a-z-]+(?= \((?:error|warning|info)\): )/gm);
      assert.deepEqual(findings, [code], stdout);
    });
  }
});
