import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { inspect } from "node:util";
import type { AuthenticatorOptions } from "../../../src/index.ts";
import { Authenticator, Context, Dealer, Pull, Push, Reply, Request } from "../../../src/index.ts";
import { formatCertificate } from "../../../src/services/certificate.ts";
import { ownContext } from "../../peers/own-context.ts";
import { anyEndpoint, closing, until } from "../../peers/sockets.ts";

const KEY = "HelloWorld".repeat(4);
const KEY_OCTETS = Buffer.from("864fd26fb559f75b".repeat(4), "hex");
const ZAP = "inproc://zeromq.zap.01";

/** An authenticator in a context of its own. */
function made(
  t: TestContext,
  options: AuthenticatorOptions,
): { context: Context; authenticator: Authenticator } {
  const context = ownContext();
  const authenticator = new Authenticator({ context, ...options });
  t.after(() => authenticator.close());
  return { context, authenticator };
}

/** Asks it as a server would; status, text and user id of the reply. */
class Server {
  readonly #socket: Request;

  constructor(t: TestContext, context: Context) {
    this.#socket = closing(t, new Request({ context, receiveTimeout: 2000 }));
    this.#socket.connect(ZAP);
  }

  async ask(mechanism: string, credentials: (string | Buffer)[], address = "10.0.0.1"): Promise<string> {
    await this.#socket.send(["1.0", "7", "domain", address, "", mechanism, ...credentials]);
    const [version, id, status, text, userId] = (await this.#socket.receive()).map(String);
    assert.deepEqual([version, id], ["1.0", "7"]);
    return `${status} ${text} ${userId}`.trim();
  }

  plain(username: string, password: string): Promise<string> {
    return this.ask("PLAIN", [username, password]);
  }
}

test("without policies NULL comes in, PLAIN and CURVE and what nobody knows do not", async (t) => {
  const { context } = made(t, {});
  const server = new Server(t, context);
  assert.equal(await server.ask("NULL", []), "200 OK");
  assert.equal(await server.plain("joe", "secret"), "400 PLAIN is not allowed");
  assert.equal(await server.ask("CURVE", [KEY_OCTETS]), "400 CURVE is not allowed");
  assert.equal(await server.ask("GSSAPI", ["joe"]), "400 Unknown mechanism or credentials");
  assert.equal(await server.ask("PLAIN", ["joe"]), "400 Unknown mechanism or credentials");
});

test("addresses: allow goes before deny, ranges and ipc count, and both may change", async (t) => {
  const { context, authenticator } = made(t, { deny: ["10.0.0.0/8", "2001:db8::/32"] });
  const server = new Server(t, context);
  const from = (address: string) => server.ask("NULL", [], address);
  assert.equal(await from("10.1.2.3"), "400 Address is denied");
  assert.equal(await from("2001:db8::1"), "400 Address is denied");
  assert.equal(await from("11.1.2.3"), "200 OK");
  assert.equal(await from(""), "200 OK");
  authenticator.allow("10.0.0.1");
  assert.equal(await from("10.0.0.1"), "200 OK");
  assert.equal(await from("::ffff:10.0.0.1"), "200 OK");
  assert.equal(await from("11.1.2.3"), "400 Address is not allowed");
  assert.equal(await from(""), "400 Address is not allowed");
  authenticator.allow("ipc");
  assert.equal(await from(""), "200 OK");
  assert.equal(await from("10.0.0.1"), "400 Address is not allowed");
  authenticator.allow();
  authenticator.deny("ipc");
  assert.equal(await from(""), "400 Address is denied");
  assert.equal(await from("10.0.0.1"), "200 OK");
  assert.throws(() => authenticator.deny("localhost"), { code: "EINVAL" });
});

test("PLAIN by a map, which may change", async (t) => {
  const passwords = new Map([
    ["joe", "secret"],
    ["empty", ""],
  ]);
  const { context } = made(t, { plain: passwords });
  const server = new Server(t, context);
  const wrong = "400 Wrong user name or password";
  assert.equal(await server.plain("joe", "secret"), "200 OK joe");
  assert.equal(await server.plain("empty", ""), "200 OK empty");
  for (const password of ["", "secre", "secret ", "Secret", "secret\0"])
    assert.equal(await server.plain("joe", password), wrong);
  for (const name of ["", "Joe", "__proto__", "toString"])
    assert.equal(await server.plain(name, "secret"), wrong);
  passwords.set("joe", "newer");
  assert.equal(await server.plain("joe", "secret"), wrong);
  assert.equal(await server.plain("joe", "newer"), "200 OK joe");
});

test("PLAIN by a file, which may change; 500 while it cannot be read", async (t) => {
  const path = join(mkdtempSync(join(tmpdir(), "authenticator-")), "users");
  t.after(() => rmSync(join(path, ".."), { recursive: true }));
  const errors: unknown[] = [];
  const { context } = made(t, { plain: { file: path }, onError: (error) => errors.push(error) });
  const server = new Server(t, context);
  assert.equal(await server.plain("joe", "secret"), "500 The authenticator failed");
  assert.equal((errors[0] as { code?: string }).code, "ENOENT");
  writeFileSync(path, "joe=secret\n");
  assert.equal(await server.plain("joe", "secret"), "200 OK joe");
  writeFileSync(path, "ann=secret2\n");
  assert.equal(await server.plain("joe", "secret"), "400 Wrong user name or password");
  assert.equal(await server.plain("ann", "secret2"), "200 OK ann");
});

test("CURVE by a set, any, a directory", async (t) => {
  const keys = new Set([KEY]);
  const known = new Server(t, made(t, { curve: keys }).context);
  assert.equal(await known.ask("CURVE", [KEY_OCTETS]), `200 OK ${KEY}`);
  assert.equal(await known.ask("CURVE", [Buffer.alloc(32)]), "400 Unknown key");
  keys.delete(KEY);
  assert.equal(await known.ask("CURVE", [KEY_OCTETS]), "400 Unknown key");
  const any = new Server(t, made(t, { curve: "any" }).context);
  assert.equal(await any.ask("CURVE", [Buffer.alloc(32)]), `200 OK ${"0".repeat(40)}`);
  const directory = mkdtempSync(join(tmpdir(), "authenticator-"));
  t.after(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "joe"), formatCertificate({ publicKey: KEY, metadata: { name: "joe" } }));
  const listed = new Server(t, made(t, { curve: { directory } }).context);
  assert.equal(await listed.ask("CURVE", [KEY_OCTETS]), `200 OK ${KEY}`);
  assert.equal(await listed.ask("CURVE", [Buffer.alloc(32)]), "400 Unknown key");
  const read = (text: string) => ({ publicKey: text.trim() });
  writeFileSync(join(directory, "joe"), `${KEY}\n`);
  const other = new Server(t, made(t, { curve: { directory, read } }).context);
  assert.equal(await other.ask("CURVE", [KEY_OCTETS]), `200 OK ${KEY}`);
});

