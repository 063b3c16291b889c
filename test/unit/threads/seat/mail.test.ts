import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { chooseSeed, Random } from "../../../../fuzz/random.ts";
import type { ThreadRef } from "../../../../src/threads/pipe-thread.ts";
import { Directory } from "../../../../src/threads/seat/directory.ts";
import type { Citizen } from "./mail-ground.ts";
import { join, launch, said, settle, until, upTo } from "./mail-ground.ts";

test("what is posted comes in order, to a poll at once", (t) => {
  const directory = Directory.create();
  const [near, far] = [settle(t, directory), settle(t, directory)];
  assert.equal(far.mail.poll(), false);
  for (const number of [0, 1, 2]) assert.equal(near.mail.post(far.me, "number", number), true);
  assert.equal(far.mail.poll(), true);
  assert.deepEqual(far.numbers, [0, 1, 2]);
  assert.deepEqual(far.senders[0], near.me);
  assert.equal(far.mail.poll(), false);
  // The answer, over the channel of the two.
  far.mail.post(near.me, "number", 0);
  assert.equal(near.mail.poll(), true);
  near.mail.post(far.me, "number", 3);
  far.mail.post(near.me, "number", 1);
  far.mail.poll();
  near.mail.poll();
  assert.deepEqual([near.numbers, far.numbers], [upTo(2), upTo(4)]);
});

test("it comes through the loop, too", async (t) => {
  const directory = Directory.create();
  const [near, far] = [settle(t, directory), settle(t, directory)];
  for (let number = 0; number < 100; number++) {
    near.mail.post(far.me, "number", number);
    if (number % 10 === 0) await wait(1);
  }
  await until(() => far.numbers.length === 100);
  assert.deepEqual(far.numbers, upTo(100));
});

test("a letter is news: for a blocking call, and for a drain", async (t) => {
  const directory = Directory.create();
  const [near, far] = [settle(t, directory), settle(t, directory)];
  near.mail.post(far.me, "number", 0);
  assert.equal(
    far.bell.block(1000, () => false),
    true,
  );
  assert.deepEqual(far.numbers, [0]);
  near.mail.post(far.me, "number", 1);
  assert.equal(far.bell.drain(), true);
  assert.deepEqual(far.numbers, [0, 1]);
});

test("shared memory is shared, and the rest is what it was when it was posted", (t) => {
  const directory = Directory.create();
  const [near, far] = [settle(t, directory), settle(t, directory)];
  const { me: unborn } = { me: join(directory) };
  const memory = new SharedArrayBuffer(4);
  const value = { memory, list: [1] };
  for (const { me } of [near, far, { me: unborn }]) near.mail.post(me, "number", value);
  value.list.push(2);
  new Uint8Array(memory)[0] = 7;
  const late = settle(t, directory, unborn);
  near.mail.poll();
  for (const { mail, numbers } of [near, far, late]) {
    mail.poll();
    const [got] = numbers as [typeof value];
    assert.deepEqual(got.list, [1]);
    assert.equal(new Uint8Array(got.memory)[0], 7);
  }
});

test("a value that cannot be cloned is refused, and the next one comes", (t) => {
  const directory = Directory.create();
  const [near, far] = [settle(t, directory), settle(t, directory)];
  for (let round = 0; round < 2; round++) {
    assert.throws(() => near.mail.post(far.me, "number", () => undefined), { name: "DataCloneError" });
    near.mail.post(far.me, "number", round);
    far.mail.poll();
    near.mail.poll();
  }
  assert.deepEqual(far.numbers, [0, 1]);
});

test("two that write to each other for the first time at once find each other", (t) => {
  const directory = Directory.create();
  const [near, far] = [settle(t, directory), settle(t, directory)];
  for (const number of [0, 1]) {
    near.mail.post(far.me, "number", number);
    far.mail.post(near.me, "number", number);
  }
  far.mail.poll();
  near.mail.poll();
  for (const number of [2, 3]) {
    near.mail.post(far.me, "number", number);
    far.mail.post(near.me, "number", number);
  }
  near.mail.poll();
  far.mail.poll();
  assert.deepEqual([near.numbers, far.numbers], [upTo(4), upTo(4)]);
});

