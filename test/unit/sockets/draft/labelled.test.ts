// The methods of sockets whose messages bear a label, on a Server and its clients.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, type RoutedMessage, Server } from "../../../../src/draft.ts";
import { Context } from "../../../../src/index.ts";
import { closing, codeOf, join, until } from "../../../peers/sockets.ts";

/** A server, its client and the client's number. */
async function pair(t: test.TestContext): Promise<[Server, Client, number]> {
  const [server, client] = [closing(t, new Server()), closing(t, new Client())];
  await join(server, client, "inproc");
  await client.send("first");
  const [, { routingId }] = await server.receive();
  return [server, client, routingId];
}

/** A number that nobody has. */
function other(routingId: number): number {
  return routingId > 1 ? routingId - 1 : 2;
}

function textsOf(messages: readonly RoutedMessage[]): string[] {
  return messages.map(([body]) => body.toString());
}

test("receive, tryReceive and receiveMany give the body and its label", async (t) => {
  const [server, client, routingId] = await pair(t);
  assert.equal(server.tryReceive(), undefined);
  const waiting = server.receive();
  await client.send("1");
  const [body, label] = await waiting;
  assert.ok(Buffer.isBuffer(body));
  assert.deepEqual([body.toString(), label], ["1", { routingId }]);
  await client.sendMany(["2", "3", "4"]);
  assert.equal(server.tryReceive()?.[0].toString(), "2");
  assert.deepEqual(textsOf(await server.receiveMany()), ["3", "4"]);
  await client.sendMany(["5", "6"]);
  assert.deepEqual(textsOf(await server.receiveMany(1)), ["5"]);
});

test("waitForMessage takes none", async (t) => {
  const [server, client] = await pair(t);
  const waiting = server.waitForMessage();
  await client.send("1");
  await waiting;
  assert.equal(server.tryReceive()?.[0].toString(), "1");
});

test("what receiveMany gave, sendMany takes", async (t) => {
  const [server, client] = await pair(t);
  await client.sendMany(["1", "2", "3"]);
  await server.sendMany(await server.receiveMany());
  assert.deepEqual((await client.receiveMany()).map(String), ["1", "2", "3"]);
});

test("an iteration gives messages, batches give arrays of them, and both end with the socket", async (t) => {
  const [server, client, routingId] = await pair(t);
  await client.sendMany(["1", "2"]);
  const seen: string[] = [];
  for await (const [body, label] of server) {
    seen.push(`${body} ${label.routingId === routingId}`);
    if (seen.length === 2) break;
  }
  assert.deepEqual(seen, ["1 true", "2 true"]);
  await client.sendMany(["3", "4", "5"]);
  for await (const batch of server.batches(2)) {
    seen.push(textsOf(batch).join());
    if (seen.length === 4) void server.close();
  }
  assert.deepEqual(seen.slice(2), ["3,4", "5"]);
  for await (const message of server) assert.fail(String(message));
});

test("a terminated context ends an iteration with ETERM", async () => {
  const own = new Context();
  const server = new Server({ context: own });
  const iterating = (async () => {
    for await (const message of server) assert.fail(String(message));
  })();
  const code = codeOf(iterating);
  await own.terminate();
  assert.equal(await code, "ETERM");
});

test("signals and times are heeded, and take no message", async (t) => {
  const [server, client] = await pair(t);
  const abort = new AbortController();
  const aborted = codeOf(server.receive({ signal: abort.signal }));
  abort.abort();
  assert.equal(await aborted, "ABORT_ERR");
  assert.equal(await codeOf(server.receive({ timeoutMs: 0 })), "EAGAIN");
  assert.equal(await codeOf(server.receiveMany(0)), "EINVAL");
  await client.send("1");
  assert.equal((await server.receive())[0].toString(), "1");
});

test("errors of send and sendMany are rejections, with what was sent before", async (t) => {
  const [server, client, routingId] = await pair(t);
  assert.equal(await codeOf(server.send(["two", "frames"], { routingId })), "EINVAL");
  assert.equal(await codeOf(server.send("nobody", { routingId: other(routingId) })), "EHOSTUNREACH");
  await server.send(["one frame"], { routingId });
  const some = [["1", { routingId }] as const, ["2", { routingId: 1.5 }] as const];
  await assert.rejects(server.sendMany(some), { code: "EINVAL", sentCount: 0 });
  const others = [["1", { routingId }] as const, ["2", { routingId: other(routingId) }] as const];
  await assert.rejects(server.sendMany(others), { code: "EHOSTUNREACH", sentCount: 1 });
  assert.deepEqual((await client.receiveMany()).map(String), ["one frame", "1"]);
});

test("trySend and sendSync throw, or say that there is no room", async (t) => {
  const server = closing(t, new Server({ sendHighWaterMark: 1, linger: 0 }));
  const client = closing(t, new Client({ receiveHighWaterMark: 1 }));
  await join(server, client, "inproc");
  await client.send("first");
  const [, label] = await server.receive();
  assert.deepEqual(
    [1, 2, 3].map((number) => server.trySend(`${number}`, label)),
    [true, true, false],
  );
  assert.throws(() => server.sendSync("4", { ...label, timeoutMs: 0 }), { code: "EAGAIN" });
  assert.throws(() => server.trySend("5", { routingId: -1 }), { code: "EINVAL" });
  assert.throws(() => server.sendSync("6", { routingId: 0, timeoutMs: 0 }), { code: "EHOSTUNREACH" });
  const waiting = server.send("7", { ...label, timeoutMs: 5_000 });
  assert.deepEqual([client.tryReceive(), client.tryReceive()].map(String), ["1", "2"]);
  await waiting;
  assert.equal(String(await client.receive()), "7");
});

test("receiveSync gives what is there, with its label", async (t) => {
  const [server, client, routingId] = await pair(t);
  await client.send("1");
  await until("it is there", () => server.readable);
  const [body, label] = server.receiveSync({ timeoutMs: 0 });
  assert.deepEqual([body.toString(), label.routingId], ["1", routingId]);
  assert.throws(() => server.receiveSync({ timeoutMs: 0 }), { code: "EAGAIN" });
});
