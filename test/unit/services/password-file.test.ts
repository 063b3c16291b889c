import assert from "node:assert/strict";
import { mkdtempSync, promises, rmSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { installPlatform } from "../../../src/base/platform.ts";
import { PasswordFile, parsePasswords } from "../../../src/services/password-file.ts";

let now = 0;
installPlatform({ now: () => now });

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
  assert.equal((await file.load()).get("joe"), "one");
  now += 1000;
  const first = await file.load();
  assert.equal(await file.load(), first, "not read again");
  writeFileSync(path, "joe=other\n");
  assert.equal((await file.load()).get("joe"), "other");
  rmSync(path);
  await assert.rejects(file.load(), { code: "ENOENT" });
});

test("a change within one tick of the clock is seen, and of the same size too", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "passwords-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "users");
  const file = new PasswordFile(path);
  for (let round = 0; round < 200; round++) {
    writeFileSync(path, `joe=${1000 + round}\n`);
    assert.equal((await file.load()).get("joe"), String(1000 + round));
  }
});

test("a thousand clients at once open the file once, and once more for those that came meanwhile", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "passwords-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "users");
  writeFileSync(path, "joe=one\n");
  let openCount = 0;
  let most = 0;
  const { open } = promises;
  const opening = t.mock.method(promises, "open", async (...args: Parameters<typeof open>) => {
    most = Math.max(most, ++openCount);
    const file = await open(...args);
    const close = file.close.bind(file);
    file.close = () => close().finally(() => openCount--);
    return file;
  });
  syncBuiltinESMExports();
  t.after(() => {
    opening.mock.restore();
    syncBuiltinESMExports();
  });
  const file = new PasswordFile(path);
  const first = file.load();
  writeFileSync(path, "joe=changed\n");
  const later = await Promise.all(Array.from({ length: 1024 }, () => file.load()));
  await first;
  assert.ok(later.every((passwords) => passwords.get("joe") === "changed"));
  assert.deepEqual([opening.mock.callCount(), most], [2, 1]);
  rmSync(path);
  const failed = await Promise.allSettled(Array.from({ length: 1024 }, () => file.load()));
  assert.ok(failed.every((one) => one.status === "rejected" && one.reason.code === "ENOENT"));
  assert.equal(opening.mock.callCount(), 4);
});

test("what cannot be read has a code, the path and a remedy", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "passwords-"));
  t.after(() => rmSync(directory, { recursive: true }));
  await assert.rejects(new PasswordFile(directory).load(), {
    code: "EINVAL",
    message: `Cannot read the passwords in ${directory}: it is a directory. Name a file in it.`,
  });
  await assert.rejects(new PasswordFile(join(directory, "nobody")).load(), {
    name: "ZmqError",
    code: "ENOENT",
    message: /no such file or directory\. Check the path/,
  });
});
