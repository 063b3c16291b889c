import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, Random } from "../../../../fuzz/random.ts";
import { installPlatform } from "../../../../src/base/platform.ts";
import { DealerPattern } from "../../../../src/sockets/reqrep/dealer-pattern.ts";
import { assertConserved, Rig } from "../rig.ts";
import type { Ask } from "./asking-rig.ts";
import { ask, idText } from "./asking-rig.ts";

function dealer(options = {}): Rig<DealerPattern> {
  return new Rig((host) => new DealerPattern(host), { receiveHighWaterMark: 0, ...options });
}

test("replies go to who asked, in whatever order they come, and never to receive", () => {
  const rig = dealer();
  const peer = rig.join();
  const asks = ["a", "b", "c"].map((body) => ask(rig.pattern, body));
  assert.deepEqual(
    peer.receiveAll(),
    asks.map(({ id }, index) => [idText(id), "", "abc"[index]]),
  );
  for (const index of [2, 0, 1]) peer.send(idText(asks[index]!.id), "", `re ${index}`, "more");
  assert.deepEqual(
    asks.map(({ reply }) => reply),
    [0, 1, 2].map((index) => [`re ${index}`, "more"]),
  );
  assert.equal(rig.pattern.canReceive(), false);
  assert.equal(rig.receive(), undefined);
  assert.equal(peer.far.written.delivered, 3);
});

test("a reply to a request that is over is dropped and counted; one to a request that never was is a message", () => {
  const rig = dealer();
  const peer = rig.join();
  const answered = ask(rig.pattern, "a");
  peer.send(idText(answered.id), "", "reply");
  const late = ask(rig.pattern, "b");
  late.close();
  peer.send(idText(answered.id), "", "once more");
  peer.send(idText(late.id), "", "late");
  peer.send(idText(late.id + 1), "", "not asked yet");
  peer.send(idText(answered.id - 1), "", "never asked");
  assert.deepEqual(rig.receiveAll(), [
    [idText(late.id + 1), "", "not asked yet"],
    [idText(answered.id - 1), "", "never asked"],
  ]);
  assert.deepEqual(rig.receivedDrops, ["protocol", "protocol"]);
  assert.equal(late.reply, undefined);
  assertConserved(peer.far);
});

test("a reply is found behind messages that nobody receives, and they keep their order", () => {
  const rig = dealer();
  const peer = rig.join();
  peer.send("before");
  const asked = ask(rig.pattern, "a");
  peer.send("between");
  peer.send(idText(asked.id), "", "reply");
  peer.send("after");
  assert.deepEqual(asked.reply, ["reply"]);
  assert.deepEqual(rig.receiveAll().flat(), ["before", "between", "after"]);
});

test("at most receiveHighWaterMark messages are put aside; then receive makes room, and the reply comes", () => {
  const rig = dealer({ receiveHighWaterMark: 2 });
  const peer = rig.join();
  const asked = ask(rig.pattern, "a");
  for (let i = 0; i < 4; i++) peer.send(`${i}`);
  peer.send(idText(asked.id), "", "reply");
  assert.equal(rig.pattern.heldBackCount, 2);
  assert.equal(peer.near.unreadCount, 3);
  assert.equal(asked.reply, undefined);
  assert.deepEqual([rig.receive(), rig.receive()], [["0"], ["1"]]);
  assert.equal(asked.reply, undefined);
  assert.deepEqual(rig.receive(), ["2"]);
  assert.deepEqual(asked.reply, ["reply"]);
  assert.deepEqual(rig.receive(), ["3"]);
  assert.equal(rig.receive(), undefined);
});

test("while no request is under way nothing is read that was not asked for", () => {
  const rig = dealer();
  const peer = rig.join();
  ask(rig.pattern, "a").close();
  peer.send("message");
  assert.equal(peer.near.unreadCount, 1);
  assert.equal(rig.pattern.canReceive(), true);
  assert.deepEqual(rig.receive(), ["message"]);
});

test("what is aside when the socket closes is counted as orphaned", () => {
  const rig = dealer();
  const peer = rig.join();
  ask(rig.pattern, "a");
  peer.send("unread");
  assert.equal(rig.pattern.heldBackCount, 1);
  assert.deepEqual(rig.pattern.facts(), { requestCount: 1, heldBackCount: 1 });
  rig.pattern.shutRequests();
  assert.deepEqual(rig.receivedDrops, ["orphaned"]);
  assert.equal(rig.pattern.heldBackCount, 0);
  assertConserved(peer.far);
});

test("numbers begin anew after the largest, and late replies are known across that", () => {
  const before = installPlatform({ random: () => 1 - 2 ** -33 });
  const rig = dealer();
  const peer = rig.join();
  const asks = ["a", "b", "c"].map((body) => ask(rig.pattern, body));
  installPlatform(before);
  assert.deepEqual(
    asks.map(({ id }) => id),
    [0xffffffff, 0, 1],
  );
  for (const { id } of asks) rig.pattern.closeRequest(id);
  for (const { id } of asks) peer.send(idText(id), "", "late");
  peer.send(idText(0xfffffffe), "", "never asked");
  assert.deepEqual(rig.receiveAll(), [[idText(0xfffffffe), "", "never asked"]]);
  assert.equal(rig.receivedDrops.length, 3);
});

test("requests, replies, late replies and messages at random: each goes where it belongs, in order", (t) => {
  const seed = chooseSeed(process.env.SEED);
  t.diagnostic(`SEED=${seed}`);
  const random = new Random(seed);
  for (let round = 0; round < 100; round++) {
    const rig = dealer({ receiveHighWaterMark: random.below(2) * 3 });
    const peers = [rig.join(), rig.join(), rig.join()];
    const asks: Ask[] = [];
    const expected = peers.map((): string[] => []);
    const received = peers.map((): string[] => []);
    const replied = new Set<Ask>();
    const closed = new Set<Ask>();
    let sentCount = 0;
    for (let step = 0; step < 60; step++) {
      const at = random.below(peers.length);
      const peer = peers[at]!;
      const one = asks[random.below(asks.length)];
      const choice = random.below(5);
      if (choice === 0) asks.push(ask(rig.pattern, "question"));
      else if (choice === 1 && one !== undefined) {
        if (!closed.has(one)) replied.add(one);
        peer.send(idText(one.id), "", `re ${one.id}`);
      } else if (choice === 2 && one !== undefined && !replied.has(one)) {
        one.close();
        closed.add(one);
      } else if (choice === 3) {
        expected[at]!.push(`${at} ${++sentCount}`);
        peer.send(`${at} ${sentCount}`);
      } else take();
    }
    while (rig.pattern.canReceive()) take();
    assert.deepEqual(received, expected);
    for (const one of asks) assert.deepEqual(one.reply, replied.has(one) ? [`re ${one.id}`] : undefined);
    assertConserved(...peers.map(({ far }) => far));

    function take(): void {
      const message = rig.receive();
      if (message !== undefined) received[Number(message[0]![0])]!.push(message[0]!);
    }
  }
});
