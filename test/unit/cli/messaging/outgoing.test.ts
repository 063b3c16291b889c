import assert from "node:assert/strict";
import { test } from "node:test";
import { Console } from "../../../../src/cli/console.ts";
import type { Input } from "../../../../src/cli/messaging/input.ts";
import { awaitPeers, limited, Pace } from "../../../../src/cli/messaging/outgoing.ts";
import { Publisher, Push } from "../../../../src/index.ts";
import { closing } from "../../../peers/sockets.ts";
import { FakeIo } from "../fake-io.ts";

function input(texts: readonly string[], isKnown: boolean): Input {
  const messages = texts.map((text) => [Buffer.from(text)]);
  return {
    messages: isKnown ? messages : undefined,
    async *batches() {
      yield messages;
    },
  };
}

async function taken(source: Input, count: number | undefined, atMost = 1_000): Promise<string[]> {
  const all: string[] = [];
  for await (const batch of limited(source, count)) {
    all.push(...batch.map(String));
    if (all.length >= atMost) break;
  }
  return all;
}

test("a count cuts what stdin brings, and repeats what the command line has", async () => {
  assert.deepEqual(await taken(input(["a", "b", "c"], false), 2), ["a", "b"]);
  assert.deepEqual(await taken(input(["a", "b"], false), 5), ["a", "b"]);
  assert.deepEqual(await taken(input(["a", "b"], true), undefined), ["a", "b"]);
  assert.deepEqual(await taken(input(["a", "b"], true), 5), ["a", "b", "a", "b", "a"]);
  const endless = await taken(input(["a", "b", "c"], true), 0);
  assert.ok(endless.length >= 1_000);
  assert.ok(endless.every((text, at) => text === "abc"[at % 3]));
});

test("the pace is kept on the average, and messages that are due together go together", async () => {
  const { signal } = new AbortController();
  const pace = new Pace({ rate: 2_000, interval: undefined });
  const beganAt = performance.now();
  for (let sent = 0; sent < 401; sent++) await pace.next(signal);
  const tookMs = performance.now() - beganAt;
  // Timers never come early; how late they come is the machine's affair.
  assert.ok(tookMs > 195, `${tookMs} ms for 400 messages at 2000/s`);
  assert.equal(new Pace({ rate: undefined, interval: undefined }).isSet, false);
  assert.throws(() => new Pace({ rate: 1, interval: 1 }), /exclude each other/);
  assert.throws(() => new Pace({ rate: 0, interval: undefined }), /at least 1/);
});

test("Ctrl-C ends the wait for the next message", async () => {
  const io = new FakeIo();
  const pace = new Pace({ rate: undefined, interval: 60_000 });
  await pace.next(io.signal);
  const next = pace.next(io.signal);
  io.interrupt();
  await assert.rejects(next, (error) => error === io.signal.reason);
});

test("why nobody came is told where it is known", async (t) => {
  const io = new FakeIo();
  const socket = closing(t, new Push({ linger: 0 }));
  socket.connect("tcp://127.0.0.1:1");
  const values = { wait: 1_000, "wait-peers": 1 };
  assert.equal(await awaitPeers({ socket, values, where: "there", io, console: new Console(io) }), false);
  assert.match(io.stderr.text, /No peer came to there within 1000 ms.*nobody listens there/);
});

for (const make of [() => new Publisher(), () => new Push({ linger: 0 })]) {
  test(`that nobody came to a ${make().constructor.name} in time is told`, async (t) => {
    const io = new FakeIo();
    const values = { wait: 30, "wait-peers": 1 };
    const socket = closing(t, make());
    const facts = { socket, where: "tcp://there", io, console: new Console(io) };
    assert.equal(await awaitPeers({ ...facts, values }), false);
    assert.match(io.stderr.text, /No (subscriber|peer) came to tcp:\/\/there within 30 ms; nothing was sent/);
    assert.equal(await awaitPeers({ ...facts, values: { ...values, wait: 0 } }), true);
    assert.equal(await awaitPeers({ ...facts, values: { ...values, "wait-peers": 2 } }), false);
    assert.match(io.stderr.text, /Fewer than 2 (subscribers|peers) came/);
  });
}
