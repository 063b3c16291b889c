// What the contract of a pipe does not show: going over to another pipe. test/contract/pending-pipe.test.ts has the rest.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LocalPipeOptions } from "../../../../src/pipe/local-pipe.ts";
import { createLocalPipe } from "../../../../src/pipe/local-pipe.ts";
import type { Pipe } from "../../../../src/pipe/pipe.ts";
import { PendingPipe } from "../../../../src/threads/inproc/pending-pipe.ts";
import { countsOf, EndRig, SinkRig, somePeer } from "../../../contract/pipe-rig.ts";

function localPair(given: Partial<LocalPipeOptions> = {}): [Pipe, Pipe] {
  const options = { firstToSecondHwm: 0, secondToFirstHwm: 0, conflate: false, ...given };
  return createLocalPipe(options, somePeer("nobody"), somePeer("writer"));
}

/** A pending end with its rest, and a pipe to go over to. */
function moveRig(given: Partial<LocalPipeOptions> = {}) {
  const [target, rest] = localPair(given);
  const pipe = new PendingPipe(target);
  const writer = new EndRig(pipe);
  const [next, far] = localPair({ conflate: given.conflate ?? false });
  const reader = new EndRig(far);
  const move = (sendHwm = 0) => pipe.moveTo(next, rest, () => next.setHighWaterMarks(sendHwm, 0));
  return { pipe, writer, rest, reader, move };
}

describe("a pending pipe", () => {
  it("may lead to another thread until somebody has its other end here", () => {
    const { pipe } = moveRig();
    assert.equal(pipe.crossesThreads, true);
    pipe.settle();
    assert.equal(pipe.crossesThreads, false);
  });

  it("is as live, and has the peer, that its pipe has", () => {
    const [target] = localPair();
    const pipe = new PendingPipe(target);
    assert.equal(pipe.peer, target.peer);
    pipe.peer = somePeer("another");
    pipe.live = true;
    assert.deepEqual([target.live, target.peer.endpoint], [true, "test://another"]);
  });
});

describe("going over to another pipe", () => {
  it("takes along what was written, control messages in their places, and the peer", () => {
    const { pipe, writer, reader, move } = moveRig({ firstToSecondHwm: 3 });
    pipe.writeControl([Buffer.from("topic")]);
    for (const text of ["a", "b"]) writer.write(text, "more");
    pipe.writeControl([Buffer.from("no topic")]);
    writer.write("c");
    const { peer } = pipe;
    move(3);
    assert.equal(pipe.peer, peer);
    assert.equal(reader.pipe.unreadCount, 3);
    assert.deepEqual(reader.readAll(), ["topic", "a|more", "b|more", "no topic", "c"]);
    writer.write("d");
    reader.write("back");
    assert.deepEqual([reader.readAll(), writer.readAll()], [["d"], ["back"]]);
  });

  it("takes along more than the mark allows by now, and no more than that", () => {
    const { writer, reader, move } = moveRig({ firstToSecondHwm: 10 });
    assert.equal(writer.fill(), 10);
    move(4);
    assert.equal(writer.write("x"), false);
    assert.equal(reader.readAll().length, 10);
  });

  it("leaves the counts as they are, and whoever looks at them may go on", () => {
    const { pipe, writer, reader, move } = moveRig({ firstToSecondHwm: 2 });
    const { written } = pipe;
    for (let i = 0; i < 5; i++) if (!writer.write(`${i}`)) pipe.countDrop("hwm");
    pipe.writeControl([Buffer.from("not counted")]);
    const before = countsOf(written);
    assert.equal(before, "accepted 5, delivered 0, queued 2, hwm 3");
    move(2);
    assert.equal(countsOf(written), before);
    assert.equal(written.hwm, 2);
    reader.read();
    pipe.countDrop("hwm");
    assert.equal(countsOf(written), "accepted 6, delivered 1, queued 1, hwm 4");
  });

  it("keeps the newest message alone, and counts the others", () => {
    const { pipe, writer, reader, move } = moveRig({ conflate: true });
    writer.fill(5);
    move();
    assert.equal(countsOf(pipe.written), "accepted 5, delivered 0, queued 1, conflated 4");
    writer.write("newest");
    assert.deepEqual(reader.readAll(), ["newest"]);
    assert.equal(countsOf(pipe.written), "accepted 6, delivered 1, queued 0, conflated 5");
  });

  it("can be done again", () => {
    const { pipe, writer, reader, move } = moveRig({ firstToSecondHwm: 1 });
    writer.write("a");
    pipe.countDrop("hwm");
    move(1);
    const [next, far] = localPair();
    pipe.countDrop("hwm");
    pipe.moveTo(next, reader.pipe, () => next.setHighWaterMarks(1, 0));
    assert.equal(countsOf(pipe.written), "accepted 3, delivered 0, queued 1, hwm 2");
    assert.deepEqual(new EndRig(far).readAll(), ["a"]);
  });

  it("tells its owner nothing, and nobody needs the pipe before any more", () => {
    const { pipe, writer, rest, reader, move } = moveRig({ firstToSecondHwm: 2 });
    writer.fill();
    move(2);
    assert.deepEqual([pipe.isClosed, pipe.isEnded, rest.isClosed, rest.isEnded], [false, false, true, true]);
    assert.deepEqual(writer.take(), []);
    assert.deepEqual(reader.take(), ["readable"]);
  });

  for (const [mark, told] of [
    [2, "when there is room there"],
    [5, "at once if there is room there"],
  ] as const) {
    it(`tells a writer that waits for room ${told}`, () => {
      const { writer, reader, move } = moveRig({ firstToSecondHwm: 2 });
      writer.fill();
      move(mark);
      assert.deepEqual(writer.take(), mark === 2 ? [] : ["writable"]);
      writer.fill();
      reader.readAll();
      assert.deepEqual(writer.take(), ["writable"]);
    });
  }

  it("tells of what comes afterwards as its own", () => {
    const { pipe, writer, reader, move } = moveRig();
    move();
    const pipes: Pipe[] = [];
    const note = (from: Pipe) => pipes.push(from);
    pipe.events = { onReadable: note, onWritable: note, onPeerClosed: note, onDrained: note };
    reader.write("back");
    reader.pipe.close("peer-gone");
    writer.readAll();
    assert.deepEqual(pipes, [pipe, pipe, pipe]);
  });

  it("leaves it closed if it was, and readable for whoever comes", () => {
    const { pipe, writer, reader, move } = moveRig({ firstToSecondHwm: 3 });
    writer.fill(2);
    pipe.close("orphaned");
    move(3);
    assert.ok(pipe.isClosed && reader.pipe.isEnded);
    assert.deepEqual(reader.readAll(), ["m0", "m1"]);
    assert.equal(countsOf(pipe.written), "accepted 2, delivered 2, queued 0");
    assert.deepEqual(writer.take(), [], "who is gone is told nothing");
  });

  it("keeps its sink", () => {
    const { pipe, reader, move } = moveRig();
    const sink = new SinkRig();
    pipe.setSink(sink);
    move();
    reader.write("past");
    assert.deepEqual(sink.taken, ["past"]);
  });
});
