import assert from "node:assert/strict";
import { test } from "node:test";
import { Publisher, Subscriber } from "../../../../src/index.ts";
import { closing, drain, join } from "../../../peers/sockets.ts";

/** What a subscriber gets of these topics after it was prepared. */
async function received(
  t: import("node:test").TestContext,
  prepare: (subscriber: Subscriber) => void,
): Promise<string[]> {
  const [publisher, subscriber] = [closing(t, new Publisher()), closing(t, new Subscriber())];
  prepare(subscriber);
  await join(publisher, subscriber, "inproc");
  for (const topic of ["a", "ab", "b", ""]) await publisher.send(topic);
  return drain(subscriber);
}

test("without a subscription nothing comes", async (t) => {
  assert.deepEqual(await received(t, () => undefined), []);
});

test("subscribe() takes all, subscribe(...) what starts with one of the prefixes", async (t) => {
  assert.deepEqual(await received(t, (subscriber) => subscriber.subscribe()), ["a", "ab", "b", ""]);
  assert.deepEqual(await received(t, (subscriber) => subscriber.subscribe("ab", "b")), ["ab", "b"]);
});

test("subscriptions are counted: each unsubscribe undoes one", async (t) => {
  const twice = (subscriber: Subscriber): void => {
    subscriber.subscribe("a", "a");
    subscriber.unsubscribe("a");
  };
  assert.deepEqual(await received(t, twice), ["a", "ab"]);
  const undone = (subscriber: Subscriber): void => {
    subscriber.subscribe("a", "a");
    subscriber.unsubscribe("a", "a", "never subscribed");
  };
  assert.deepEqual(await received(t, undone), []);
});

test("unsubscribe() without prefixes undoes the empty one", async (t) => {
  const prepare = (subscriber: Subscriber): void => {
    subscriber.subscribe();
    subscriber.subscribe("b");
    subscriber.unsubscribe();
  };
  assert.deepEqual(await received(t, prepare), ["b"]);
});

test("a closed socket takes no subscription", async () => {
  const subscriber = new Subscriber();
  await subscriber.close();
  assert.throws(() => subscriber.subscribe("a"), { code: "EBADF" });
  assert.throws(() => subscriber.unsubscribe("a"), { code: "EBADF" });
});
