// pyzmq's ThreadAuthenticator judges our clients, and its certificate files and ours are one thing.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  Authenticator,
  Context,
  curveKeyPair,
  Pull,
  Push,
  readCertificate,
  writeCertificate,
} from "../../src/index.ts";
import type { OptionSpec } from "./driver.ts";
import { availability } from "./launch.ts";
import { PeerProcess, sourcePath } from "./peer-process.ts";

const { missing, python = "" } = availability("pyzmq");

/** Ends with the outcome of a client's first message: `in` as somebody, or how it was refused. */
async function outcomeOf(server: PeerProcess, endpoint: string, options: object): Promise<string> {
  const client = new Push({ linger: 0, reconnectInterval: 60_000, ...options });
  try {
    const refused = new Promise<string>((resolve) => {
      client.events.on("handshake:error:auth", ({ error }) => resolve(`status ${error.status}`));
      client.events.on("handshake:error:protocol", ({ error }) => resolve(error.code));
      client.events.on("handshake:error:other", ({ error }) => resolve(error.message));
    });
    client.connect(endpoint);
    const entered = client.waitForPeers(1, { timeoutMs: 5000 }).then(
      () => undefined,
      () => "nothing happened",
    );
    const outcome = await Promise.race([refused, entered]);
    if (outcome !== undefined) return outcome;
    await client.send("hello");
    const [message] = (await server.run({ op: "receive", options: { timeoutMs: 5000 } })).messages ?? [];
    assert.equal(message?.[0], "hello");
    return `in as ${message?.[1]}`;
  } finally {
    await client.close();
  }
}

describe("pyzmq's authenticator", { skip: missing ?? false }, () => {
  const directory = mkdtempSync(join(tmpdir(), "certificates-"));
  const peer = missing === undefined ? new PeerProcess(python, [sourcePath("pyzmq-authenticator.py")]) : null;
  const theirs = peer as PeerProcess;
  after(async () => {
    await peer?.leave(5000);
    rmSync(directory, { recursive: true, force: true });
  });

  const serve = async (options: OptionSpec): Promise<string> =>
    (await theirs.run({ op: "serve", options })).endpoint as string;

  test("PLAIN: our client with the password comes in, without it it is told 400", async () => {
    const endpoint = await serve({ mechanism: "PLAIN", username: "joe", password: "secret" });
    const client = (plainUsername: string, plainPassword: string) =>
      outcomeOf(theirs, endpoint, { plainUsername, plainPassword });
    assert.equal(await client("joe", "secret"), "in as joe");
    assert.equal(await client("joe", "wrong"), "status 400");
    assert.equal(await client("ann", "secret"), "status 400");
    assert.equal(await client(" ", " "), "status 400");
  });

  test("NULL: addresses that are denied, and addresses that are not allowed, are told 400", async () => {
    const outcome = async (options: OptionSpec) =>
      outcomeOf(theirs, await serve({ mechanism: "NULL", ...options }), {});
    assert.match(await outcome({}), /^in as /);
    assert.match(await outcome({ allow: "127.0.0.1" }), /^in as /);
    assert.equal(await outcome({ deny: "127.0.0.1" }), "status 400");
    assert.equal(await outcome({ allow: "10.0.0.1 10.0.0.2" }), "status 400");
  });

  test("CURVE: a directory of certificates that writeCertificate made admits those in it", async () => {
    const known = join(directory, "known");
    await mkdir(known);
    const [server, alice, stranger] = [curveKeyPair(), curveKeyPair(), curveKeyPair()];
    await writeCertificate(join(directory, "server.key"), server);
    await writeCertificate(join(known, "alice.key"), { ...alice, metadata: { name: "Alice", age: "7" } });
    const loaded = await theirs.run({ op: "load", options: { directory: known } });
    assert.deepEqual(loaded.messages, [[alice.publicKey]]);
    const pair = await theirs.run({ op: "load-pair", options: { path: join(known, "alice.key_secret") } });
    assert.deepEqual(pair.messages, [[alice.publicKey, alice.secretKey]]);

    const certificate = join(directory, "server.key_secret");
    const endpoint = await serve({ mechanism: "CURVE", certificate, directory: known });
    const client = ({ secretKey }: { secretKey: string }, curveServerKey = server.publicKey) =>
      outcomeOf(theirs, endpoint, { curveServerKey, curveSecretKey: secretKey });
    assert.equal(await client(alice), `in as ${alice.publicKey}`);
    assert.equal(await client(stranger), "status 400");
    assert.match(await client(alice, stranger.publicKey), /closed the connection/);
    const anybody = await serve({ mechanism: "CURVE", certificate });
    const options = { curveServerKey: server.publicKey, curveSecretKey: stranger.secretKey };
    assert.match(await outcomeOf(theirs, anybody, options), /^in as /);
  });

  test("our Authenticator: certificates that pyzmq made admit their owner, ours or pyzmq's, and nobody else; so does PLAIN", async () => {
    const made = join(directory, "made");
    await mkdir(made);
    await theirs.run({ op: "create", options: { directory: made, name: "bob" } });
    const bob = await readCertificate(join(made, "bob.key"));
    assert.equal(bob.secretKey?.length, 40);
    assert.deepEqual(bob.metadata, { organization: "iMatix & Co" });
    const stranger = join(directory, "stranger");
    await mkdir(stranger);
    await theirs.run({ op: "create", options: { directory: stranger, name: "eve" } });

    const context = new Context();
    const plain = new Map([["joe", "secret"]]);
    const authenticator = new Authenticator({ context, curve: { directory: made }, plain });
    const { publicKey: serverKey, secretKey } = curveKeyPair();
    const curve = new Pull({ context, curveServer: true, curveSecretKey: secretKey, receiveTimeout: 5000 });
    const clear = new Pull({ context, plainServer: true, receiveTimeout: 5000 });
    const ours = new Push({ curveServerKey: serverKey, curveSecretKey: bob.secretKey as string, linger: 0 });
    const refusals: number[] = [];
    for (const server of [curve, clear])
      server.events.on("handshake:error:auth", ({ error }) => refusals.push(error.status));
    const knock = (server: Pull, options: OptionSpec) =>
      theirs.run({
        op: "knock",
        options: { endpoint: server.lastEndpoint, timeoutMs: 1000, serverKey, ...options },
      });
    try {
      await Promise.all([curve, clear].map((server) => server.bind("tcp://127.0.0.1:*")));
      ours.connect(curve.lastEndpoint as string);
      await ours.send("hello");
      assert.equal(String(await curve.receive()), "hello");
      await knock(curve, { certificate: join(made, "bob.key_secret") });
      assert.equal(String(await curve.receive()), "hello");
      await knock(clear, { username: "joe", password: "secret" });
      assert.equal(String(await clear.receive()), "hello");
      assert.deepEqual(refusals, []);
      await knock(curve, { certificate: join(stranger, "eve.key_secret") });
      await knock(clear, { username: "joe", password: "wrong" });
      assert.deepEqual(refusals, [400, 400]);
      assert.deepEqual([curve.tryReceive(), clear.tryReceive()], [undefined, undefined]);
    } finally {
      await Promise.all([ours, curve, clear, authenticator].map((one) => one.close()));
      await context.terminate();
    }
  });
});
