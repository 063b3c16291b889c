// Keys and passwords of the command: between two commands, and with libzmq at the other end.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { curveKeyPair, readCertificate } from "../../src/index.ts";
import { availability, launchPeer } from "../interop/launch.ts";
import type { CommandEnd } from "./command.ts";
import { shell, zmq } from "./command.ts";

const settings = { timeout: 30_000 };

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "zeromq-ts-keys-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

/** Certificates by `zmq keygen`, all at once; answers their public keys. */
async function keygen(t: TestContext, path: string, ...names: string[]): Promise<string[]> {
  const ends = await Promise.all(names.map((name) => zmq(t, "keygen", name, "--out", path).ended));
  return ends.map(({ status, stdout, stderr }) => {
    assert.equal(status, 0, stderr);
    return stdout.toString().trim();
  });
}

function said({ stdout, stderr }: CommandEnd): string {
  return stdout.toString() + stderr;
}

test("two commands with keys of keygen: who is authorized comes in, and nobody else", settings, async (t) => {
  const path = folder(t);
  const [serverKey] = (await keygen(t, path, "server", "alice", "mallory")) as [string];
  mkdirSync(join(path, "clients"));
  renameSync(join(path, "alice"), join(path, "clients", "alice"));
  const rep = zmq(
    t,
    "rep",
    "@tcp://127.0.0.1:*",
    "--curve-server",
    "--curve-cert",
    join(path, "server"),
    "--authorized-keys",
    join(path, "clients"),
  );
  const endpoint = await rep.endpoint();
  const ask = (...args: string[]): Promise<CommandEnd> =>
    zmq(t, "req", endpoint, "hello", `--curve-server-key=${serverKey}`, ...args).ended;
  const [alice, mallory, stranger, wrong] = await Promise.all([
    ask("--curve-secret-key", join(path, "alice_secret")),
    ask("--curve-cert", join(path, "mallory")),
    ask(),
    zmq(t, "req", endpoint, "x", "--curve-server-key", join(path, "mallory"), "--json").ended,
  ]);
  assert.deepEqual([alice.status, alice.stdout.toString()], [0, "hello\n"], alice.stderr);
  for (const end of [mallory, stranger]) {
    assert.equal(end.status, 1);
    assert.match(end.stderr, /^zmq req: EACCES: The server at \S+ refused the credentials .*\(status 400\)/m);
  }
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /\{"error":"The server at \S+ ended 3 handshakes.*","code":"EACCES"\}/);
  rep.kill("SIGINT");
  const end = await rep.ended;
  assert.equal(end.stdout.toString(), "hello\n");
  for (const name of ["server", "alice", "mallory"]) {
    const { secretKey = "" } = await readCertificate(join(path, name));
    assert.equal(secretKey.length, 40);
    for (const one of [alice, mallory, stranger, wrong, end]) assert.ok(!said(one).includes(secretKey));
  }
});

test("keys that were tampered with are told from good ones", settings, async (t) => {
  const path = folder(t);
  await keygen(t, path, "alice", "bob");
  const [alice, bob] = ["alice_secret", "bob_secret"].map((name) => readFileSync(join(path, name), "utf8"));
  const { secretKey = "" } = await readCertificate(join(path, "bob"));
  const own = (await readCertificate(join(path, "alice"))).secretKey as string;
  const broken = {
    mixed: (alice as string).replace(own, () => secretKey),
    cut: (bob as string).replace(secretKey, () => secretKey.slice(1)),
    empty: "",
    binary: "\0\x01\x02",
  };
  const ends = await Promise.all(
    Object.entries(broken).map(async ([name, text]) => {
      writeFileSync(join(path, name), text, { mode: 0o600 });
      const args = ["--curve-server", "--curve-cert", join(path, name)];
      return { name, end: await zmq(t, "pull", "@tcp://127.0.0.1:*", ...args).ended };
    }),
  );
  for (const { name, end } of ends) {
    assert.equal(end.status, 2, name);
    assert.match(
      end.stderr,
      /^zmq pull: --curve-cert: the file is no certificate\. .* See: zmq pull --help\n$/,
    );
    assert.ok(!end.stderr.includes(secretKey.slice(1)));
  }
});

