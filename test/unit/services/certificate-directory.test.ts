import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { installPlatform } from "../../../src/base/platform.ts";
import { CertificateDirectory } from "../../../src/services/certificate-directory.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";

let now = 0;
installPlatform({ ...nodePlatform, now: () => now });

function read(text: string): { publicKey: string; metadata: { name: string } } | undefined {
  if (text === "broken") throw new Error("broken");
  const [publicKey = "", name = ""] = text.split(" ");
  return publicKey === "none" ? undefined : { publicKey, metadata: { name } };
}

test("certificates are found by their keys, wherever below the directory, secret files left alone", async (t) => {
  const path = mkdtempSync(join(tmpdir(), "certificates-"));
  t.after(() => rmSync(path, { recursive: true }));
  mkdirSync(join(path, "below"));
  writeFileSync(join(path, "joe"), "key1 joe");
  writeFileSync(join(path, "below", "ann.key"), "key2 ann");
  writeFileSync(join(path, "joe_secret"), "key3 secret");
  writeFileSync(join(path, "other"), "broken");
  writeFileSync(join(path, "README"), "none");
  const directory = new CertificateDirectory(path, read);
  assert.equal((await directory.find("key1"))?.metadata?.name, "joe");
  const found = await Promise.all(["key2", "key3", ""].map((key) => directory.find(key)));
  assert.deepEqual(
    found.map((one) => one?.metadata?.name),
    ["ann", undefined, undefined],
  );
});

test("what came, went or changed is seen within a second, and not looked at before", async (t) => {
  const path = mkdtempSync(join(tmpdir(), "certificates-"));
  t.after(() => rmSync(path, { recursive: true }));
  let readCount = 0;
  const directory = new CertificateDirectory(path, (text) => {
    readCount++;
    return read(text);
  });
  assert.equal(await directory.find("key1"), undefined);
  writeFileSync(join(path, "joe"), "key1 joe");
  assert.equal(await directory.find("key1"), undefined);
  now += 1000;
  assert.equal((await directory.find("key1"))?.metadata?.name, "joe");
  assert.equal(readCount, 1);
  now += 1000;
  await directory.find("key1");
  assert.equal(readCount, 1);
  writeFileSync(join(path, "joe"), "key9 joe");
  now += 1000;
  assert.equal(await directory.find("key1"), undefined);
  assert.equal((await directory.find("key9"))?.metadata?.name, "joe");
  rmSync(join(path, "joe"));
  now += 1000;
  assert.equal(await directory.find("key9"), undefined);
});

test("a directory that is not there rejects, and is looked for again at once", async () => {
  const directory = new CertificateDirectory(join(tmpdir(), "no such directory"), read);
  await assert.rejects(directory.find("key1"), { code: "ENOENT" });
  await assert.rejects(directory.find("key1"), { code: "ENOENT" });
});
