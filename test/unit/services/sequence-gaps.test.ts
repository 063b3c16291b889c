import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, Random } from "../../../fuzz/random.ts";
import type { SequenceGap, SequenceGapsOptions } from "../../../src/index.ts";
import { Publisher, SequenceCounter, SequenceGaps, Subscriber } from "../../../src/index.ts";
import { assertLaw, closing, join, turns } from "../../peers/sockets.ts";

function u32(value: number): Buffer {
  const frame = Buffer.alloc(4);
  frame.writeUInt32LE(value);
  return frame;
}

function bitcoin(topic: string, value: number): Buffer[] {
  return [Buffer.from(topic), Buffer.from("body"), u32(value)];
}

/** What was found, without the topic. */
function found(gap: SequenceGap | undefined): unknown[] | undefined {
  return gap === undefined ? undefined : [gap.kind, gap.expected, gap.received, gap.missedCount];
}

test("as Bitcoin Core publishes: topic first, a 32-bit little-endian number last", () => {
  const gaps = new SequenceGaps();
  assert.equal(gaps.check(bitcoin("hashtx", 7)), undefined);
  assert.equal(gaps.check(bitcoin("hashtx", 8)), undefined);
  assert.equal(gaps.check(bitcoin("hashblock", 0)), undefined);
  assert.deepEqual(gaps.check(bitcoin("hashtx", 12)), {
    kind: "gap",
    topic: Buffer.from("hashtx"),
    expected: 9n,
    received: 12n,
    missedCount: 3n,
  });
  assert.equal(gaps.check(bitcoin("hashtx", 13)), undefined);
  assert.equal(gaps.check(bitcoin("hashblock", 1)), undefined);
  assert.deepEqual(gaps.totalsOf("hashtx"), {
    receivedCount: 4n,
    missedCount: 3n,
    gapCount: 1,
    duplicateCount: 0,
    restartCount: 0,
  });
  assert.deepEqual(gaps.totals, { ...gaps.totalsOf("hashtx"), receivedCount: 6n });
  assert.equal(gaps.totalsOf("rawtx"), undefined);
  assert.equal(gaps.topicCount, 2);
});

test("the same number again is a duplicate, one that goes back a restart, and counting goes on from there", () => {
  const gaps = new SequenceGaps();
  const numbers = [5, 5, 6, 0, 1, 3, 2];
  assert.deepEqual(
    numbers.map((number) => found(gaps.check(bitcoin("a", number)))),
    [
      undefined,
      ["duplicate", 6n, 5n, 0n],
      undefined,
      ["restart", 7n, 0n, 0n],
      undefined,
      ["gap", 2n, 3n, 1n],
      ["restart", 4n, 2n, 0n],
    ],
  );
  const { gapCount, duplicateCount, restartCount, missedCount } = gaps.totals;
  assert.deepEqual([gapCount, duplicateCount, restartCount, missedCount], [1, 1, 2, 1n]);
});

test("after the largest number comes 0, with a gap across it or without", () => {
  const gaps = new SequenceGaps();
  assert.equal(gaps.check(bitcoin("a", 0xfffffffe)), undefined);
  assert.equal(gaps.check(bitcoin("a", 0xffffffff)), undefined);
  assert.equal(gaps.check(bitcoin("a", 0)), undefined);
  gaps.check(bitcoin("b", 0xfffffffe));
  assert.deepEqual(found(gaps.check(bitcoin("b", 2))), ["gap", 0xffffffffn, 2n, 3n]);
  gaps.check(bitcoin("c", 0xffffffff));
  assert.deepEqual(found(gaps.check(bitcoin("c", 0xffffffff))), ["duplicate", 0n, 0xffffffffn, 0n]);
});

