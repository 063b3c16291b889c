import assert from "node:assert/strict";
import { test } from "node:test";
import { Publisher, Subscriber, XPublisher, ZmqError } from "../../../../src/index.ts";
import { manualPattern, toTopics } from "../../../../src/sockets/pubsub/topics.ts";
import { coreOf } from "../../../../src/sockets/socket.ts";
import { closing, codeOf, join, textOf } from "../../../peers/sockets.ts";

function shown(topics: readonly Uint8Array[]): string[] {
  return topics.map((topic) => Buffer.from(topic).toString("latin1"));
}

test("no prefix at all is the empty one", () => {
  assert.deepEqual(shown(toTopics([])), [""]);
});

test("prefixes are taken in every form of a frame, as octets", () => {
  assert.deepEqual(shown(toTopics(["a", Buffer.from([0xff, 0]), 12, null])), ["a", "\xff\0", "12", ""]);
});

test("a prefix is a copy: the caller may reuse its buffer", () => {
  const buffer = Buffer.from("a");
  const [topic] = toTopics([buffer]);
  buffer[0] = 0x62;
  assert.deepEqual(shown([topic as Uint8Array]), ["a"]);
});

test("subscribers are waited for by number, and by a topic that they would get", async (t) => {
  const publisher = closing(t, new Publisher());
  const [weather, sports] = [closing(t, new Subscriber()), closing(t, new Subscriber())];
  const topic = Buffer.from("sports.chess");
  const both = publisher.waitForSubscribers(2);
  const forChess = publisher.waitForSubscribers(1, topic);
  topic.fill(0);
  let isChessAwaited = true;
  void forChess.then(() => {
    isChessAwaited = false;
  });
  weather.subscribe("weather.");
  await join(publisher, weather, "inproc");
  await publisher.waitForSubscribers(1, "weather.oslo");
  assert.equal(isChessAwaited, true, "nobody wants chess yet");
  sports.subscribe("sports.");
  await join(publisher, sports, "inproc");
  await Promise.all([both, forChess]);
  await publisher.send("sports.chess");
  assert.equal(textOf(await sports.receive()), "sports.chess");
});

test("a wait for subscribers ends by its time, its signal, and the end of the socket", async (t) => {
  const publisher = closing(t, new Publisher());
  assert.equal(await codeOf(publisher.waitForSubscribers(1, "a", { timeoutMs: 5 })), "EAGAIN");
  assert.equal(
    await codeOf(publisher.waitForSubscribers(1, "a", { signal: AbortSignal.abort() })),
    "ABORT_ERR",
  );
  const waiting = codeOf(publisher.waitForSubscribers(1, "a"));
  await publisher.close();
  assert.equal(await waiting, "EAGAIN");
  assert.equal(await codeOf(publisher.waitForSubscribers()), "EBADF");
});

test("an XPUB is manual only with the option, a PUB never", (t) => {
  const xpub = closing(t, new XPublisher());
  const refused = (error: unknown): boolean => error instanceof ZmqError && error.code === "ENOTSUP";
  assert.throws(() => manualPattern(coreOf(xpub)), refused);
  xpub.manual = true;
  assert.equal(manualPattern(coreOf(xpub)), coreOf(xpub).pattern);
  assert.throws(() => manualPattern(coreOf(closing(t, new Publisher()))), refused);
});