test("who has joined but has no inbox yet gets what was posted, in order", (t) => {
  const directory = Directory.create();
  const [near, other] = [settle(t, directory), settle(t, directory)];
  const unborn = join(directory);
  for (const number of [0, 1]) {
    near.mail.post(unborn, "number", number);
    other.mail.post(unborn, "number", number);
  }
  const far = settle(t, directory, unborn);
  assert.equal(far.mail.poll(), false);
  // Both were told.
  near.mail.post(far.me, "number", 2);
  assert.equal(near.bell.drain(), true);
  assert.equal(other.bell.drain(), true);
  assert.equal(far.bell.drain(), true);
  near.mail.post(far.me, "number", 3);
  far.mail.poll();
  assert.deepEqual([...far.numbers].sort(), [0, 0, 1, 1, 2, 3]);
});

test("who has no inbox yet and writes first gets what was posted to it before", (t) => {
  const directory = Directory.create();
  const near = settle(t, directory);
  const unborn = join(directory);
  near.mail.post(unborn, "number", 0);
  const far = settle(t, directory, unborn);
  far.mail.post(near.me, "number", 0);
  near.mail.poll();
  far.mail.poll();
  near.mail.post(unborn, "number", 1);
  far.mail.poll();
  assert.deepEqual([near.numbers, far.numbers], [[0], [0, 1]]);
});

test("who dies before it has an inbox is forgotten", (t) => {
  const directory = Directory.create();
  const near = settle(t, directory);
  const unborn = join(directory);
  near.mail.post(unborn, "number", 0);
  directory.remove(unborn);
  near.mail.forget(unborn);
  near.mail.poll();
  near.mail.post(unborn, "number", 1);
  const next = settle(t, directory);
  assert.equal(next.me.seat, unborn.seat);
  near.mail.post(next.me, "number", 2);
  next.mail.poll();
  assert.deepEqual(next.numbers, [2]);
});

test("a letter to oneself comes by itself, and to a poll", async (t) => {
  const { mail, me, numbers, bell } = settle(t, Directory.create());
  mail.post(me, "number", 0);
  assert.deepEqual(numbers, []);
  assert.equal(mail.poll(), true);
  mail.post(me, "number", 1);
  assert.equal(bell.drain(), true);
  mail.post(me, "number", 2);
  await until(() => numbers.length === 3);
  assert.deepEqual(numbers, [0, 1, 2]);
});

test("a handler that polls is not called within itself, but for urgent topics", (t) => {
  const directory = Directory.create();
  const [near, far] = [settle(t, directory), settle(t, directory)];
  const calls: string[] = [];
  far.mail.on("plain", (value) => {
    calls.push(`${value} begins`);
    far.mail.poll();
    calls.push(`${value} ends`);
  });
  far.mail.on("urgent", (value) => calls.push(`${value}`), true);
  near.mail.post(far.me, "plain", "first");
  far.mail.on("trigger", () => {
    near.mail.post(far.me, "plain", "third");
    near.mail.post(far.me, "urgent", "urgent");
    far.mail.poll();
    calls.push("triggered");
  });
  near.mail.post(far.me, "plain", "second");
  near.mail.post(far.me, "trigger", null);
  far.mail.poll();
  assert.deepEqual(calls, [
    "first begins",
    "first ends",
    "second begins",
    "second ends",
    "urgent",
    "triggered",
    "third begins",
    "third ends",
  ]);
});

test("a topic has one handler, and letters about others are dropped", (t) => {
  const directory = Directory.create();
  const [near, far] = [settle(t, directory), settle(t, directory)];
  assert.throws(() => far.mail.on("number", () => undefined), /invariant/);
  near.mail.post(far.me, "nothing", 0);
  near.mail.post(far.me, "number", 0);
  far.mail.poll();
  assert.deepEqual(far.numbers, [0]);
});