test("callbacks are told everything and may answer later, in any order", async (t) => {
  const pending: (() => void)[] = [];
  const { context } = made(t, {
    plain: ({ username, password, domain, address }) =>
      new Promise((resolve) => pending.push(() => resolve(`${username} ${password} ${domain} ${address}`))),
  });
  const servers = [0, 1, 2].map(() => new Server(t, context));
  const answers = servers.map((server, i) => server.plain(`user${i}`, "x"));
  await until("three questions", () => pending.length === 3);
  for (const resolve of pending.reverse()) resolve();
  assert.deepEqual(
    await Promise.all(answers),
    [0, 1, 2].map((i) => `200 OK user${i} x domain 10.0.0.1`),
  );
});

test("a callback that throws, rejects or answers nonsense is 500, and its secrets are not shown", async (t) => {
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(String(warning.message));
  process.on("warning", onWarning);
  t.after(() => process.off("warning", onWarning));
  const results: (() => never | Promise<never> | { userId: string } | null)[] = [
    () => {
      throw new TypeError("hunter2");
    },
    () => Promise.reject(new Error("hunter2")),
    () => ({ userId: "x".repeat(300) }),
    () => null,
  ];
  let at = 0;
  const { context, authenticator } = made(t, { plain: () => results[at++]?.() as never });
  const server = new Server(t, context);
  for (const _ of results) assert.equal(await server.plain("joe", "hunter2"), "500 The authenticator failed");
  await until("the warning", () => warnings.length > 0);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] as string, /TypeError/);
  assert.doesNotMatch(warnings.join(), /hunter2/);
  assert.doesNotMatch(
    inspect(authenticator, { depth: 9, showHidden: true }) + JSON.stringify(authenticator),
    /hunter2/,
  );
});

