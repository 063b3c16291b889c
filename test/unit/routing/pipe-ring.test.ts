import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, Random } from "../../../fuzz/random.ts";
import type { Pipe } from "../../../src/pipe/pipe.ts";
import { PipeRing } from "../../../src/routing/pipe-ring.ts";
import { createPeer } from "../sockets/rig.ts";

/** The ring in order, beginning with `current`, read forwards; the way back must say the same. */
function order(ring: PipeRing<string>): string[] {
  const labels: string[] = [];
  const first = ring.current;
  if (first === null) return labels;
  for (let node = first; ; node = node.next) {
    assert.equal(node.next.previous, node);
    labels.push(node.label as string);
    if (node.next === first) return labels;
  }
}

test("a pipe that enters the ring is the last of the round", () => {
  const ring = new PipeRing<string>();
  for (const label of ["a", "b", "c"]) ring.attach(createPeer().near, label);
  assert.deepEqual(order(ring), ["a", "b", "c"]);
  ring.advance(ring.current!);
  ring.attach(createPeer().near, "d");
  assert.deepEqual(order(ring), ["b", "c", "a", "d"]);
});

test("a pipe is attached once", () => {
  const ring = new PipeRing<string>();
  const { near } = createPeer();
  ring.attach(near, "a");
  assert.throws(() => ring.attach(near, "a"), /attached to a ring once/);
});

test("edges of pipes that are not attached, or are active already, change nothing", () => {
  const ring = new PipeRing<string>();
  const { near } = createPeer();
  ring.activate(near);
  ring.detach(near);
  ring.attach(near, "a");
  ring.activate(near);
  assert.deepEqual(order(ring), ["a"]);
  assert.equal(ring.size, 1);
});

test("a node that left the ring during its turn does not move the turn", () => {
  const ring = new PipeRing<string>();
  const pipes = ["a", "b", "c"].map((label) => {
    const { near } = createPeer();
    ring.attach(near, label);
    return near;
  });
  const node = ring.current!;
  ring.detach(pipes[0]!);
  ring.advance(node);
  assert.deepEqual(order(ring), ["b", "c"]);
});

test("the ring keeps the order of a plain list under random steps", (t) => {
  const seed = chooseSeed(process.env.SEED);
  t.diagnostic(`SEED=${seed}`);
  const random = new Random(seed);
  const ring = new PipeRing<string>();
  const attached = new Map<string, Pipe>();
  // The twin: the active labels, the one whose turn it is first.
  let turns: string[] = [];
  for (let step = 0; step < 5000; step++) {
    const label = String(random.below(12));
    const pipe = attached.get(label);
    switch (random.below(5)) {
      case 0:
        if (pipe !== undefined) break;
        attached.set(label, createPeer().near);
        ring.attach(attached.get(label)!, label);
        turns.push(label);
        break;
      case 1:
        if (pipe === undefined) break;
        ring.detach(pipe);
        attached.delete(label);
        turns = turns.filter((other) => other !== label);
        break;
      case 2:
        if (pipe === undefined) break;
        ring.activate(pipe);
        if (!turns.includes(label)) turns.push(label);
        break;
      case 3:
        if (ring.current === null) break;
        ring.advance(ring.current);
        turns = [...turns.slice(1), turns[0]!];
        break;
      default:
        if (ring.current === null) break;
        ring.unlink(ring.current);
        turns = turns.slice(1);
    }
    assert.deepEqual(order(ring), turns, `SEED=${seed}, step ${step}`);
    assert.equal(ring.size, attached.size);
  }
});
