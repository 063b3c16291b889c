import assert from "node:assert/strict";
import { test } from "node:test";
import { Context, Pair, Pull, Push } from "../../../../src/index.ts";
import { EventLog } from "../../../../src/services/inspect/event-log.ts";

test("events are read from a cursor on, each once", async (t) => {
  const log = new EventLog();
  t.after(() => log.close());
  const context = new Context();
  t.after(() => context.terminate());
  const begin = log.read(undefined);
  assert.deepEqual(begin.events, []);
  const pull = new Pull({ context });
  await pull.bind("tcp://127.0.0.1:*");
  const push = new Push({ context });
  push.connect(pull.lastEndpoint as string);
  await push.waitForPeers(1);
  const page = log.read(begin.cursor);
  const types = page.events.filter(({ socket }) => socket.type === "PUSH").map(({ type }) => type);
  assert.deepEqual(types, ["open", "connect:delay", "connect", "handshake"]);
  assert.equal(page.events.find(({ type }) => type === "bind")?.address, pull.lastEndpoint);
  assert.equal(page.missed, 0);
  assert.ok(page.events.every(({ ageMs }) => ageMs >= 0));
  assert.deepEqual(log.read(page.cursor).events, []);
  // The same page comes again for the same cursor: an answer may be lost.
  assert.equal(log.read(begin.cursor).events.length, page.events.length);
});

test("a first loss is an event with its reason", async (t) => {
  const log = new EventLog();
  t.after(() => log.close());
  const { cursor } = log.read(undefined);
  const context = new Context();
  const push = new Push({ context, linger: 0 });
  push.connect("tcp://127.0.0.1:1");
  await push.send("lost");
  await push.close();
  const loss = log.read(cursor).events.find(({ type }) => type === "loss");
  assert.deepEqual([loss?.reason, loss?.direction], ["linger", "sent"]);
});

test("sockets that were there before are watched; when nobody watches, no listener stays", async (t) => {
  const context = new Context();
  t.after(() => context.terminate());
  const pair = new Pair({ context });
  const log = new EventLog();
  const { cursor } = log.read(undefined);
  await pair.bind("tcp://127.0.0.1:*");
  assert.ok(log.read(cursor).events.some(({ socket }) => socket.type === "PAIR"));
  const before = log.read(undefined).cursor;
  log.close();
  await pair.unbind(pair.lastEndpoint as string);
  assert.deepEqual(log.read(before).events, [], "what happened unwatched is not told");
  log.close();
});

test("what did not fit is counted as missed", async (t) => {
  const context = new Context();
  t.after(() => context.terminate());
  const log = new EventLog();
  t.after(() => log.close());
  const { cursor } = log.read(undefined);
  const pair = new Pair({ context });
  for (let at = 0; at < 2500; at++) {
    pair.bindSync(`inproc://event-log-${at}`);
    pair.unbindSync(`inproc://event-log-${at}`);
  }
  const { events, missed } = log.read(cursor);
  if (events.length < 4000) t.diagnostic(`${events.length} events, ${missed} missed`);
  assert.equal(log.read(undefined).cursor - cursor, events.length + missed);
});