test("64-bit numbers are exact where doubles are not", () => {
  const gaps = new SequenceGaps({ width: 8, byteOrder: "big" });
  const message = (value: bigint): Buffer[] => {
    const frame = Buffer.alloc(8);
    frame.writeBigUInt64BE(value);
    return [Buffer.from("a"), frame];
  };
  assert.equal(gaps.check(message(2n ** 53n)), undefined);
  assert.equal(gaps.check(message(2n ** 53n + 1n)), undefined);
  assert.deepEqual(found(gaps.check(message(2n ** 53n + 3n))), ["gap", 2n ** 53n + 2n, 2n ** 53n + 3n, 1n]);
  assert.equal(gaps.check(message(2n ** 53n + 4n)), undefined);
  assert.equal(found(gaps.check(message(2n ** 62n)))?.[3], 2n ** 62n - 2n ** 53n - 5n);
});

test("with `first`, what came before a late subscriber or after a restart is missed", () => {
  const gaps = new SequenceGaps({ first: 1 });
  assert.deepEqual(found(gaps.check(bitcoin("a", 4))), ["gap", 1n, 4n, 3n]);
  assert.equal(gaps.check(bitcoin("b", 1)), undefined);
  assert.deepEqual(found(gaps.check(bitcoin("a", 2))), ["restart", 5n, 2n, 1n]);
  // Further than half of all numbers, and the first to come.
  assert.equal(found(gaps.check(bitcoin("c", 0xf0000000)))?.[3], 0xefffffffn);
  assert.equal(gaps.check(bitcoin("d", 0)), undefined, "before the first there is nothing to miss");
});

test("topic and number may be anywhere", () => {
  const gaps = new SequenceGaps({ topicFrame: -2, numberFrame: 0, numberOffset: 3, byteOrder: "big" });
  const message = (topic: string, number: number): Buffer[] => {
    return [
      Buffer.from([9, 9, 9, 0, 0, 0, number, 9]),
      Buffer.from("x"),
      Buffer.from(topic),
      Buffer.from("y"),
    ];
  };
  assert.equal(gaps.check(message("a", 1)), undefined);
  assert.equal(gaps.check(message("b", 1)), undefined);
  assert.deepEqual(found(gaps.check(message("a", 4))), ["gap", 2n, 4n, 2n]);
});

test("a message without a number is EINVAL at once, and counts nothing", () => {
  const gaps = new SequenceGaps();
  const bad: readonly unknown[] = [
    [],
    [Buffer.from("a"), Buffer.alloc(3)],
    [Buffer.from("a"), Buffer.alloc(8)],
    "text",
    undefined,
    ["a", "b"],
  ];
  for (const message of bad) assert.throws(() => gaps.check(message as Buffer[]), { code: "EINVAL" });
  const distant: SequenceGapsOptions = { numberFrame: 1, numberOffset: 2, topicFrame: 2 };
  assert.throws(() => new SequenceGaps(distant).check([Buffer.alloc(9), Buffer.alloc(5), Buffer.alloc(1)]), {
    code: "EINVAL",
    message: /has 5 octets: no number of 4 octets from octet 2 on/,
  });
  assert.throws(() => new SequenceGaps(distant).check([Buffer.alloc(9), Buffer.alloc(6)]), {
    code: "EINVAL",
    message: /no frame 2/,
  });
  assert.equal(gaps.totals.receivedCount, 0n);
  assert.equal(gaps.topicCount, 0);
});

test("wrong options are EINVAL", () => {
  const wrong: readonly object[] = [
    { width: 5 },
    { byteOrder: "middle" },
    { topicFrame: 0.5 },
    { numberFrame: "1" },
    { numberOffset: -1 },
    { first: 2 ** 32 },
    { maxTopics: 0 },
  ];
  for (const options of wrong) assert.throws(() => new SequenceGaps(options), { code: "EINVAL" });
});

