import assert from "node:assert/strict";
import { test } from "node:test";
import type { OptionRow } from "../../../src/core/option-row.ts";
import { acceptOption } from "../../../src/core/option-row.ts";
import { REFUSED_OPTIONS } from "../../../src/core/refused-options.ts";

const rows: [string, OptionRow<unknown>][] = Object.entries(REFUSED_OPTIONS);

/** A right value that is not the default. */
function another(row: OptionRow<unknown>): unknown {
  if (typeof row.initial === "boolean") return !row.initial;
  if (typeof row.initial === "number") return row.initial + 1;
  return row.initial === null ? "something" : "userName";
}

test("each takes its default, refuses another value and says why", () => {
  for (const [name, row] of rows) {
    assert.equal(acceptOption(name, row, row.initial, row.initial), row.initial, name);
    assert.throws(
      () => acceptOption(name, row, another(row), row.initial),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, "ENOTSUP", name);
        assert.ok(error.message.startsWith(`${name} cannot be set to `), error.message);
        assert.ok(row.refused !== undefined && error.message.includes(row.refused), error.message);
        return true;
      },
    );
  }
});

test("no option of a mechanism that is missing can be set, so that nobody is protected in appearance only", () => {
  const security = /^(plain|curve|gssapi|zap)/;
  const names = rows.map(([name]) => name).filter((name) => security.test(name));
  assert.equal(names.length, 6);
});