test("what a handler throws becomes an uncaught error, and the next letter is handled", async (t) => {
  const directory = Directory.create();
  settle(t, directory);
  const worker = launch(t, { name: "throws", memory: directory.memory });
  assert.deepEqual(await said(worker), ["called 1", "called 2", "thrown 1", "thrown 2"]);
});

test("numbers come in order, both ways, by loop, by poll and by blocking, whatever the order", async (t) => {
  const seed = chooseSeed(process.env.SEED);
  t.diagnostic(`SEED=${seed}`);
  const random = new Random(seed);
  const count = 20_000;
  const directory = Directory.create();
  const near = settle(t, directory);
  near.bell.start();
  const worker = launch(t, { name: "exchange", memory: directory.memory, seed: seed + 1, count });
  const report = said(worker);
  await until(() => directory.threads().length === 2);
  const far = directory.threads()[1] as ThreadRef;
  for (let sentCount = 0; sentCount < count || near.numbers.length < count; ) {
    for (let burst = random.below(20); burst > 0 && sentCount < count; burst--) {
      near.mail.post(far, "number", sentCount++);
    }
    const way = random.below(4);
    if (way === 0) near.mail.poll();
    else if (way === 1) near.bell.block(random.below(3), () => false);
    else if (way === 2) await wait(0);
  }
  assert.deepEqual(near.numbers, upTo(count), `SEED=${seed}`);
  assert.equal(await report, "in order", `SEED=${seed}`);
});

test("who does not let its loop turn gets all mail later, in order", async (t) => {
  const directory = Directory.create();
  const near = settle(t, directory);
  const worker = launch(t, { name: "isBusy", memory: directory.memory, count: 5000 });
  const far = await said<ThreadRef>(worker);
  for (const number of upTo(5000)) near.mail.post(far, "number", number);
  assert.deepEqual(await said(worker), upTo(5000));
});

test("a thread in a blocking call is woken by a letter", async (t) => {
  const directory = Directory.create();
  const near = settle(t, directory);
  let isStopped = false;
  near.mail.on("stopped", () => {
    isStopped = true;
  });
  const worker = launch(t, { name: "isBlocked", memory: directory.memory });
  const far = await said<ThreadRef>(worker);
  await wait(20);
  const began = performance.now();
  near.mail.post(far, "stop", null);
  while (!isStopped) assert.ok(near.bell.block(2000, () => false));
  t.diagnostic(`${((performance.now() - began) * 1000).toFixed(0)} us there and back`);
  assert.ok(performance.now() - began < 200);
  await once(worker, "exit");
});

test("what a thread posted before it ended comes, and then it is forgotten", async (t) => {
  const directory = Directory.create();
  const near = settle(t, directory);
  const met: ThreadRef[] = [];
  near.mail.onMeet = (thread) => met.push(thread);
  const worker = launch(t, { name: "postsAndEnds", memory: directory.memory, count: 50 });
  const exit = once(worker, "exit");
  const far = await said<ThreadRef>(worker);
  await exit;
  await until(() => near.numbers.length === 50);
  assert.deepEqual(met, [far]);
  directory.remove(far);
  near.mail.forget(far);
  assert.equal(near.mail.post(far, "number", 1), false);
  assert.deepEqual(near.numbers, upTo(50));
});

test("the last letters of a thread that was taken off before they came are handled", (t) => {
  const directory = Directory.create();
  const [near, far] = [settle(t, directory), settle(t, directory)];
  const met: ThreadRef[] = [];
  near.mail.onMeet = (thread) => met.push(thread);
  for (const number of [0, 1, 2]) far.mail.post(near.me, "number", number);
  directory.remove(far.me);
  near.mail.forget(far.me);
  assert.deepEqual(near.numbers, [0, 1, 2]);
  assert.deepEqual(met, []);
});

