// What the contract of a pipe does not show: test/contract/pipe-suite.ts has the rest.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "../../../src/base/message.ts";
import { installPlatform } from "../../../src/base/platform.ts";
import { Channel } from "../../../src/pipe/channel.ts";
import type { Pipe, PipeSink } from "../../../src/pipe/pipe.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";

installPlatform(nodePlatform);

interface Rig {
  readonly channel: Channel;
  /** What both ends were told, in order. */
  readonly told: string[];
  write(text: string): boolean;
  read(): string | undefined;
}

function rig(hwm: number, conflate = false): Rig {
  const channel = new Channel(hwm, conflate);
  const told: string[] = [];
  const end = {
    events: {
      onReadable: () => told.push("readable"),
      onWritable: () => told.push("writable"),
      onDrained: () => told.push("drained"),
      onPeerClosed: () => told.push("peer closed"),
    },
  } as unknown as Pipe;
  channel.reader = end;
  channel.writer = end;
  return {
    channel,
    told,
    write: (text) => channel.write(frames(text), true),
    read: () => channel.take()?.[0]?.toString(),
  };
}

function frames(text: string): Message {
  return [Buffer.from(text)];
}

function assertLaw({ channel }: Rig): void {
  let lost = 0;
  for (const count of Object.values(channel.dropped)) lost += count;
  assert.equal(channel.accepted, channel.delivered + channel.queued + lost);
}

// libzmq pipe.cpp: credit comes in steps of (hwm + 1) / 2.
test("the writer learns of reads in steps of the low-water mark", () => {
  for (const [hwm, lwm] of [
    [1, 1],
    [2, 1],
    [3, 2],
    [10, 5],
    [1000, 500],
  ] as const) {
    const it = rig(hwm);
    // Never full: still only whole steps are told, so it may look full with hwm - lwm + 1 messages in it.
    for (let i = 0; i < hwm; i++) it.write("x");
    for (let i = 0; i < lwm - 1; i++) it.read();
    assert.equal(it.channel.hasRoom(), false, `hwm ${hwm}: no credit after ${lwm - 1} reads`);
    it.read();
    assert.equal(it.channel.hasRoom(), true, `hwm ${hwm}: credit after ${lwm} reads`);
  }
});

test("a message that the sink takes at once needs no credit; what it holds counts against the mark", () => {
  const it = rig(3);
  const taken: Message[] = [];
  let takes = true;
  const sink: PipeSink = {
    takeRunMax: 0,
    takeRun: () => assert.fail("nothing here is octets"),
    take: (message) => {
      if (takes) taken.push(message);
      return takes;
    },
    get heldCount() {
      return 1;
    },
  };
  it.channel.sink = sink;
  for (let i = 0; i < 100; i++) assert.ok(it.write(`${i}`));
  assert.equal(taken.length, 100);
  assert.equal(it.channel.queued, 1, "what the sink holds is queued");
  assert.equal(it.channel.delivered, 99);
  assert.deepEqual(it.told, []);
  takes = false;
  assert.deepEqual([it.write("a"), it.write("b"), it.write("c")], [true, true, false]);
  takes = true;
  assert.equal(it.write("d"), false, "nothing overtakes what is queued");
  assert.deepEqual([it.read(), it.read(), it.read()], ["a", "b", undefined]);
  assert.ok(it.write("e"));
  assert.equal(taken.length, 101);
  assertLaw(it);
});

test("control messages keep their place, count nowhere and need no room", () => {
  const it = rig(1);
  it.channel.writeControl(frames("first"));
  assert.ok(it.write("message"));
  it.channel.writeControl(frames("last"));
  assert.equal(it.write("one too many"), false);
  assert.equal(it.channel.unread, 1);
  assert.equal(it.channel.accepted, 1);
  assert.deepEqual([it.read(), it.read(), it.read(), it.read()], ["first", "message", "last", undefined]);
  assert.equal(it.channel.delivered, 1);
  assertLaw(it);
});

