import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
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
  // Once more, for what changed in the same tick of the clock; then never.
  for (let look = 0; look < 3; look++) {
    now += 1000;
    await directory.find("key1");
    assert.equal(readCount, 2);
  }
  writeFileSync(join(path, "joe"), "key9 joe");
  now += 1000;
  assert.equal(await directory.find("key1"), undefined);
  assert.equal((await directory.find("key9"))?.metadata?.name, "joe");
  rmSync(join(path, "joe"));
  now += 1000;
  assert.equal(await directory.find("key9"), undefined);
});

test("a directory that is not there rejects, and is looked for again at once", async (t) => {
  const path = mkdtempSync(join(tmpdir(), "certificates-"));
  t.after(() => rmSync(path, { recursive: true }));
  const gone = join(path, "no such directory");
  const directory = new CertificateDirectory(gone, read);
  const missing = {
    name: "ZmqError",
    code: "ENOENT",
    message: /^Cannot read the certificates in .* no such/,
  };
  await assert.rejects(directory.find("key1"), missing);
  await assert.rejects(directory.find("key1"), missing);
  mkdirSync(gone);
  writeFileSync(join(gone, "joe"), "key1 joe");
  assert.equal((await directory.find("key1"))?.metadata?.name, "joe");
  const file = new CertificateDirectory(join(gone, "joe"), read);
  await assert.rejects(file.find("key1"), { name: "ZmqError", code: "ENOTDIR" });
});

test("symbolic links are followed to files, and lead nowhere without harm", async (t) => {
  const path = mkdtempSync(join(tmpdir(), "certificates-"));
  const elsewhere = mkdtempSync(join(tmpdir(), "elsewhere-"));
  t.after(() => [path, elsewhere].forEach((one) => rmSync(one, { recursive: true })));
  writeFileSync(join(elsewhere, "joe"), "key1 joe");
  symlinkSync(join(elsewhere, "joe"), join(path, "joe"));
  symlinkSync(join(elsewhere, "nobody"), join(path, "nobody"));
  const directory = new CertificateDirectory(path, read);
  assert.equal((await directory.find("key1"))?.metadata?.name, "joe");
  writeFileSync(join(elsewhere, "joe"), "key2 joe");
  now += 1000;
  assert.equal((await directory.find("key2"))?.metadata?.name, "joe");
});

test("files that come, go and change while it is read disturb nobody, and the last state counts", async (t) => {
  const path = mkdtempSync(join(tmpdir(), "certificates-"));
  t.after(() => rmSync(path, { recursive: true }));
  writeFileSync(join(path, "stays"), "stays stays");
  let isOver = false;
  const program = `
    const { mkdirSync, renameSync, rmSync, writeFileSync } = require("node:fs");
    const { join } = require("node:path");
    const { parentPort, workerData: path } = require("node:worker_threads");
    for (let round = 0; round < 400; round++) {
      const name = join(path, String(round % 7));
      writeFileSync(name + ".new", "key" + round + " joe");
      renameSync(name + ".new", name);
      const below = join(path, "below" + (round % 3));
      mkdirSync(below, { recursive: true });
      writeFileSync(join(below, "ann"), "ann" + round);
      if (round % 2 === 0) rmSync(below, { recursive: true });
      if (round % 5 === 0) rmSync(name);
    }
    writeFileSync(join(path, "last"), "last joe");
    writeFileSync(join(path, "last"), "lost joe");`;
  const worker = new Worker(program, { eval: true, workerData: path });
  const ended = new Promise<void>((resolve, reject) => {
    worker.on("error", reject);
    worker.on("exit", () => {
      isOver = true;
      resolve();
    });
  });
  const directory = new CertificateDirectory(path, read);
  for (let count = 0; !isOver || count < 10; count++) {
    now += 1000;
    assert.equal((await directory.find("stays"))?.metadata?.name, "stays");
    assert.equal(await directory.find("nobody"), undefined);
  }
  await ended;
  now += 1000;
  assert.equal(await directory.find("last"), undefined);
  assert.equal((await directory.find("lost"))?.metadata?.name, "joe");
});
