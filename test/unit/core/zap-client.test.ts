import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ZmqError } from "../../../src/base/errors.ts";
import type { PipeTransport } from "../../../src/core/transport.ts";
import type { ZapQuestion } from "../../../src/core/zap-client.ts";
import { ZapClient } from "../../../src/core/zap-client.ts";
import { Context, Pull, Reply, Router } from "../../../src/index.ts";
import type { Outcome, Withdraw } from "../../../src/security/authenticator.ts";
import { closing, until } from "../../peers/sockets.ts";

const HANDLER = "inproc://zeromq.zap.01";
const question: ZapQuestion = {
  domain: "global",
  address: "10.0.0.1",
  identity: Buffer.alloc(0),
  mechanism: "PLAIN",
  credentials: [Buffer.from("joe"), Buffer.from("secret")],
  timeoutMs: 0,
};

/** Asks, and keeps the answers in the order in which they come. */
class Asker {
  readonly client: ZapClient;
  readonly answers: (Outcome | null)[] = [];

  constructor(context: Context) {
    this.client = new ZapClient(context);
  }

  ask(changes: Partial<ZapQuestion> = {}): Withdraw | undefined {
    return this.client.ask({ ...question, ...changes }, (outcome) => void this.answers.push(outcome));
  }

  async come(count: number): Promise<(Outcome | null)[]> {
    await until(`${count} answers`, () => this.answers.length >= count);
    return this.answers.splice(0);
  }
}

/** Code or status of each answer. */
function kinds(answers: readonly (Outcome | null)[]): (string | number | undefined)[] {
  return answers.map((one) => (one === null ? "nobody" : one instanceof Error ? one.code : one.status));
}

function ok(id: Buffer, userId: string): (string | Buffer)[] {
  return ["1.0", id, "200", "OK", userId, ""];
}

test("without a handler the answer is that there is none, at once", () => {
  const asker = new Asker(new Context());
  asker.ask();
  assert.deepEqual(asker.answers, [null]);
  assert.equal(asker.client.pendingCount, 0);
});

test("a handler on REP gets the frames of 27/ZAP without delimiter, and its verdict comes back", async (t) => {
  const context = new Context();
  const handler = closing(t, new Reply({ context }));
  await handler.bind(HANDLER);
  const asker = new Asker(context);
  asker.ask();
  const frames = await handler.receive();
  assert.ok(frames.every((frame) => Buffer.isBuffer(frame)));
  assert.deepEqual(frames.map(String), ["1.0", "1", "global", "10.0.0.1", "", "PLAIN", "joe", "secret"]);
  await handler.send(ok(frames[1] as Buffer, "Joseph"));
  assert.deepEqual(await asker.come(1), [{ status: 200, text: "OK", userId: "Joseph", metadata: null }]);
});

test("a handler on ROUTER may answer in any order; late, repeated and unasked replies mean nothing", async (t) => {
  const context = new Context();
  const handler = closing(t, new Router({ context }));
  await handler.bind(HANDLER);
  const asker = new Asker(context);
  const answers: string[] = [];
  for (let i = 0; i < 1000; i++) {
    asker.client.ask(question, (outcome) => answers.push(`${i} ${(outcome as { userId: string }).userId}`));
  }
  const requests: Buffer[][] = [];
  for (let i = 0; i < 1000; i++) requests.push(await handler.receive());
  assert.equal(new Set(requests.map((frames) => String(frames[3]))).size, 1000);
  for (const [i, [peer, delimiter, , id]] of requests.entries())
    if (i % 2 === 1)
      await handler.send([peer as Buffer, delimiter as Buffer, ...ok(id as Buffer, `user ${i}`)]);
  for (const [i, [peer, delimiter, , id]] of [...requests.entries()].reverse()) {
    // Those that were answered are answered a second time.
    await handler.send([peer as Buffer, delimiter as Buffer, ...ok(id as Buffer, `user ${i}`)]);
  }
  await until("all answers", () => answers.length >= 1000);
  assert.equal(answers.length, 1000);
  assert.deepEqual(answers.slice().sort(), Array.from({ length: 1000 }, (_, i) => `${i} user ${i}`).sort());
  assert.equal(answers[0], "1 user 1");
  assert.equal(answers.at(-1), "0 user 0");
});

