import assert from "node:assert/strict";
import { test } from "node:test";
import { ZmqError } from "../../../src/base/errors.ts";
import { fileError, isGone } from "../../../src/services/file-error.ts";

function system(code: string): Error {
  return Object.assign(new Error(`${code}: something, open '/a'`), { code });
}

test("what the system says becomes a code of the table, a sentence with the path, and what to do", () => {
  const cases: [string, string, RegExp][] = [
    [
      "ENOENT",
      "ENOENT",
      /^Cannot read the certificate \/a: there is no such file or directory\. Check the path/,
    ],
    ["EACCES", "EACCES", /the system does not allow it\. Check whose the file/],
    ["EPERM", "EACCES", /does not allow it/],
    ["EROFS", "EACCES", /can only be read\. Choose another place/],
    ["EISDIR", "EINVAL", /it is a directory\. Name a file/],
    ["ENOTDIR", "ENOTDIR", /no directory\. Check the path/],
    ["ELOOP", "EINVAL", /circle/],
    ["ENAMETOOLONG", "ENAMETOOLONG", /too long/],
    ["ENOSPC", "EIO", /no room on the disk\. Nothing was replaced/],
    ["EMFILE", "EMFILE", /ulimit/],
    ["EWEIRD", "EIO", /the system said EWEIRD/],
  ];
  for (const [said, code, sentence] of cases) {
    const cause = system(said);
    const error = fileError("read the certificate", "/a", cause);
    assert.ok(error instanceof ZmqError);
    assert.equal(error.code, code, said);
    assert.match(error.message, sentence);
    assert.equal(error.cause, cause);
  }
});

test("an error of ours, or of no file, stays what it is, and a file that is gone is told from others", () => {
  const ours = new ZmqError("EINVAL", "Wrong.");
  const bug = new TypeError("no function");
  assert.deepEqual([fileError("read", "/a", ours), fileError("read", "/a", bug)], [ours, bug]);
  assert.deepEqual([system("ENOENT"), system("EACCES"), null, "ENOENT"].map(isGone), [
    true,
    false,
    false,
    false,
  ]);
});
