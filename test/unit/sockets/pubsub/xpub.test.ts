import assert from "node:assert/strict";
import { test } from "node:test";
import { Subscriber, XPublisher } from "../../../../src/index.ts";
import { closing, drain, join } from "../../../peers/sockets.ts";

test("subscriptions arrive as messages, 01 or 00 and the topic", async (t) => {
  const [xpub, subscriber] = [closing(t, new XPublisher()), closing(t, new Subscriber())];
  subscriber.subscribe("a");
  await join(xpub, subscriber, "inproc");
  assert.deepEqual(drain(xpub), ["\x01a"]);
  subscriber.unsubscribe("a");
  assert.deepEqual(drain(xpub), ["\0a"]);
});

test("with manual the application subscribes the peer whose message came last, to any prefixes", async (t) => {
  const xpub = closing(t, new XPublisher({ manual: true }));
  const subscriber = closing(t, new Subscriber());
  subscriber.subscribe("a");
  await join(xpub, subscriber, "inproc");
  assert.deepEqual(drain(xpub), ["\x01a"]);
  await xpub.send("a1");
  assert.deepEqual(drain(subscriber), [], "asking is not getting");
  xpub.subscribe("a", "b");
  for (const topic of ["a2", "b2"]) await xpub.send(topic);
  assert.deepEqual(drain(subscriber), ["a2"], "the subscriber filters what it did not ask for");
  assert.equal(xpub.stats().peers[0]?.sent.accepted, 2, "both went to the peer");
  xpub.unsubscribe("a");
  await xpub.send("a3");
  assert.deepEqual(drain(subscriber), []);
});

test("without manual subscribe and unsubscribe are refused", (t) => {
  const xpub = closing(t, new XPublisher());
  assert.throws(() => xpub.subscribe("a"), { code: "ENOTSUP" });
  assert.throws(() => xpub.unsubscribe("a"), { code: "ENOTSUP" });
});
