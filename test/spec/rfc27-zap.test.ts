// 27/ZAP, sentence by sentence; ledger/rfc27.json says which test holds which.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import type { Context } from "../../src/index.ts";
import { Authenticator, curveKeyPair, Dealer, Pull, Push, Reply, Router } from "../../src/index.ts";
import { property } from "../peers/octets.ts";
import { ownContext } from "../peers/own-context.ts";
import { within } from "../peers/raw-peer.ts";
import { closing, until } from "../peers/sockets.ts";

const ZAP = "inproc://zeromq.zap.01";
const CLIENT = { plainUsername: "joe", plainPassword: "secret", linger: 0 } as const;
type Frames = (string | Buffer)[];

/** A server with these options, and a client that wants to come in. */
async function open(
  t: TestContext,
  context: Context,
  {
    server = { plainServer: true } as object,
    client = CLIENT as object,
    endpoint = "tcp://127.0.0.1:*",
  } = {},
): Promise<{ server: Pull; client: Push; errors: string[] }> {
  const pull = closing(t, new Pull({ context, ...server }));
  const errors: string[] = [];
  pull.events.on("handshake:error:protocol", ({ error }) => errors.push(error.code as string));
  pull.events.on("handshake:error:auth", ({ error }) => errors.push(String(error.status)));
  pull.events.on("handshake:error:other", ({ error }) =>
    errors.push((error as { code?: string }).code ?? ""),
  );
  await pull.bind(endpoint);
  const push = closing(t, new Push({ linger: 0, ...client }));
  push.connect(pull.lastEndpoint as string);
  return { server: pull, client: push, errors };
}

function handle(t: TestContext, context: Context): Router {
  const handler = closing(t, new Router({ context, receiveTimeout: 5000 }));
  handler.bindSync(ZAP);
  return handler;
}

/** The frames that a handler on ROUTER gets for a client. */
async function requestOf(t: TestContext, options: object = {}): Promise<Buffer[]> {
  const context = ownContext();
  const handler = handle(t, context);
  await open(t, context, options);
  return handler.receive();
}

test("a request has every frame of the specification, in order", async (t) => {
  const server = { plainServer: true, zapDomain: "test" };
  const [, delimiter, version, id, domain, address, identity, mechanism, ...credentials] = await requestOf(
    t,
    {
      server,
    },
  );
  assert.deepEqual([delimiter, version, domain].map(String), ["", "1.0", "test"]);
  assert.ok((id as Buffer).length > 0);
  assert.deepEqual([address, identity, mechanism].map(String), ["127.0.0.1", "", "PLAIN"]);
  assert.deepEqual(credentials.map(String), ["joe", "secret"]);
  assert.throws(() => new Pull({ zapDomain: "" }), { code: "EINVAL" });
});

test("the server asks as a DEALER does: the delimiter is there for a ROUTER, and not seen by a REP", async (t) => {
  const [routingId, delimiter, version] = await requestOf(t);
  assert.ok((routingId as Buffer).length > 0);
  assert.deepEqual([String(delimiter), String(version)], ["", "1.0"]);
  const context = ownContext();
  const reply = closing(t, new Reply({ context }));
  await reply.bind(ZAP);
  const { server, client } = await open(t, context);
  const [first, id] = await reply.receive();
  assert.equal(String(first), "1.0");
  await reply.send(["1.0", id as Buffer, "200", "", "", ""]);
  await client.send("in");
  assert.equal(String(await server.receive()), "in");
});

test("what is bound there and is neither REP nor ROUTER authenticates nobody", async (t) => {
  for (const make of [Pull, Dealer]) {
    const context = ownContext();
    const handler = closing(t, new make({ context }));
    await handler.bind(ZAP);
    const { errors } = await open(t, context);
    await until("the refusal", () => errors.includes("EFAULT"));
  }
});

test("Authenticator is the one handler of its context, at inproc://zeromq.zap.01, for sockets of every thread", async (t) => {
  const context = ownContext();
  const authenticator = new Authenticator({ context, plain: new Map([["joe", "secret"]]) });
  t.after(() => authenticator.close());
  assert.throws(() => new Authenticator({ context }), { code: "EADDRINUSE" });
  const index = new URL("../../src/index.js", import.meta.url).href;
  const program = `
    const { parentPort, workerData } = require("node:worker_threads");
    import(${JSON.stringify(index)}).then(async ({ Context, Pull }) => {
      const server = new Pull({ context: Context.attach(workerData), plainServer: true });
      await server.bind("tcp://127.0.0.1:*");
      parentPort.postMessage(server.lastEndpoint);
      const message = String(await server.receive());
      parentPort.postMessage(message + " " + server.peers.map((peer) => peer.userId));
      await server.close();
    });`;
  const worker = new Worker(program, { eval: true, workerData: context.handle });
  t.after(() => worker.terminate());
  const said: string[] = [];
  worker.on("message", (text) => said.push(text));
  await until("the endpoint", () => said.length === 1, 10_000);
  const wrong = closing(t, new Push({ ...CLIENT, plainPassword: "wrong" }));
  const refused = new Promise((resolve) => wrong.events.on("handshake:error:auth", resolve));
  wrong.connect(said[0] as string);
  await within(refused, "the refusal");
  const right = closing(t, new Push(CLIENT));
  right.connect(said[0] as string);
  await within(right.send("in"), "the message");
  await until("the message", () => said.length === 2);
  assert.equal(said[1], "in joe");
});

