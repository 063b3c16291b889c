import assert from "node:assert/strict";
import { existsSync, lstatSync } from "node:fs";
import { connect } from "node:net";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { threadId } from "node:worker_threads";
import { Context, Dealer, Pair } from "../../../../src/index.ts";
import { Inspector } from "../../../../src/services/inspect/inspector.ts";
import type { Head } from "../../../../src/services/inspect/protocol.ts";
import { parseJson, toJson } from "../../../../src/services/inspect/protocol.ts";
import { ThreadLink } from "../../../../src/services/inspect/thread-link.ts";
import { listOf, ownRuntime } from "./rig.ts";

const skip = process.platform === "win32" ? "Windows has no ipc" : false;

async function open(t: TestContext): Promise<Inspector> {
  ownRuntime(t);
  const inspector = await Inspector.open("1.2.3");
  t.after(() => inspector.close());
  return inspector;
}

function client(t: TestContext, inspector: Inspector): Dealer {
  const context = new Context();
  t.after(() => context.terminate());
  const dealer = new Dealer({ context, linger: 0, receiveTimeout: 10_000 });
  dealer.connect(inspector.endpoint);
  return dealer;
}

test("its file is private, named after the thread, and goes with it", { skip }, async (t) => {
  const inspector = await open(t);
  const path = inspector.endpoint.slice("ipc://".length);
  assert.ok(path.endsWith(`/zeromq-ts/${process.pid}-${threadId}.ipc`));
  const file = lstatSync(path);
  assert.ok(file.isSocket());
  assert.equal(file.mode & 0o777, 0o600);
  await inspector.close();
  assert.equal(existsSync(path), false);
});

test("it answers, and is itself not among what is inspected", { skip }, async (t) => {
  const inspector = await open(t);
  const link = new ThreadLink(inspector.endpoint);
  t.after(() => link.close());
  const context = new Context();
  t.after(() => context.terminate());
  const pair = new Pair({ context });
  const sockets = await listOf(link, "sockets");
  assert.deepEqual(
    sockets.map(({ type }) => type),
    ["PAIR"],
  );
  assert.equal((await listOf(link, "info"))[0]?.pid, process.pid);
  assert.ok(!pair.closed);
});

test("several clients with several questions each get their own answers", { skip }, async (t) => {
  const inspector = await open(t);
  const links = Array.from({ length: 4 }, () => new ThreadLink(inspector.endpoint));
  t.after(() => Promise.all(links.map((link) => link.close())));
  const answers = await Promise.all(
    links.flatMap((link) => [link.ask("info", 10_000), link.ask("counts", 10_000), link.ask("info", 10_000)]),
  );
  assert.deepEqual(
    answers.map(({ head }) => head.id),
    [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3],
  );
});

test("what is no request gets an error, with the id if it has one", { skip }, async (t) => {
  const dealer = client(t, await open(t));
  for (const [octets, id, code] of [
    ["", null, "EINVAL"],
    ["\u0000\u0001", null, "EINVAL"],
    ["{", null, "EINVAL"],
    ["[]", null, "EINVAL"],
    ['{"v":1,"id":5,"ask":"shutdown"}', 5, "EINVAL"],
    ['{"v":99,"id":6,"ask":"info"}', 6, "EINVAL"],
  ] as const) {
    await dealer.send(octets);
    const [head] = await dealer.receive();
    const { id: answered, error } = parseJson(head as Buffer) as Head;
    assert.deepEqual([answered, error?.code], [id, code], octets);
  }
});

test("long and many-framed requests cost their sender the connection, and nobody else anything", {
  skip,
}, async (t) => {
  const inspector = await open(t);
  const rude = client(t, inspector);
  await rude.send(Buffer.alloc(100_000));
  await rude.send(["a", "b", "c"]);
  for (const octets of ["GET / HTTP/1.1\r\n\r\n", "\xff".repeat(100)]) {
    const socket = connect(inspector.endpoint.slice("ipc://".length));
    socket.on("error", () => undefined);
    socket.write(octets, "latin1");
    t.after(() => socket.destroy());
  }
  const link = new ThreadLink(inspector.endpoint);
  t.after(() => link.close());
  assert.equal((await listOf(link, "info")).length, 1);
});

test("random octets never stop it", { skip }, async (t) => {
  const inspector = await open(t);
  const dealer = client(t, inspector);
  const seed = Number(process.env.SEED ?? 20261122);
  t.diagnostic(`seed ${seed}`);
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state % below;
  };
  const valid = toJson({ v: 1, id: 3, ask: "counts", since: 4 });
  for (let round = 0; round < 200; round++) {
    const octets = round % 2 === 0 ? Buffer.from(valid) : Buffer.alloc(next(200));
    for (let at = 0; at <= round % 7; at++) octets[next(Math.max(1, octets.length))] = next(256);
    await dealer.send(octets);
    const [head] = await dealer.receive();
    assert.equal((parseJson(head as Buffer) as Head).v, 1);
  }
});

test("a fault in what it reads is an answer, and not the end of the process", { skip }, async (t) => {
  const inspector = await open(t);
  const link = new ThreadLink(inspector.endpoint);
  t.after(() => link.close());
  const context = new Context();
  t.after(() => context.terminate());
  const pair = new Pair({ context });
  const solver = context.solver as unknown as { explain: unknown };
  solver.explain = () => {
    throw new Error("broken rule");
  };
  await assert.rejects(link.ask("findings", 10_000), { code: "EIO", message: /broken rule/ });
  assert.equal((await listOf(link, "info")).length, 1);
  assert.ok(!pair.closed);
});