test("a letter that overtakes others, from another channel, waits for them", (t) => {
  const directory = Directory.create();
  const [near, far] = [settle(t, directory), settle(t, directory)];
  near.mail.post(far.me, "number", 0);
  far.mail.poll();
  const spy = new BroadcastChannel(`zeromq-ts/${directory.id}/${near.me.uid}-${far.me.uid}`);
  t.after(() => spy.close());
  for (const place of [3, 2, 4]) spy.postMessage([near.me.seat, near.me.uid, place, "number", place]);
  assert.equal(far.mail.poll(), false);
  near.mail.post(far.me, "number", 1);
  far.mail.poll();
  assert.deepEqual(far.numbers, upTo(5));
});

test("the channel of a thread that is forgotten is closed", async (t) => {
  const directory = Directory.create();
  const [near, far] = [settle(t, directory), settle(t, directory)];
  far.mail.post(near.me, "number", 0);
  near.mail.poll();
  const name = `zeromq-ts/${directory.id}/${near.me.uid}-${far.me.uid}`;
  const spy = new BroadcastChannel(name);
  t.after(() => spy.close());
  spy.postMessage([far.me.seat, far.me.uid, 1, "number", 1]);
  near.mail.poll();
  assert.deepEqual(near.numbers, [0, 1]);
  near.mail.forget(far.me);
  spy.postMessage([far.me.seat, far.me.uid, 2, "number", 2]);
  near.mail.poll();
  await wait(5);
  assert.deepEqual(near.numbers, [0, 1]);
});

test("forget handles what came, in a handler too, where it comes afterwards", (t) => {
  const directory = Directory.create();
  const [near, far] = [settle(t, directory), settle(t, directory)];
  far.mail.on("forget", () => {
    near.mail.post(far.me, "number", 0);
    directory.remove(near.me);
    far.mail.forget(near.me);
    assert.deepEqual(far.numbers, []);
  });
  near.mail.post(far.me, "forget", null);
  far.mail.poll();
  assert.deepEqual(far.numbers, [0]);
});

test("who has closed gets nothing and posts nothing", async (t) => {
  const directory = Directory.create();
  const [near, far] = [settle(t, directory), settle(t, directory)];
  near.mail.post(far.me, "number", 0);
  far.mail.poll();
  near.mail.post(far.me, "number", 1);
  near.mail.close();
  near.mail.close();
  near.mail.post(far.me, "number", 2);
  far.mail.post(near.me, "number", 0);
  assert.equal(near.mail.poll(), false);
  await wait(5);
  assert.deepEqual([near.numbers, far.numbers], [[], [0, 1]]);
});

test("mail keeps no thread alive", async (t) => {
  const directory = Directory.create();
  const near = settle(t, directory);
  const worker = launch(t, { name: "endsByItself", memory: directory.memory });
  assert.deepEqual(await once(worker, "exit"), [0]);
  near.mail.poll();
  assert.deepEqual(near.numbers, [1]);
});

test("what a letter costs", (t) => {
  const directory = Directory.create();
  const near = settle(t, directory);
  const others = upTo(30).map(() => settle(t, directory));
  const cost = (count: number, act: (index: number) => void) => {
    const began = performance.now();
    for (let index = 0; index < count; index++) act(index);
    return ((performance.now() - began) / count) * 1000;
  };
  const first = cost(30, (index) => near.mail.post(others[index]!.me, "number", 0));
  const second = cost(30, (index) => near.mail.post(others[index]!.me, "number", 0));
  for (const { mail } of others) mail.poll();
  near.mail.poll();
  const later = cost(3000, (index) => near.mail.post(others[index % 30]!.me, "number", 0));
  const taking = cost(30, (index) => others[index]!.mail.poll()) / 100;
  const [{ mail }] = others as [Citizen];
  const empty = cost(3000, () => mail.poll());
  const texts = { first, second, later, taking, empty };
  t.diagnostic(
    Object.entries(texts)
      .map(([name, us]) => `${name} ${us.toFixed(2)} us`)
      .join(", "),
  );
  assert.ok(later < first, "the pair's channel is not used");
});
