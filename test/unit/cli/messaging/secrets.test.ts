import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { UsageError } from "../../../../src/cli/command.ts";
import { Console } from "../../../../src/cli/console.ts";
import {
  readKeyPair,
  readPublicKey,
  readSecret,
  readSecretKey,
} from "../../../../src/cli/messaging/secrets.ts";
import { FakeSink } from "../fake-io.ts";
import { KeyFiles } from "./key-files.ts";

function sourceOf(environment: Record<string, string> = {}) {
  const stderr = new FakeSink();
  return { environment, console: new Console({ stdout: new FakeSink(), stderr }), stderr };
}

test("a password is itself, a variable, or the first line of a file", async (t) => {
  const files = new KeyFiles(t);
  const source = sourceOf({ WORD: "from env" });
  assert.equal(await readSecret("plain-password", "env:WORD", source), "from env");
  const path = files.write("word", "from file\nmore\n");
  assert.equal(await readSecret("plain-password", `file:${path}`, source), "from file");
  assert.equal(source.stderr.text, "");
  assert.equal(await readSecret("plain-password", "open sesame", source), "open sesame");
  assert.match(source.stderr.text, /--plain-password says can be seen/);
  assert.doesNotMatch(source.stderr.text, /sesame/);
});

test("a secret key comes from a certificate, a file with nothing else, a variable, or is itself", async (t) => {
  const files = new KeyFiles(t);
  const { secretKey } = await files.pair("alice");
  const bare = files.write("bare", `${secretKey}\n`);
  const source = sourceOf({ KEY: secretKey });
  for (const given of [files.path("alice_secret"), `file:${bare}`, bare, "env:KEY"])
    assert.equal(await readSecretKey("curve-secret-key", given, source), secretKey);
  assert.equal(source.stderr.text, "");
  assert.equal(await readSecretKey("curve-secret-key", secretKey, source), secretKey);
  assert.match(source.stderr.text, /can be seen by all users/);
  assert.ok(!source.stderr.text.includes(secretKey));
});

test("a public key is itself, or in a certificate of either kind", async (t) => {
  const files = new KeyFiles(t);
  const { publicKey } = await files.pair("alice");
  for (const given of [publicKey, files.path("alice"), files.path("alice_secret")])
    assert.equal(await readPublicKey("curve-server-key", given), publicKey);
});

test("both keys are found by the name of the public certificate", async (t) => {
  const files = new KeyFiles(t);
  const pair = await files.pair("alice");
  const source = sourceOf();
  for (const name of ["alice", "alice_secret"])
    assert.deepEqual(await readKeyPair("curve-cert", files.path(name), source), pair);
  files.write("alone", readFileSync(files.path("alice"), "utf8"));
  await assert.rejects(
    readKeyPair("curve-cert", files.path("alone"), source),
    /alone is a public certificate/,
  );
  assert.equal(source.stderr.text, "");
});

test("a secret that others may read is warned of", { skip: process.platform === "win32" }, async (t) => {
  const files = new KeyFiles(t);
  const { secretKey } = await files.pair("alice");
  const open = files.write("open", secretKey, 0o644);
  const source = sourceOf();
  await readSecretKey("curve-secret-key", open, source);
  assert.match(source.stderr.text, /warning: .*open holds a secret.*chmod 600/);
});

test("no sentence repeats what may be a secret", async (t) => {
  const files = new KeyFiles(t);
  const { secretKey } = await files.pair("alice");
  const slip = secretKey.slice(1);
  const source = sourceOf({ SLIP: slip });
  const broken = files.write("broken", `curve\n    public-key = "x"\n    secret-key = "${slip}"\n`);
  const cases: (() => Promise<unknown>)[] = [
    () => readSecretKey("curve-secret-key", slip, source),
    () => readSecretKey("curve-secret-key", "env:SLIP", source),
    () => readSecretKey("curve-secret-key", "env:NOTHING", source),
    () => readSecretKey("curve-secret-key", broken, source),
    () => readSecretKey("curve-secret-key", files.path("alice"), source),
    () => readKeyPair("curve-cert", broken, source),
    () => readKeyPair("curve-cert", files.path("nobody"), source),
    () => readPublicKey("curve-server-key", slip),
    () => readSecret("plain-password", "env:NOTHING", source),
    () => readSecret("plain-password", `file:${files.path("nothing")}`, source),
  ];
  for (const read of cases) {
    await assert.rejects(read, (error: Error) => {
      assert.ok(error instanceof UsageError, error.stack);
      assert.match(error.message, /^--[a-z-]+: .*\.$/);
      assert.ok(!error.message.includes(slip), error.message);
      return true;
    });
  }
});