test("any number of servers ask one handler, and each gets its own answers", async (t) => {
  const context = ownContext();
  const authenticator = new Authenticator({
    context,
    plain: async ({ username, domain }) => {
      await new Promise((resolve) => setTimeout(resolve, username.length % 7));
      return `${username} at ${domain}`;
    },
  });
  t.after(() => authenticator.close());
  const pairs = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      open(t, context, {
        server: { plainServer: true, zapDomain: `server${i}` },
        client: { plainUsername: `user${"x".repeat(i)}` },
      }),
    ),
  );
  for (const [i, { server, client }] of pairs.entries()) {
    await client.send("in");
    await server.receive();
    assert.equal(server.peers[0]?.userId, `user${"x".repeat(i)} at server${i}`);
  }
});

test("a handler that starts late counts from then on; before it nobody came in", async (t) => {
  const context = ownContext();
  const { server, client, errors } = await open(t, context, { client: { ...CLIENT, reconnectInterval: 20 } });
  await until("a refusal", () => errors.includes("EFAULT"));
  const authenticator = new Authenticator({ context, plain: () => true });
  t.after(() => authenticator.close());
  await client.send("in");
  assert.equal(String(await server.receive()), "in");
});

/** What becomes of a client whose handler replies so. */
async function outcome(t: TestContext, reply: (id: Buffer) => Frames[]): Promise<string> {
  const context = ownContext();
  const handler = handle(t, context);
  const { server, client, errors } = await open(t, context, {
    client: { ...CLIENT, reconnectInterval: 60_000 },
  });
  const [routingId, , , id] = (await handler.receive()) as Buffer[];
  for (const frames of reply(id as Buffer)) await handler.send([routingId as Buffer, ...frames]);
  let isIn = false;
  void client.waitForPeers().then(
    () => {
      isIn = true;
    },
    () => undefined,
  );
  await until("an outcome", () => isIn || errors.length > 0);
  if (!isIn) return errors[0] as string;
  await client.send("in");
  await server.receive();
  return "in";
}

test("a reply is taken only with every frame of the specification, in order", async (t) => {
  const good = (id: Buffer): Frames => ["", "1.0", id, "200", "", "joe", ""];
  assert.equal(await outcome(t, (id) => [good(id)]), "in");
  const wrong: [string, (id: Buffer) => Frames][] = [
    ["ERR_ZAP_MALFORMED_REPLY", (id) => good(id).slice(0, 6)],
    ["ERR_ZAP_MALFORMED_REPLY", (id) => [...good(id), ""]],
    ["ERR_ZAP_UNSPECIFIED", (id) => ["0", ...good(id).slice(1)]],
    ["ERR_ZAP_BAD_VERSION", (id) => ["", "1.1", ...good(id).slice(2)]],
    ["ERR_ZAP_BAD_REQUEST_ID", (id) => ["", "1.0", `${id}0`, "200", "", "", ""]],
    ["ERR_ZAP_INVALID_STATUS_CODE", (id) => ["", "1.0", id, "OK", "", "", ""]],
    ["ERR_ZAP_MALFORMED_REPLY", (id) => ["", "1.0", id, "200", "x".repeat(256), "", ""]],
    ["ERR_ZAP_MALFORMED_REPLY", (id) => ["", "1.0", id, "200", "", "x".repeat(256), ""]],
    ["ERR_ZAP_INVALID_METADATA", (id) => ["", "1.0", id, "200", "", "", "\x01"]],
  ];
  for (const [code, frames] of wrong) assert.equal(await outcome(t, (id) => [frames(id)]), code);
});

test("a second reply to a request means nothing", async (t) => {
  const [yes, no] = ["200", "400"].map(
    (status) =>
      (id: Buffer): Frames => ["", "1.0", id, status, "", "", ""],
  ) as [(id: Buffer) => Frames, (id: Buffer) => Frames];
  assert.equal(await outcome(t, (id) => [yes(id), no(id)]), "in");
  assert.equal(await outcome(t, (id) => [no(id), yes(id)]), "400");
});

