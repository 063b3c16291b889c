import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { PasswordFile, parsePasswords } from "../../../src/services/password-file.ts";

test("each line is a name and, behind the first equals sign, its password", () => {
  const text =
    "\ufeff# users\njoe=secret\r\n\nann=a=b = \n=nobody\nno sign\nempty=\n__proto__=x\njoe=newer\n";
  assert.deepEqual(
    [...parsePasswords(text)],
    [
      ["joe", "newer"],
      ["ann", "a=b = "],
      ["empty", ""],
      ["__proto__", "x"],
    ],
  );
});

test("the file is read again when it has changed, and rejects while it is not there", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "passwords-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "users");
  const file = new PasswordFile(path);
  await assert.rejects(file.load(), { code: "ENOENT" });
  writeFileSync(path, "joe=one\n");
  const first = await file.load();
  assert.equal(first.get("joe"), "one");
  assert.equal(await file.load(), first);
  writeFileSync(path, "joe=other\n");
  assert.equal((await file.load()).get("joe"), "other");
  rmSync(path);
  await assert.rejects(file.load(), { code: "ENOENT" });
});
