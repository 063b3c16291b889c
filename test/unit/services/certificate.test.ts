import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { curveKeyPair } from "../../../src/crypto/key-pair.ts";
import {
  formatCertificate,
  parseCertificate,
  readCertificate,
  writeCertificate,
} from "../../../src/services/certificate.ts";

const pair = {
  publicKey: "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
  secretKey: "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs",
};

/** As CZMQ writes it. */
const CZMQ_SECRET = `#   ****  Generated on 2026-01-01 00:00:00 by CZMQ  ****
#   ZeroMQ CURVE **Secret** Certificate
#   DO NOT PROVIDE THIS FILE TO OTHER USERS nor change its permissions.

metadata
    name = "Pieter"
    organization = "iMatix"
curve
    public-key = "${pair.publicKey}"
    secret-key = "${pair.secretKey}"
`;

/** As pyzmq writes it. */
const PYZMQ_PUBLIC = `#   ****  Generated on 2026-01-01 00:00:00.123456 by pyzmq  ****
#   ZeroMQ CURVE Public Certificate
#   Exchange securely, or use a secure mechanism to verify the contents
#   of this file after exchange. Store public certificates in your home
#   directory, in the .curve subdirectory.

metadata
curve
    public-key = "${pair.publicKey}"
`;

test("files of CZMQ and pyzmq are read", () => {
  const secret = parseCertificate(CZMQ_SECRET);
  assert.equal(secret.publicKey, pair.publicKey);
  assert.equal(secret.secretKey, pair.secretKey);
  assert.deepEqual(secret.metadata, { name: "Pieter", organization: "iMatix" });
  const open = parseCertificate(PYZMQ_PUBLIC);
  assert.deepEqual([open.publicKey, open.secretKey, open.metadata], [pair.publicKey, undefined, {}]);
});

test("nothing shows the secret key of a certificate but itself", () => {
  const secret = parseCertificate(CZMQ_SECRET);
  assert.ok(!JSON.stringify(secret).includes("secretKey"));
  assert.ok(!inspect(secret).includes(pair.secretKey));
});

test("what is no certificate is EINVAL, and repeats nothing", () => {
  for (const wrong of [
    "",
    "curve\n    public-key = 1",
    `public-key = "${pair.publicKey}"`,
    CZMQ_SECRET.replace(pair.publicKey, curveKeyPair().publicKey),
    CZMQ_SECRET.replace(pair.secretKey, pair.secretKey.slice(1)),
  ]) {
    assert.throws(
      () => parseCertificate(wrong),
      (error: Error & { code: string }) =>
        error.code === "EINVAL" && !error.message.includes(pair.secretKey.slice(1)),
    );
  }
  assert.throws(() => formatCertificate({ publicKey: "short" }), { code: "EINVAL" });
  assert.throws(() => formatCertificate({ publicKey: pair.publicKey }, true), { code: "EINVAL" });
});

test("a pair of files: the secret one is its owner's alone, the public one has no secret", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "certificates-"));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, "alice");
  await writeFile(`${path}_secret`, "old", { mode: 0o666 });
  await writeCertificate(path, { ...pair, metadata: { name: "Alice" } });
  assert.equal((await stat(`${path}_secret`)).mode & 0o777, 0o600);
  assert.ok(!(await readFile(path, "utf8")).includes(pair.secretKey));
  const both = await readCertificate(path);
  assert.deepEqual(
    [both.publicKey, both.secretKey, both.metadata],
    [pair.publicKey, pair.secretKey, { name: "Alice" }],
  );
  await rm(`${path}_secret`);
  assert.equal((await readCertificate(path)).secretKey, undefined);
});

test("files that cannot be read or written are told with the path, the reason and what to do", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "certificates-"));
  t.after(() => rm(directory, { recursive: true }));
  const nobody = join(directory, "nobody");
  await assert.rejects(readCertificate(nobody), {
    name: "ZmqError",
    code: "ENOENT",
    message: `Cannot read the certificate ${nobody}: there is no such file or directory. Check the path; it is looked for from the working directory of the process on.`,
  });
  await assert.rejects(readCertificate(directory), {
    name: "ZmqError",
    code: "EINVAL",
    message: /directory/,
  });
  await assert.rejects(writeCertificate(join(nobody, "alice"), pair), { name: "ZmqError", code: "ENOENT" });
  await writeFile(join(directory, "file"), "");
  await assert.rejects(writeCertificate(join(directory, "file", "a"), pair), { code: "ENOTDIR" });
  await assert.rejects(writeCertificate(directory, { publicKey: pair.publicKey }), { name: "ZmqError" });
  assert.deepEqual(await readdir(directory), ["file"], "nothing half done stays");
});

test("a file that only its owner may read is not read by others", async (t) => {
  if (process.getuid?.() === 0) return t.skip("root may read everything");
  const directory = await mkdtemp(join(tmpdir(), "certificates-"));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, "alice_secret"), CZMQ_SECRET, { mode: 0o000 });
  await assert.rejects(readCertificate(join(directory, "alice")), {
    name: "ZmqError",
    code: "EACCES",
    message: /does not allow it\. Check whose the file/,
  });
});

test("two that write one certificate at once leave one of the two, whole", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "certificates-"));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, "alice");
  const pairs = Array.from({ length: 8 }, () => curveKeyPair());
  await Promise.all(pairs.map(({ publicKey }) => writeCertificate(path, { publicKey })));
  const { publicKey } = await readCertificate(path);
  assert.ok(pairs.some((one) => one.publicKey === publicKey));
  assert.deepEqual(await readdir(directory), ["alice"]);
});