test("an onError that throws changes nothing", async (t) => {
  const fail = (): never => {
    throw new Error("again");
  };
  const { context } = made(t, { plain: fail, onError: fail });
  assert.equal(await new Server(t, context).plain("joe", "x"), "500 The authenticator failed");
});

test("what is no request is passed over, and envelopes go back as they came", async (t) => {
  const { context } = made(t, {});
  const dealer = closing(t, new Dealer({ context, receiveTimeout: 2000 }));
  dealer.connect(ZAP);
  for (const nonsense of [
    ["x"],
    [""],
    ["", "1.0"],
    ["", "2.0", "1", "", "", "", "NULL"],
    [""],
    ["", "1.0", "", "", "", ""],
  ])
    await dealer.send(nonsense);
  await dealer.send(["via1", "via2", "", "1.0", "id", "", "10.0.0.1", "", "NULL"]);
  assert.deepEqual((await dealer.receive()).map(String), [
    "via1",
    "via2",
    "",
    "1.0",
    "id",
    "200",
    "OK",
    "",
    "",
  ]);
});

test("a context has one, wrong options are refused, and its name is free again after close", async (t) => {
  const { context, authenticator } = made(t, {});
  assert.throws(() => new Authenticator({ context }), { code: "EADDRINUSE" });
  for (const wrong of [
    { plain: {} },
    { plain: null },
    { plain: "x" },
    { curve: ["x"] },
    { curve: new Set(["too short"]) },
    { curve: new Set([KEY_OCTETS]) },
    { curve: { directory: "/tmp", read: "utf8" } },
    { curve: { directory: 7 } },
    { allow: ["nowhere"] },
  ]) {
    const options = { context: new Context(), ...wrong } as unknown as AuthenticatorOptions;
    assert.throws(() => new Authenticator(options), { code: "EINVAL" }, inspect(wrong));
  }
  assert.equal(authenticator.closed, false);
  await authenticator.close();
  assert.equal(authenticator.closed, true);
  await authenticator.close();
  const handler = closing(t, new Reply({ context }));
  await handler.bind(ZAP);
});

test("peers show their user id and metadata, and come in only while there is an authenticator", async (t) => {
  const { context, authenticator } = made(t, {
    plain: ({ username }) => ({ userId: `id of ${username}`, metadata: { Level: "9" } }),
  });
  const server = closing(t, new Pull({ context, plainServer: true }));
  await server.bind(anyEndpoint("tcp"));
  const errors: string[] = [];
  server.events.on("handshake:error:other", ({ error }) =>
    errors.push((error as { code?: string }).code ?? ""),
  );
  const client = closing(t, new Push({ context, plainUsername: "joe", plainPassword: "x" }));
  client.connect(server.lastEndpoint as string);
  await client.send("hello");
  assert.equal(String(await server.receive()), "hello");
  const [peer] = server.peers;
  assert.equal(peer?.userId, "id of joe");
  assert.deepEqual([...(peer?.metadata ?? [])].map(String), ["Level,9"]);
  assert.deepEqual([client.peers[0]?.userId, client.peers[0]?.metadata.size], [undefined, 0]);
  await authenticator.close();
  const late = closing(t, new Push({ context, plainUsername: "joe", plainPassword: "x" }));
  late.connect(server.lastEndpoint as string);
  await until("the refusal", () => errors.length > 0);
  assert.equal(errors[0], "EFAULT");
  assert.equal(server.peers.length, 1);
});