test("a question times out, and the answer that comes after it is dropped", async (t) => {
  const context = new Context();
  const handler = closing(t, new Router({ context }));
  await handler.bind(HANDLER);
  const asker = new Asker(context);
  asker.ask({ timeoutMs: 20 });
  const [peer, delimiter, , id] = await handler.receive();
  assert.deepEqual(kinds(await asker.come(1)), ["ETIMEDOUT"]);
  asker.ask();
  await handler.send([peer as Buffer, delimiter as Buffer, ...ok(id as Buffer, "late")]);
  const [peer2, , , id2] = await handler.receive();
  await handler.send([peer2 as Buffer, "", ...ok(id2 as Buffer, "in time")]);
  assert.deepEqual(
    (await asker.come(1)).map((one) => (one as { userId: string }).userId),
    ["in time"],
  );
  assert.equal(asker.client.pendingCount, 0);
});

test("a reply with an id that was never given out costs the oldest question", async (t) => {
  const context = new Context();
  const handler = closing(t, new Router({ context }));
  await handler.bind(HANDLER);
  const asker = new Asker(context);
  for (const id of ["", "nonsense", "2", "0", "-1", "1".repeat(40), "01"]) {
    asker.ask();
    const [peer] = await handler.receive();
    const next = String(asker.client.pendingCount + 1000);
    await handler.send([peer as Buffer, "", ...ok(Buffer.from(id === "2" ? next : id), "joe")]);
    assert.deepEqual(kinds(await asker.come(1)), ["ERR_ZAP_BAD_REQUEST_ID"], id);
  }
});

test("a reply with the right id and something wrong says what", async (t) => {
  const context = new Context();
  const handler = closing(t, new Router({ context }));
  await handler.bind(HANDLER);
  const asker = new Asker(context);
  const wrong: [string, (id: Buffer) => (string | Buffer)[]][] = [
    ["ERR_ZAP_BAD_VERSION", (id) => ["", "9.9", id, "200", "", "", ""]],
    ["ERR_ZAP_INVALID_STATUS_CODE", (id) => ["", "1.0", id, "201", "", "", ""]],
    ["ERR_ZAP_MALFORMED_REPLY", (id) => ["", "1.0", id, "200", "", ""]],
    ["ERR_ZAP_UNSPECIFIED", (id) => ["x", "1.0", id, "200", "", "", ""]],
    ["ERR_ZAP_INVALID_METADATA", (id) => ["", "1.0", id, "200", "", "", "x"]],
  ];
  for (const [code, frames] of wrong) {
    asker.ask();
    const [peer, , , id] = await handler.receive();
    await handler.send([peer as Buffer, ...frames(id as Buffer)]);
    assert.deepEqual(kinds(await asker.come(1)), [code]);
  }
});

test("a handler that closes with questions open: they end so, and the next handler is asked", async (t) => {
  const context = new Context();
  const first = new Reply({ context });
  await first.bind(HANDLER);
  const asker = new Asker(context);
  asker.ask();
  asker.ask();
  await first.receive();
  await first.close();
  assert.deepEqual(kinds(await asker.come(2)), ["EPIPE", "EPIPE"]);
  asker.ask();
  assert.deepEqual(kinds(await asker.come(1)), ["nobody"]);
  const second = closing(t, new Reply({ context }));
  await second.bind(HANDLER);
  asker.ask();
  const [, id] = await second.receive();
  await second.send(ok(id as Buffer, "again"));
  assert.deepEqual(kinds(await asker.come(1)), [200]);
});

