import assert from "node:assert/strict";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { test } from "node:test";
import { parseArguments } from "../../../../src/cli/arguments.ts";
import { UsageError } from "../../../../src/cli/command.ts";
import { Console } from "../../../../src/cli/console.ts";
import { oneRole, SECURITY_OPTIONS, toSecurity } from "../../../../src/cli/messaging/security.ts";
import { FakeSink } from "../fake-io.ts";
import { KeyFiles } from "./key-files.ts";

async function read(...args: string[]) {
  const stderr = new FakeSink();
  const source = {
    environment: { WORD: "secret" },
    console: new Console({ stdout: new FakeSink(), stderr }),
  };
  const security = await toSecurity(parseArguments(SECURITY_OPTIONS, args).values, source);
  return { security, settings: oneRole(security), said: stderr.text };
}

test("without options there is no mechanism", async () => {
  const { security, settings, said } = await read();
  assert.deepEqual([security, settings, said], [{ client: null, server: null, policy: null }, {}, ""]);
});

test("a client of CURVE has the server's key and keys of its own, or a fresh pair", async (t) => {
  const files = new KeyFiles(t);
  const server = await files.pair("server");
  const alice = await files.pair("alice");
  const wanted = { curveServerKey: server.publicKey, curveSecretKey: alice.secretKey };
  for (const own of [
    ["--curve-cert", files.path("alice")],
    ["--curve-secret-key", files.path("alice_secret")],
    ["--curve-secret-key", files.path("alice_secret"), "--curve-public-key", alice.publicKey],
  ])
    assert.deepEqual((await read("--curve-server-key", files.path("server"), ...own)).settings, wanted);
  const fresh = await read("--curve-server-key", server.publicKey);
  assert.equal(fresh.settings.curveServerKey, server.publicKey);
  assert.match(String(fresh.settings.curveSecretKey), /^.{40}$/);
});

test("a server of CURVE has its keys, and lets in all, or who is in a directory", async (t) => {
  const files = new KeyFiles(t);
  const { secretKey } = await files.pair("server");
  const keys = ["--curve-server", "--curve-cert", files.path("server")];
  const settings = { curveServer: true, curveSecretKey: secretKey };
  const open = await read(...keys);
  assert.deepEqual([open.settings, open.security.policy], [settings, null]);
  const named = await read(...keys, "--zap-domain", "d");
  assert.deepEqual(
    [named.settings, named.security.policy],
    [{ ...settings, zapDomain: "d" }, { curve: "any" }],
  );
  const directory = files.path("clients");
  mkdirSync(directory);
  const closed = await read(...keys, "--authorized-keys", directory);
  assert.deepEqual(closed.security.policy?.curve, { directory });
  assert.match(closed.said, /no public certificate in .*clients/);
  await files.pair("clients/alice");
  assert.equal((await read(...keys, "--authorized-keys", directory)).said, "");
});

test("certificates may be links to files elsewhere; what cannot be read is told with its code", async (t) => {
  const files = new KeyFiles(t);
  await files.pair("server");
  await files.pair("elsewhere");
  const directory = files.path("clients");
  mkdirSync(directory);
  const args = ["--curve-server", "--curve-cert", files.path("server"), "--authorized-keys", directory];
  symlinkSync(files.path("nothing"), files.path("clients/gone"));
  symlinkSync(files.folder, files.path("clients/folder"));
  symlinkSync(files.path("elsewhere_secret"), files.path("clients/own_secret"));
  assert.match((await read(...args)).said, /no public certificate/);
  symlinkSync(files.path("elsewhere"), files.path("clients/alice"));
  assert.equal((await read(...args)).said, "");
  rmSync(files.path("clients/alice"));
  symlinkSync("loop", files.path("clients/loop"));
  await assert.rejects(read(...args), (error: Error) => {
    assert.ok(error instanceof UsageError, error.stack);
    assert.match(error.message, /^--authorized-keys: \S*clients.loop cannot be read \(ELOOP\)\.$/);
    return true;
  });
});

test("PLAIN has a name and a password, or a file of them", async (t) => {
  const files = new KeyFiles(t);
  const client = await read("--plain-username", "joe", "--plain-password", "env:WORD");
  assert.deepEqual(client.settings, { plainUsername: "joe", plainPassword: "secret" });
  const file = files.write("passwords", "# who may come in\njoe=secret\n");
  const server = await read("--plain-server", "--passwords", file);
  assert.deepEqual(server.settings, { plainServer: true });
  assert.deepEqual(server.security.policy?.plain, { file });
});

test("what does not go together is refused with a sentence that names the options", async (t) => {
  const files = new KeyFiles(t);
  const { publicKey } = await files.pair("server");
  const cert = files.path("server");
  const empty = files.write("empty", "# nobody\n");
  const other = (await files.pair("other")).publicKey;
  const cases: [string[], RegExp][] = [
    [["--curve-server", "--plain-server"], /--curve-server and --plain-server exclude/],
    [["--curve-server-key", publicKey, "--plain-username", "x"], /exclude each other/],
    [["--curve-server"], /--curve-server needs the server's own keys/],
    [["--curve-cert", cert], /--curve-cert needs --curve-server or --curve-server-key/],
    [["--curve-server", "--curve-public-key", publicKey], /--curve-public-key needs --curve-secret-key/],
    [["--curve-server", "--curve-cert", cert, "--curve-public-key", publicKey], /exclude each other/],
    [["--curve-server", "--curve-cert", cert, "--curve-secret-key", cert], /exclude each other/],
    [
      ["--curve-server", "--curve-secret-key", `${cert}_secret`, "--curve-public-key", other],
      /not of one pair/,
    ],
    [
      ["--curve-server", "--curve-cert", cert, "--curve-server-key", publicKey],
      /the server of its mechanism or a client/,
    ],
    [["--plain-username", "x"], /--plain-username needs --plain-password/],
    [["--plain-password", "x"], /--plain-password needs --plain-username/],
    [["--plain-server"], /--plain-server needs --passwords/],
    [["--passwords", empty], /--passwords needs --plain-server/],
    [["--plain-server", "--passwords", empty], /no line name=password/],
    [["--plain-server", "--passwords", files.path("nothing")], /cannot be read \(ENOENT\)/],
    [["--authorized-keys", files.folder], /--authorized-keys needs --curve-server/],
    [["--curve-server", "--curve-cert", cert, "--authorized-keys", cert], /there is no directory/],
    [["--zap-domain", "d"], /--zap-domain needs --curve-server or --plain-server/],
    [["--zap-domain", "d", "--curve-server-key", publicKey], /clients have no domain/],
  ];
  for (const [args, sentence] of cases) {
    await assert.rejects(read(...args), (error: Error) => {
      assert.ok(error instanceof UsageError, error.stack);
      assert.match(error.message, sentence);
      return true;
    });
  }
});