test("beyond maxTopics the topic that was silent longest is forgotten; the sums stay", () => {
  const gaps = new SequenceGaps({ maxTopics: 2 });
  for (const [topic, number] of [
    ["a", 0],
    ["b", 0],
    ["a", 2],
    ["c", 0],
  ] as const)
    gaps.check(bitcoin(topic, number));
  assert.equal(gaps.topicCount, 2);
  assert.equal(gaps.totalsOf("b"), undefined);
  assert.equal(gaps.totalsOf("a")?.missedCount, 1n);
  gaps.check(bitcoin("d", 0));
  gaps.check(bitcoin("e", 0));
  assert.equal(gaps.totalsOf("a"), undefined);
  assert.equal(gaps.totals.missedCount, 1n);
  for (let i = 0; i < 1000; i++) gaps.check(bitcoin(`${i}`, 0));
  assert.equal(gaps.topicCount, 2);
});

test("against an oracle that knows what was sent: losses, duplicates and wraps at random", (t) => {
  const seed = chooseSeed(process.env.SEED);
  t.diagnostic(`SEED=${seed}`);
  const random = new Random(seed);
  for (let round = 0; round < 200; round++) {
    const width = random.below(2) === 0 ? 4 : 8;
    const byteOrder = random.below(2) === 0 ? "little" : "big";
    const first = random.below(2) === 0 ? 0n : 2n ** BigInt(8 * width) - 1n - BigInt(random.below(20));
    const counter = new SequenceCounter({ width, byteOrder, first });
    const gaps = new SequenceGaps({ width, byteOrder });
    const lostSince = new Map<string, number>();
    let missed = 0;
    let duplicates = 0;
    for (let step = 0; step < 100; step++) {
      const topic = "abc"[random.below(3)] as string;
      const message = counter.append([topic, "body"]);
      const lost = lostSince.get(topic);
      if (random.below(3) === 0) {
        if (lost !== undefined) lostSince.set(topic, lost + 1);
        continue;
      }
      lostSince.set(topic, 0);
      const gap = gaps.check(message);
      assert.equal(Number(gap?.missedCount ?? 0n), lost ?? 0, `SEED=${seed}, round ${round}, step ${step}`);
      missed += lost ?? 0;
      if (random.below(10) > 0) continue;
      assert.equal(gaps.check(message)?.kind, "duplicate");
      duplicates++;
    }
    assert.equal(Number(gaps.totals.missedCount), missed);
    assert.equal(gaps.totals.duplicateCount, duplicates);
    assert.equal(gaps.totals.restartCount, 0);
  }
});

for (const [transport, bodySize] of [
  ["inproc", 10],
  ["tcp", 8_000],
] as const) {
  test(`5,000 messages of a PUB with HWM 10 to a slow SUB over ${transport}: missed is what was dropped`, async (t) => {
    const publisher = closing(t, new Publisher({ sendHighWaterMark: 10 }));
    const subscriber = closing(t, new Subscriber({ receiveHighWaterMark: 10 }));
    subscriber.subscribe("");
    await join(publisher, subscriber, transport);
    await publisher.waitForSubscribers();
    const counter = new SequenceCounter();
    const gaps = new SequenceGaps({ first: 0 });
    const body = Buffer.alloc(bodySize);
    for (let i = 0; i < 5_000; i++) {
      publisher.trySend(counter.append(["topic", body]));
      if (i % 500 !== 0) continue;
      await turns();
      const message = subscriber.tryReceive();
      if (message !== undefined) gaps.check(message);
    }
    // What was dropped last shows with the next that comes.
    const drained = (): boolean => Number(gaps.totals.receivedCount) === 5_000 - droppedCount(publisher);
    while (!drained()) gaps.check(await subscriber.receive({ timeoutMs: 5_000 }));
    await publisher.send(counter.append(["topic", body]));
    gaps.check(await subscriber.receive({ timeoutMs: 5_000 }));
    const dropped = droppedCount(publisher);
    assert.ok(dropped > 0, "none was dropped");
    assert.equal(gaps.totals.missedCount, BigInt(dropped));
    assert.equal(gaps.totals.receivedCount + gaps.totals.missedCount, 5_001n);
    assertLaw(publisher.stats());
  });
}

function droppedCount(publisher: Publisher): number {
  return publisher.peers[0]?.sent.dropped.hwm as number;
}
