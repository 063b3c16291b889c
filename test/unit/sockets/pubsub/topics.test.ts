import assert from "node:assert/strict";
import { test } from "node:test";
import { Publisher, Push, Subscriber, XPublisher, XSubscriber, ZmqError } from "../../../../src/index.ts";
import { manualPattern, toTopics } from "../../../../src/sockets/pubsub/topics.ts";
import { coreOf } from "../../../../src/sockets/socket.ts";
import { closing, codeOf, join, textOf, until } from "../../../peers/sockets.ts";

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

test("topicsCount: different topics, of all peers together and of the socket itself (B65)", async (t) => {
  const publisher = closing(t, new XPublisher());
  const [sub, xsub] = [closing(t, new Subscriber()), closing(t, new XSubscriber())];
  await join(publisher, sub, "inproc");
  xsub.connect(publisher.lastEndpoint as string);
  assert.deepEqual([publisher.topicsCount, sub.topicsCount, xsub.topicsCount], [0, 0, 0]);
  sub.subscribe("a", "ab", "abc", "a");
  await xsub.send("\x01x");
  await xsub.send("\x01a");
  assert.deepEqual([sub.topicsCount, xsub.topicsCount], [3, 2]);
  await until("all are known", () => publisher.topicsCount === 4);
  sub.unsubscribe("a");
  assert.equal(sub.topicsCount, 3, "it was subscribed to twice");
  sub.unsubscribe("a", "abc");
  assert.equal(sub.topicsCount, 1);
  await until("one is nobody's", () => publisher.topicsCount === 3);
  await sub.close();
  await until("the peer's own are gone", () => publisher.topicsCount === 2);
  const plain = closing(t, new Publisher());
  const late = closing(t, new Subscriber());
  late.subscribe();
  await join(plain, late, "tcp");
  await until("it is known", () => plain.topicsCount === 1);
  await late.close();
  await until("it is gone", () => plain.topicsCount === 0);
});

test("topicsCount can only be read, and only of sockets with topics", () => {
  assert.throws(() => new Subscriber({ topicsCount: 1 } as object), {
    code: "EINVAL",
    message: /only be read/,
  });
  assert.throws(() => new Push({ topicsCount: 1 } as object), { code: "EINVAL", message: /has no option/ });
  assert.equal("topicsCount" in Push.prototype, false);
});
