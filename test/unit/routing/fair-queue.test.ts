import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, Random } from "../../../fuzz/random.ts";
import { FairQueue } from "../../../src/routing/fair-queue.ts";
import { createPeer, type Peer, pipeEvents, texts } from "../sockets/rig.ts";

function attached(queue: FairQueue, count: number): Peer[] {
  return Array.from({ length: count }, () => {
    const peer = createPeer();
    peer.near.events = pipeEvents({ onReadable: (pipe) => queue.activate(pipe) });
    queue.attach(peer.near);
    return peer;
  });
}

function receiveAll(queue: FairQueue): string[] {
  const all: string[] = [];
  for (let message = queue.receive(); message !== undefined; message = queue.receive())
    all.push(texts(message)!.join());
  return all;
}

test("N receives take one message from each of N pipes", () => {
  const queue = new FairQueue();
  const peers = attached(queue, 5);
  for (let round = 0; round < 3; round++) peers.forEach((peer, index) => void peer.send(`${index}`));
  assert.deepEqual(receiveAll(queue).join(""), "012340123401234");
});

test("a busy pipe does not delay a quiet one", () => {
  const queue = new FairQueue();
  const [busy, quiet] = attached(queue, 2) as [Peer, Peer];
  for (let i = 0; i < 100; i++) busy.send("busy");
  assert.deepEqual(texts(queue.receive()), ["busy"]);
  assert.deepEqual(texts(queue.receive()), ["busy"]);
  quiet.send("quiet");
  assert.deepEqual(texts(queue.receive()), ["busy"]);
  assert.deepEqual(texts(queue.receive()), ["quiet"]);
});

test("many at once come from a pipe that is alone, and nobody's turn is passed over for them", () => {
  const queue = new FairQueue();
  const [one, two] = attached(queue, 2) as [Peer, Peer];
  assert.equal(queue.receiveMany(9), undefined);
  for (const text of ["a", "b", "c", "d", "e"]) one.send(text);
  two.send("x");
  assert.equal(queue.receiveMany(9), undefined);
  const each = [queue.receive(), queue.receive(), queue.receive(), queue.receive()].map((message) =>
    texts(message),
  );
  assert.deepEqual(each, [["a"], ["x"], ["b"], ["c"]]);
  assert.deepEqual(
    queue.receiveMany(9)?.map((message) => texts(message)),
    [["d"], ["e"]],
  );
  assert.equal(queue.origin, one.near);
  assert.equal(queue.receiveMany(9), undefined);
});

test("a message is whole: the frames of two peers are never mixed", () => {
  const queue = new FairQueue();
  const [one, two] = attached(queue, 2) as [Peer, Peer];
  one.send("1", "1", "1");
  two.send("2", "2");
  assert.deepEqual(receiveAll(queue), ["1,1,1", "2,2"]);
});

test("an empty queue gives nothing until an edge", () => {
  const queue = new FairQueue();
  const [peer] = attached(queue, 1) as [Peer];
  assert.equal(queue.canReceive(), false);
  assert.equal(queue.receive(), undefined);
  peer.send("a");
  assert.equal(queue.canReceive(), true);
  assert.equal(queue.origin, null);
  assert.deepEqual(texts(queue.receive()), ["a"]);
  assert.equal(queue.origin, peer.near);
  assert.equal(queue.canReceive(), false);
});

test("a pipe that ended is read empty and then gives nothing", () => {
  const queue = new FairQueue();
  const [left, stays] = attached(queue, 2) as [Peer, Peer];
  left.send("last words");
  left.far.close("peer-gone");
  stays.send("a");
  stays.send("b");
  assert.deepEqual(receiveAll(queue), ["last words", "a", "b"]);
  queue.detach(left.near);
  assert.equal(queue.size, 1);
});

test("the last pipe and its label outlive its detachment", () => {
  const queue = new FairQueue<string>();
  const peer = createPeer();
  queue.attach(peer.near, "label");
  peer.send("a");
  queue.receive();
  queue.detach(peer.near);
  assert.equal(queue.origin, peer.near);
  assert.equal(queue.lastLabel, "label");
});

test("a pipe may be detached out of its own read", () => {
  const queue = new FairQueue();
  const peer = createPeer({ inHwm: 1 });
  queue.attach(peer.near);
  peer.send("a");
  assert.equal(peer.send("refused"), false);
  // Reading gives the writer credit, and the writer leaves at once.
  peer.far.events = pipeEvents({ onWritable: () => queue.detach(peer.near) });
  assert.deepEqual(texts(queue.receive()), ["a"]);
  assert.equal(queue.receive(), undefined);
  assert.equal(queue.size, 0);
});

test("the queue gives what a plain list of turns gives, and what one pipe held comes in order", (t) => {
  const seed = chooseSeed(process.env.SEED);
  t.diagnostic(`SEED=${seed}`);
  const random = new Random(seed);
  const queue = new FairQueue();
  const peers = attached(queue, 7);
  // The twin: who holds messages or has not yet been found empty, in turn.
  let turns = peers.map((_, index) => index);
  const held: string[][] = peers.map(() => []);
  for (let step = 0; step < 5000; step++) {
    if (random.chance(0.5)) {
      const index = random.below(peers.length);
      peers[index]!.send(`${index}:${step}`);
      held[index]!.push(`${index}:${step}`);
      if (!turns.includes(index)) turns.push(index);
      continue;
    }
    while (turns.length > 0 && held[turns[0]!]!.length === 0) turns = turns.slice(1);
    const turn = turns[0];
    const expected = turn === undefined ? undefined : held[turn]![0];
    if (turn !== undefined) {
      held[turn] = held[turn]!.slice(1);
      turns = [...turns.slice(1), turn];
    }
    if (random.chance(0.3)) assert.equal(queue.canReceive(), expected !== undefined);
    assert.equal(texts(queue.receive())?.join(), expected, `SEED=${seed}, step ${step}`);
  }
});

test("it tells where the last message came from, also if reading it ended the pipe", () => {
  const queue = new FairQueue();
  const [one, other] = attached(queue, 2) as [Peer, Peer];
  assert.equal(queue.origin, null);
  one.send("a");
  other.send("b");
  queue.receive();
  assert.equal(queue.origin, one.near);
  queue.receive();
  queue.detach(other.near);
  assert.equal(queue.origin, other.near);
});