test(
  "a password comes from the environment, and a server that is asked says what it speaks",
  settings,
  async (t) => {
    const path = folder(t);
    writeFileSync(join(path, "passwords"), "joe=sesame\n", { mode: 0o600 });
    const server = ["--plain-server", "--passwords", join(path, "passwords")];
    const pull = zmq(t, "pull", "@tcp://127.0.0.1:*", "-n", "1", ...server);
    const endpoint = await pull.endpoint();
    const doctor = zmq(t, "doctor", endpoint).ended;
    const credentials = "--plain-username joe --plain-password env:WORD";
    const known = shell(t, `WORD=sesame zmq doctor ${endpoint} ${credentials} --as push`).ended;
    const refused = await shell(t, `WORD=swordfish zmq push ${endpoint} no ${credentials}`).ended;
    assert.deepEqual([refused.status, /EACCES/.test(refused.stderr)], [1, true], refused.stderr);
    assert.deepEqual([(await doctor).status, /mechanism +PLAIN/.test(said(await doctor))], [1, true]);
    assert.deepEqual([(await known).status, /A PULL socket/.test(said(await known))], [0, true]);
    const push = await shell(t, `WORD=sesame zmq push ${endpoint} yes ${credentials}`).ended;
    assert.equal(push.status, 0, push.stderr);
    const end = await pull.ended;
    assert.equal(end.stdout.toString(), "yes\n");
    for (const one of [refused, push, end, await known]) assert.doesNotMatch(said(one), /sesame|swordfish/);
  },
);

for (const kind of ["native", "pyzmq"] as const) {
  const { missing } = availability(kind);
  const guarded = { ...settings, skip: missing ?? false };

  test(`${kind}: CURVE, each side as server`, guarded, async (t) => {
    const path = folder(t);
    await keygen(t, path, "ours");
    const ours = await readCertificate(join(path, "ours"));
    const theirs = curveKeyPair();
    const peer = launchPeer(kind);
    t.after(() => peer.stop());
    const own = { curvePublicKey: theirs.publicKey, curveSecretKey: theirs.secretKey };

    const pull = zmq(
      t,
      "pull",
      "@tcp://127.0.0.1:*",
      "-n",
      "1",
      "--curve-server",
      "--curve-cert",
      join(path, "ours"),
    );
    const push = await peer.open("PUSH", { linger: 1_000, ...own, curveServerKey: ours.publicKey });
    await push.connect(await pull.endpoint());
    await push.send([["a", "b"]]);
    assert.equal((await pull.ended).stdout.toString(), "a\tb\n");

    const rep = await peer.open("REP", { linger: 0, curveServer: true, ...own });
    const endpoint = await rep.bind("tcp://127.0.0.1:*");
    const echoed = rep.echo(1);
    const keys = [`--curve-server-key=${theirs.publicKey}`, "--curve-cert", join(path, "ours")];
    const req = await zmq(t, "req", endpoint, "hi", ...keys).ended;
    assert.deepEqual([req.status, req.stdout.toString()], [0, "hi\n"], req.stderr);
    assert.equal(await echoed, 1);
    const wrong = await zmq(t, "req", endpoint, "hi", "--curve-server-key", join(path, "ours")).ended;
    assert.deepEqual([wrong.status, /ended 3 handshakes/.test(wrong.stderr)], [1, true], wrong.stderr);
  });

  test(`${kind}: a client of PLAIN`, guarded, async (t) => {
    const path = folder(t);
    writeFileSync(join(path, "passwords"), "joe=sesame\n", { mode: 0o600 });
    const server = ["--plain-server", "--passwords", join(path, "passwords")];
    const pull = zmq(t, "pull", "@tcp://127.0.0.1:*", "-n", "1", ...server);
    const peer = launchPeer(kind);
    t.after(() => peer.stop());
    const push = await peer.open("PUSH", { linger: 1_000, plainUsername: "joe", plainPassword: "sesame" });
    await push.connect(await pull.endpoint());
    await push.send([["in"]]);
    assert.equal((await pull.ended).stdout.toString(), "in\n");
  });
}

const PYTHON = process.env.PYTHON ?? "/usr/bin/python3";
const hasPython = spawnSync(PYTHON, ["-c", "import zmq.auth"], { timeout: 20_000 }).status === 0;

test("pyzmq reads the certificates of keygen, and the command those of pyzmq", {
  ...settings,
  skip: !hasPython && "no Python with zmq.auth",
}, async (t) => {
  const path = folder(t);
  const [publicKey] = await keygen(t, path, "ours");
  const script =
    "import sys, zmq.auth; print(*[k.decode() if k else '-' for f in sys.argv[2:] for k in zmq.auth.load_certificate(f)]); zmq.auth.create_certificates(sys.argv[1], 'theirs')";
  const files = [join(path, "ours"), join(path, "ours_secret")];
  const read = spawnSync(PYTHON, ["-c", script, path, ...files], { encoding: "utf8", timeout: 20_000 });
  const { secretKey } = await readCertificate(join(path, "ours"));
  assert.deepEqual(read.stdout.trim().split(" "), [publicKey, "-", publicKey, secretKey], read.stderr);
  const pull = zmq(
    t,
    "pull",
    "@tcp://127.0.0.1:*",
    "-n",
    "1",
    "--curve-server",
    "--curve-cert",
    join(path, "theirs.key_secret"),
  );
  const args = ["--curve-server-key", join(path, "theirs.key")];
  const push = await zmq(t, "push", await pull.endpoint(), "x", ...args).ended;
  assert.deepEqual([push.status, (await pull.ended).stdout.toString()], [0, "x\n"], push.stderr);
});