test("a socket that cannot answer is no handler", async (t) => {
  const context = new Context();
  const handler = closing(t, new Pull({ context }));
  await handler.bind(HANDLER);
  const asker = new Asker(context);
  for (let i = 0; i < 3; i++) {
    asker.ask();
    const answers = await asker.come(1);
    assert.deepEqual(kinds(answers), ["EFAULT"], `question ${i + 1}`);
    assert.match((answers[0] as Error).message, /PULL/);
  }
  await handler.unbind(HANDLER);
  const reply = closing(t, new Reply({ context }));
  await reply.bind(HANDLER);
  asker.ask();
  const [, id] = await reply.receive();
  await reply.send(ok(id as Buffer, "joe"));
  assert.deepEqual(kinds(await asker.come(1)), [200]);
});

test("a question that cannot be put is answered so, or given up, and waits for nothing", async (t) => {
  const context = new Context();
  const handler = closing(t, new Reply({ context }));
  await handler.bind(HANDLER);
  const inproc = context.pipeTransports.find(({ scheme }) => scheme === "inproc") as PipeTransport;
  const failures = [new ZmqError("EMFILE", "No room."), new RangeError("a bug")];
  t.mock.method(inproc, "connect", () => {
    throw failures.pop();
  });
  const asker = new Asker(context);
  assert.throws(() => asker.ask({ timeoutMs: 10_000 }), RangeError);
  assert.equal(asker.client.pendingCount, 0);
  assert.equal(asker.ask(), undefined);
  assert.deepEqual(kinds(asker.answers), ["EMFILE"]);
  assert.equal(asker.client.pendingCount, 0);
});

test("a question that was withdrawn costs nothing more, and the answer to it is dropped", async (t) => {
  const context = new Context();
  const handler = closing(t, new Router({ context }));
  await handler.bind(HANDLER);
  const asker = new Asker(context);
  const withdraw = asker.ask({ timeoutMs: 60_000 });
  asker.ask();
  assert.equal(asker.client.pendingCount, 2);
  withdraw?.();
  withdraw?.();
  assert.equal(asker.client.pendingCount, 1);
  for (const user of ["nobody", "joe"]) {
    const [peer, , , id] = await handler.receive();
    await handler.send([peer as Buffer, "", ...ok(id as Buffer, user)]);
  }
  assert.deepEqual(
    (await asker.come(1)).map((one) => (one as { userId: string }).userId),
    ["joe"],
  );
  assert.equal(asker.client.pendingCount, 0);
  assert.equal(new Asker(new Context()).ask(), undefined, "there was nobody to ask");
});

test("questions to a handler that never answers are bounded", async (t) => {
  const context = new Context();
  const handler = closing(t, new Reply({ context, receiveHighWaterMark: 1 }));
  await handler.bind(HANDLER);
  const asker = new Asker(context);
  for (let i = 0; i < 16385; i++) asker.ask();
  assert.deepEqual(kinds(asker.answers), ["EAGAIN"]);
});

test("questions that were withdrawn and that the handler has not read are bounded, too", async (t) => {
  const context = new Context();
  const handler = closing(t, new Router({ context }));
  await handler.bind(HANDLER);
  const asker = new Asker(context);
  for (let i = 0; i < 16384; i++) asker.ask()?.();
  assert.equal(asker.client.pendingCount, 0);
  // Longer than the connection stays when there is nothing to ask.
  await sleep(250);
  asker.ask();
  assert.deepEqual(kinds(asker.answers.splice(0)), ["EAGAIN"]);
  for (let i = 0; i < 16384; i++) await handler.receive();
  asker.ask();
  const [peer, , , id] = await handler.receive();
  await handler.send([peer as Buffer, "", ...ok(id as Buffer, "joe")]);
  assert.deepEqual(kinds(await asker.come(1)), [200]);
  await until("the end of the connection", () => handler.peers.length === 0);
});

test("the connection to the handler is given up when there is nothing to ask", async (t) => {
  const context = new Context();
  const handler = closing(t, new Reply({ context }));
  await handler.bind(HANDLER);
  const asker = new Asker(context);
  asker.ask();
  const [, id] = await handler.receive();
  assert.equal(handler.peers.length, 1);
  await handler.send(ok(id as Buffer, "joe"));
  await asker.come(1);
  await until("the end of the connection", () => handler.peers.length === 0);
  await sleep(1);
  asker.ask();
  const [, next] = await handler.receive();
  assert.equal(String(next), "2");
});
