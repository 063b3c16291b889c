import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Dealer, Reply, Request, Router } from "../../../../src/index.ts";
import { assertLaw, closing, codeOf, join, textOf, until } from "../../../peers/sockets.ts";
import { serve, served } from "./serving.ts";

test("Request: calls take turns, and plain calls are out of step meanwhile", async (t) => {
  const { client, asked } = await served(t, new Request({ maxPendingSends: 2 }), () => 20);
  const calls = ["a", "b", "c"].map((text) => client.request(text));
  assert.equal(await codeOf(client.request("d")), "EBUSY");
  assert.equal(await codeOf(client.send("plain")), "EFSM");
  assert.equal(await codeOf(client.receive()), "EFSM");
  assert.throws(() => client.trySend("plain"), { code: "EFSM" });
  assert.deepEqual((await Promise.all(calls)).map(textOf), ["re a", "re b", "re c"]);
  assert.deepEqual(asked, ["a", "b", "c"]);
});

test("Request: a call in its turn ends without harm to the others", async (t) => {
  const { client, asked } = await served(t, new Request(), (text) => (text === "a" ? 50 : 0));
  const controller = new AbortController();
  const first = client.request("a");
  const second = client.request("b", { signal: controller.signal });
  const third = client.request("c");
  controller.abort();
  assert.equal(await codeOf(second), "ABORT_ERR");
  assert.deepEqual([textOf(await first), textOf(await third)], ["re a", "re c"]);
  assert.deepEqual(asked, ["a", "c"]);
});

test("Request: behind a plain send it is out of step, whether that went out or waits", async (t) => {
  const client = closing(t, new Request());
  const plain = client.send("plain");
  assert.equal(await codeOf(client.request("a")), "EFSM");
  const rep = closing(t, new Reply());
  await join(rep, client);
  await plain;
  assert.equal(await codeOf(client.request("a")), "EFSM");
  await rep.receive();
  await rep.send("reply");
  assert.equal(textOf(await client.receive()), "reply");
});

test("Dealer: with maxPendingSends calls waiting for a peer the next is EBUSY", async (t) => {
  const client = closing(t, new Dealer({ maxPendingSends: 2 }));
  const calls = ["a", "b"].map((text) => codeOf(client.request(text)));
  assert.equal(await codeOf(client.request("c")), "EBUSY");
  await client.close();
  assert.deepEqual(await Promise.all(calls), ["EAGAIN", "EAGAIN"]);
});

test("a full server is waited for within the attempt's time", async (t) => {
  const router = closing(t, new Router({ receiveHighWaterMark: 1 }));
  const client = closing(t, new Dealer({ sendHighWaterMark: 1 }));
  await join(router, client, "inproc");
  const calls = Array.from({ length: 20 }, (_, i) => client.request(`${i}`, { timeoutMs: 5000, retries: 0 }));
  await until("the pipe is full", () => !client.writable);
  serve(router, () => 0);
  assert.deepEqual(
    (await Promise.all(calls)).map(textOf),
    Array.from({ length: 20 }, (_, i) => `re ${i}`),
  );
  assertLaw(client.stats());
});

test("twelve calls with one signal are no leak, and one abort ends them all", async (t) => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on("warning", note);
  t.after(() => process.off("warning", note));
  const client = closing(t, new Dealer());
  const controller = new AbortController();
  const calls = Array.from({ length: 12 }, () => codeOf(client.request("a", { signal: controller.signal })));
  await sleep(1);
  controller.abort("enough");
  assert.deepEqual(new Set(await Promise.all(calls)), new Set(["ABORT_ERR"]));
  await sleep(5);
  assert.deepEqual(warnings, []);
  const unused = new AbortController();
  const rep = closing(t, new Reply());
  await join(rep, client);
  const answer = client.request("b", { signal: unused.signal });
  assert.equal(getEventListeners(unused.signal, "abort").length, 1);
  await rep.send((await rep.receive())[0] as Buffer);
  await answer;
  assert.equal(getEventListeners(unused.signal, "abort").length, 0);
});

test("a stall of our own is no lack of a reply", async (t) => {
  const { client, asked } = await served(t, new Dealer(), () => 0);
  await client.request("warm");
  const promise = client.request("a", { timeoutMs: 50, retries: 0 });
  // The router is in this thread: what it says must be under way before.
  await until("it was asked", () => asked.length === 2);
  const endMs = performance.now() + 120;
  while (performance.now() < endMs);
  assert.equal(textOf(await promise), "re a");
});

test("wrong arguments are EINVAL, and conflate is ENOTSUP", async (t) => {
  const client = closing(t, new Dealer());
  for (const timeoutMs of [0, -2, Number.NaN, 2 ** 31, "5" as unknown as number])
    await assert.rejects(client.request("a", { timeoutMs }), { code: "EINVAL", message: /timeoutMs/ });
  const signal = {} as AbortSignal;
  await assert.rejects(client.request("a", { signal, timeoutMs: 1 }), TypeError);
  for (const retries of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
    await assert.rejects(client.request("a", { retries }), { code: "EINVAL", message: /retries/ });
  assert.equal(await codeOf(client.request([])), "EINVAL");
  assert.equal(await codeOf(closing(t, new Dealer({ conflate: true })).request("a")), "ENOTSUP");
});

test("a small buffer may be reused once the call returned, though it is sent again", async (t) => {
  const { client, asked } = await served(t, new Dealer(), (text) => (text === "first" ? -1 : 0));
  const body = Buffer.from("first");
  const promise = client.request(body, { timeoutMs: 40, retries: 1 });
  body.fill("x");
  assert.equal(await codeOf(promise), "EAGAIN");
  assert.deepEqual(asked, ["first", "first"]);
});
