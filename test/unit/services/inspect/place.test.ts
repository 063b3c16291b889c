import assert from "node:assert/strict";
import { chmodSync, chownSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { test } from "node:test";
import "../../../../src/index.ts";
import { claimPath, closeToOthers, findSeats, whatIsWrong } from "../../../../src/services/inspect/place.ts";
import { ownRuntime } from "./rig.ts";

const skip = process.platform === "win32" ? "Windows has no ipc" : false;
const uid = process.getuid?.() ?? 0;

function refuses(message: RegExp): void {
  assert.throws(() => claimPath(1, 0), { code: "EACCES", message });
  // Readers do not look into it either.
  const warnings: string[] = [];
  assert.deepEqual(
    findSeats((sentence) => warnings.push(sentence)).filter(({ path }) => path.includes("zmq-run-")),
    [],
  );
  assert.match(warnings.join(), message);
}

function place(t: TestContext): string {
  return join(ownRuntime(t), "zeromq-ts");
}

test("the directory is made for its owner alone, and taken again", { skip }, (t) => {
  const directory = place(t);
  const path = claimPath(77, 3);
  assert.equal(path, join(directory, "77-3.ipc"));
  assert.equal(lstatSync(directory).mode & 0o777, 0o700);
  assert.equal(claimPath(77, 3), path);
});

test("a directory that others may enter is refused by its mode", { skip }, (t) => {
  const directory = place(t);
  mkdirSync(directory);
  for (const mode of [0o755, 0o770, 0o701, 0o777]) {
    chmodSync(directory, mode);
    refuses(new RegExp(`open to others.*mode ${mode.toString(8)}`));
  }
  chmodSync(directory, 0o700);
  assert.ok(claimPath(1, 0));
});

test("a symbolic link is refused, wherever it leads", { skip }, (t) => {
  const directory = place(t);
  const elsewhere = `${directory}-elsewhere`;
  mkdirSync(elsewhere, { mode: 0o700 });
  symlinkSync(elsewhere, directory);
  refuses(/symbolic link/);
});

test("a file is refused", { skip }, (t) => {
  writeFileSync(place(t), "");
  refuses(/no directory/);
});

test("a directory of another user is refused", {
  skip: skip || (uid !== 0 && "only root can give files away"),
}, (t) => {
  const directory = place(t);
  mkdirSync(directory, { mode: 0o700 });
  chownSync(directory, 12345, 12345);
  refuses(/belongs to the user 12345/);
});

test("a runtime directory that is not there, or not ours, is not used", { skip }, (t) => {
  const runtime = ownRuntime(t);
  for (const wrong of [`${runtime}/nothing`, "relative", ""]) {
    process.env.XDG_RUNTIME_DIR = wrong;
    assert.ok(claimPath(1, 0).endsWith(`zeromq-ts-${uid}/1-0.ipc`));
  }
});

test("socket files are found by their names, in order, and nothing else is", { skip }, (t) => {
  const directory = place(t);
  claimPath(1, 0);
  for (const name of ["20-1.ipc", "20-0.ipc", "3-0.ipc", "x-0.ipc", "3-0.ipc.aside", "0-1.ipc", "note.txt"])
    writeFileSync(join(directory, name), "");
  const ours = findSeats().filter(({ path }) => path.startsWith(directory));
  assert.deepEqual(
    ours.map(({ pid, threadId }) => [pid, threadId]),
    [
      [3, 0],
      [20, 0],
      [20, 1],
    ],
  );
});

test("a socket file is closed to others", { skip }, (t) => {
  const path = join(ownRuntime(t), "file");
  writeFileSync(path, "", { mode: 0o666 });
  closeToOthers(path);
  assert.equal(lstatSync(path).mode & 0o777, 0o600);
});

test("what is missing is told", { skip }, () => {
  assert.match(whatIsWrong("/nothing/here", uid) ?? "", /not there/);
});