test("each status does what it says", async (t) => {
  for (const status of ["300", "400", "500"])
    assert.equal(await outcome(t, (id) => [["", "1.0", id, status, "", "", ""]]), status);
  assert.equal(await outcome(t, (id) => [["", "1.0", id, "200", "", "", ""]]), "in");
});

test("user id and metadata of a 200 reach the application; with another status they are a breach", async (t) => {
  const context = ownContext();
  const handler = handle(t, context);
  const { server, client } = await open(t, context);
  const [routingId, , , id] = (await handler.receive()) as Buffer[];
  await handler.send([routingId, "", "1.0", id, "200", "OK", "joe", property("Level", "9")] as Buffer[]);
  await client.send("in");
  await server.receive();
  const [peer] = server.peers;
  assert.equal(peer?.userId, "joe");
  assert.deepEqual([...(peer?.metadata ?? [])].map(String), ["Level,9"]);
  const breach = (status: string) => (id: Buffer) => [["", "1.0", id, status, "", "joe", ""]];
  for (const status of ["300", "400", "500"])
    assert.equal(await outcome(t, breach(status)), "ERR_ZAP_MALFORMED_REPLY");
});

test("the address is an IPv4 dotted string or a canonical IPv6 one", async (t) => {
  const addresses: [string, string][] = [
    ["tcp://127.0.0.1:*", "127.0.0.1"],
    ["tcp://[::1]:*", "::1"],
  ];
  for (const [endpoint, address] of addresses) {
    const server = { plainServer: true, ipv6: true };
    const request = await requestOf(t, { endpoint, server, client: { ...CLIENT, ipv6: true } });
    assert.equal(String(request[5]), address);
  }
});

test("the identity is the routing id of the socket that asks, of 255 octets at most", async (t) => {
  const context = ownContext();
  const handler = handle(t, context);
  const routingId = "r".repeat(255);
  const server = closing(t, new Dealer({ context, plainServer: true, routingId }));
  await server.bind("tcp://127.0.0.1:*");
  const client = closing(t, new Dealer({ ...CLIENT, routingId: "client" }));
  client.connect(server.lastEndpoint as string);
  assert.equal(String((await handler.receive())[6]), routingId);
});

test("a handler on ROUTER gives back the envelope, however long it is", async (t) => {
  const context = ownContext();
  const authenticator = new Authenticator({ context });
  t.after(() => authenticator.close());
  const dealer = closing(t, new Dealer({ context, receiveTimeout: 5000 }));
  dealer.connect(ZAP);
  for (const envelope of [[""], ["a", ""], ["a", "b", "c", ""]]) {
    await dealer.send([...envelope, "1.0", "id", "", "10.0.0.1", "", "NULL"]);
    assert.deepEqual((await dealer.receive()).map(String), [...envelope, "1.0", "id", "200", "OK", "", ""]);
  }
});

test("a proxy may stand between servers and a handler", async (t) => {
  const context = ownContext();
  const front = handle(t, context);
  const back = closing(t, new Dealer());
  await back.bind("tcp://127.0.0.1:*");
  const handler = closing(t, new Reply({ receiveTimeout: 5000 }));
  handler.connect(back.lastEndpoint as string);
  const { server, client } = await open(t, context);
  await back.send(await front.receive());
  const [, id] = await handler.receive();
  await handler.send(["1.0", id as Buffer, "200", "", "joe", ""]);
  await front.send(await back.receive());
  await client.send("in");
  await server.receive();
  assert.equal(server.peers[0]?.userId, "joe");
});

test("NULL is asked about with four characters and no credentials", async (t) => {
  const frames = await requestOf(t, { server: { zapDomain: "test" }, client: {} });
  assert.deepEqual(frames.slice(7).map(String), ["NULL"]);
});

test("PLAIN is asked about with a user name and a password", async (t) => {
  const frames = await requestOf(t);
  assert.deepEqual(frames.slice(7).map(String), ["PLAIN", "joe", "secret"]);
});

test("CURVE is asked about with the client's permanent public key, 32 octets", async (t) => {
  const [ours, theirs] = [curveKeyPair(), curveKeyPair()];
  const server = { curveServer: true, curveSecretKey: ours.secretKey };
  const client = { curveServerKey: ours.publicKey, curveSecretKey: theirs.secretKey };
  const [mechanism, key, ...more] = (await requestOf(t, { server, client })).slice(7);
  assert.deepEqual([String(mechanism), key?.length, more], ["CURVE", 32, []]);
});