test("the newest message alone is kept with conflate, whatever the mark", () => {
  const it = rig(5, true);
  for (let i = 0; i < 20; i++) assert.ok(it.write(`${i}`));
  assert.equal(it.channel.hwm, 0);
  assert.equal(it.channel.dropped.conflated, 19);
  it.channel.setHwm(7);
  assert.equal(it.channel.hwm, 0);
  assert.deepEqual([it.read(), it.read()], ["19", undefined]);
  assertLaw(it);
});

// libzmq behaviour B6.
test("lowering the mark of a full channel loses nothing, and the lower one holds once it is read", () => {
  const it = rig(100);
  for (let i = 0; i < 100; i++) assert.ok(it.write(`${i}`));
  it.channel.setHwm(70);
  assert.equal(it.write("x"), false);
  for (let i = 0; i < 100; i++) assert.equal(it.read(), `${i}`);
  let count = 0;
  while (it.write("y")) count++;
  assert.ok(count >= 35 && count <= 70, `${count}`);
  assertLaw(it);
});

test("raising the mark of a full channel tells the writer", () => {
  const it = rig(1);
  it.write("a");
  assert.equal(it.write("b"), false);
  it.told.length = 0;
  it.channel.setHwm(3);
  assert.deepEqual(it.told, ["writable"]);
  assert.deepEqual([it.write("b"), it.write("c"), it.write("d")], [true, true, false]);
});

test("discarding takes the oldest messages, passes over control messages, and gives credit", () => {
  const it = rig(4);
  it.channel.writeControl(frames("control"));
  for (const text of ["a", "b", "c", "d"]) it.write(text);
  assert.equal(it.write("e"), false);
  it.told.length = 0;
  it.channel.discard(2, "orphaned");
  assert.deepEqual(it.told, ["writable"]);
  assert.equal(it.channel.dropped.orphaned, 2);
  it.channel.discard(1000, "orphaned");
  assert.equal(it.channel.dropped.orphaned, 4);
  assert.equal(it.channel.unread, 0);
  assertLaw(it);
});

test("a channel whose writer closed tells once when it is empty", () => {
  const it = rig(10);
  it.write("a");
  it.write("b");
  it.channel.closeWriter();
  assert.equal(it.write("c"), false);
  assert.equal(it.channel.hasRoom(), false);
  it.told.length = 0;
  assert.deepEqual([it.read(), it.told.length], ["a", 0]);
  assert.deepEqual([it.read(), it.told], ["b", ["drained"]]);
  assertLaw(it);
});

test("what waits when the reader closes is lost for the reason given", () => {
  const it = rig(10);
  it.write("a");
  it.channel.writeControl(frames("control"));
  it.write("b");
  it.channel.closeReader("linger");
  assert.equal(it.channel.dropped.linger, 2);
  assert.equal(it.channel.queued, 0);
  assert.equal(it.read(), undefined);
  assertLaw(it);
});

test("many messages are read at once, with the credit of each, unless control messages stand between", () => {
  const { channel, told, write, read } = rig(4);
  const readMany = (countMax: number): string[] | undefined =>
    channel.takeMany(countMax)?.map((message) => (message[0] as Buffer).toString());
  assert.equal(readMany(9), undefined);
  for (const text of ["a", "b", "c", "d"]) assert.ok(write(text));
  assert.ok(!write("e"));
  told.length = 0;
  assert.deepEqual(readMany(1), ["a"]);
  assert.deepEqual(told, []);
  assert.deepEqual(readMany(9), ["b", "c", "d"]);
  assert.deepEqual(told, ["writable"]);
  assert.equal(channel.delivered, 4);
  assert.ok(write("f"));
  channel.writeControl(frames("control"));
  assert.equal(readMany(9), undefined);
  assert.equal(read(), "f");
});

test("the last of many reads of a channel whose writer closed tells that it is empty", () => {
  const { channel, told, write } = rig(0);
  write("a");
  write("b");
  channel.closeWriter();
  told.length = 0;
  assert.equal(channel.takeMany(9)?.length, 2);
  assert.deepEqual(told, ["drained"]);
});
