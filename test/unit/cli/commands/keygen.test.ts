import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { EXIT } from "../../../../src/cli/command.ts";
import { parseCertificate, readCertificate } from "../../../../src/index.ts";
import { zmq } from "../fake-io.ts";
import { KeyFiles } from "../messaging/key-files.ts";

/** The command, and that it shows no secret. */
async function keygen(t: TestContext, exitCode: number, ...args: string[]) {
  return zmq(t, "keygen", ...args).ends(exitCode);
}

test("it writes both certificates, the secret one for its owner alone, and prints the public key", async (t) => {
  const files = new KeyFiles(t);
  const run = await keygen(t, EXIT.ok, "alice", "email=a@b", "--out", files.folder);
  const { publicKey, secretKey, metadata } = await readCertificate(files.path("alice"));
  assert.deepEqual(run.out.lines, [publicKey]);
  assert.deepEqual(metadata, { name: "alice", email: "a@b" });
  assert.ok(secretKey !== undefined && !(run.out.text + run.err.text).includes(secretKey));
  const open = parseCertificate(readFileSync(files.path("alice"), "utf8"));
  assert.deepEqual([open.publicKey, open.secretKey], [publicKey, undefined]);
  if (process.platform !== "win32") assert.equal(statSync(files.path("alice_secret")).mode & 0o777, 0o600);
});

test("--json has the key and the files; a new directory is made; a file is named by --out", async (t) => {
  const files = new KeyFiles(t);
  const run = await keygen(t, EXIT.ok, "bob", "--out", `${files.path("keys")}/`, "--json");
  const publicFile = join(`${files.path("keys")}/`, "bob");
  const { publicKey } = await readCertificate(publicFile);
  assert.deepEqual(run.out.values, [
    { publicKey, publicFile, secretFile: `${publicFile}_secret`, metadata: { name: "bob" } },
  ]);
  const named = await keygen(t, EXIT.ok, "--out", files.path("laptop.cert"));
  assert.equal((await readCertificate(files.path("laptop.cert"))).publicKey, named.out.lines[0]);
});

test("what is there stays, unless --force says otherwise", async (t) => {
  const files = new KeyFiles(t);
  for (const taken of ["a", "b_secret"]) files.write(taken, "precious");
  for (const name of ["a", "b"]) {
    const run = await keygen(t, EXIT.failure, name, "--out", files.folder);
    assert.match(run.err.text, /EEXIST: .* is there already, and nothing was written/);
  }
  assert.equal(readFileSync(files.path("a"), "utf8"), "precious");
  await keygen(t, EXIT.ok, "b", "--out", files.folder, "--force");
  assert.equal((await readCertificate(files.path("b"))).secretKey?.length, 40);
});

test("what cannot be meant is a usage error", async (t) => {
  const files = new KeyFiles(t);
  const cases: [string[], RegExp][] = [
    [[], /Say whose keys/],
    [["--out", files.folder], /is a directory: say whose/],
    [["a", "b", "--out", files.folder], /One name/],
    [["../a"], /--out says where/],
    [["a", "=x"], /no metadata/],
    [["a", "odd name=x", "--out", files.folder], /no name of ZPL/],
    [["a", "--out", files.path("no/where")], /There is no directory/],
  ];
  for (const [args, sentence] of cases) {
    const run = await keygen(t, EXIT.usage, ...args);
    assert.match(run.err.text, sentence);
  }
});
