// A connection that may lead to another thread, before it is known where to. What it carries then:
// test/contract/inproc-two-threads.test.ts.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { totalDropped } from "../../../../src/core/ledger.ts";
import type { SocketOptionValues } from "../../../../src/core/options.ts";
import { LocalPipe } from "../../../../src/pipe/local-pipe.ts";
import { PendingPipe } from "../../../../src/threads/inproc/pending-pipe.ts";
import { SharedPipe } from "../../../../src/threads/ring/shared-pipe.ts";
import { HostRig } from "../../transports/host-rig.ts";
import type { ThreadUnderTest } from "../thread-world.ts";
import { ThreadWorld } from "../thread-world.ts";

const marks = (sendHighWaterMark: number, receiveHighWaterMark: number) => ({
  sendHighWaterMark,
  receiveHighWaterMark,
});

let world: ThreadWorld;
let [here, there, elsewhere]: ThreadUnderTest[] = [];

beforeEach(() => {
  world = new ThreadWorld();
  [here, there, elsewhere] = [world.add(), world.add(), world.add()];
});

afterEach(() => world.end());

function rig(typeName: string, given: Partial<SocketOptionValues> = {}): HostRig {
  return new HostRig(typeName, given);
}

/** A large body goes beside the ring, so its memory is handed over by mail. */
const LARGE = "x".repeat(300_000);

describe("before the binder's thread answered", () => {
  it("a connector may write as much as its own mark, and the rest afterwards", () => {
    const [connector, binder] = [rig("C", marks(10, 5)), rig("B", marks(1, 1))];
    there.transport.bind("name", binder);
    connector.connect(here.transport, "name");
    assert.ok(connector.pipe instanceof SharedPipe);
    assert.equal(connector.fill(), 10);
    assert.deepEqual([connector.pipe.live, connector.pipe.crossesThreads], [false, true]);
    assert.deepEqual(connector.takeLog(), ["attach"]);
    world.settle();
    assert.ok(connector.takeLog().includes("writable"), "there is room for one more");
    assert.equal(connector.fill(), 1);
    world.settle();
    assert.equal(binder.readAll().length, 11);
  });

  it("a connector that raises its mark is told of room", () => {
    const [connector, binder] = [rig("C", marks(2, 5)), rig("B", marks(1, 1))];
    there.transport.bind("name", binder);
    connector.connect(here.transport, "name");
    connector.fill();
    connector.options.sendHighWaterMark = 4;
    here.transport.optionsChanged(connector, connector.pipe);
    here.seat?.hear(1);
    assert.deepEqual(connector.takeLog(), ["attach", "writable"]);
    assert.equal(connector.fill(), 2);
  });

  it("what the binder writes at once is not told to a connector that knows no peer", () => {
    const [connector, binder] = [rig("C"), rig("B")];
    there.transport.bind("name", binder);
    binder.onAttach = (pipe) => binder.send("early", pipe);
    connector.connect(here.transport, "name");
    there.turn();
    here.seat?.hear(1);
    assert.deepEqual(connector.takeLog(), ["attach"]);
    world.settle();
    assert.deepEqual(connector.takeLog(), ["identify", "readable"]);
    assert.deepEqual(connector.readAll(), ["early"]);
  });

  it("a connector that closes leaves what it wrote, and nothing if it wrote nothing", () => {
    const binder = rig("B");
    there.transport.bind("name", binder);
    const [first, second] = [rig("First"), rig("Second")];
    const link = first.connect(here.transport, "name");
    first.send("last words");
    link.disconnect();
    second.connect(here.transport, "name").disconnect();
    world.settle();
    assert.deepEqual(binder.takeLog(), ["attach", "identify", "readable", "peer closed"]);
    assert.deepEqual(binder.readAll(), ["last words"]);
    assert.deepEqual(binder.takeLog(), ["drained"]);
    assert.deepEqual(first.takeLog(), ["attach"], "who is gone is told nothing");
    world.settle();
    assert.deepEqual([here.seat?.endCount, there.seat?.endCount], [0, 0]);
  });

  for (const [where, thread] of [
    ["this thread", () => here],
    ["the same thread", () => there],
    ["a third thread", () => elsewhere],
  ] as const) {
    it(`a name that is unbound meanwhile: the next binder, in ${where}, gets everything`, () => {
      const [connector, former, binder] = [rig("C", marks(0, 0)), rig("Former"), rig("B")];
      there.transport.bind("name", former);
      connector.connect(here.transport, "name");
      const texts = ["a", LARGE, "b", "z".repeat(70_000), "c"];
      for (const text of texts) connector.send(text);
      there.transport.unbind("name", former);
      world.settle();
      assert.deepEqual(connector.takeLog(), ["attach"]);
      assert.ok(connector.pipe.crossesThreads, "it may still lead anywhere");
      connector.send("d");
      assert.equal(there.seat?.keptCount, 0, "memory is not kept for a pipe that did not come");
      thread().transport.bind("name", binder);
      world.settle();
      assert.deepEqual(former.pipes, []);
      connector.send("e");
      world.settle();
      assert.deepEqual(binder.readAll(), [...texts, "d", "e"]);
      assert.ok(connector.pipe.live && binder.pipe.live);
      assert.equal(connector.fill(100), 100);
      connector.pipe.close("orphaned");
      world.settle();
      assert.ok(binder.takeLog().includes("peer closed"));
    });
  }

  it("a name that changes hands within the other thread is not missed", () => {
    const [connector, former, binder] = [rig("C"), rig("Former"), rig("B")];
    there.transport.bind("name", former);
    connector.connect(here.transport, "name");
    there.transport.unbind("name", former);
    there.transport.bind("name", binder);
    world.settle();
    assert.deepEqual([former.pipes.length, binder.pipes.length], [0, 1]);
  });

  it("a name that this thread binds before the offer comes back belongs to this thread", () => {
    const [connector, former, binder] = [rig("C", marks(3, 3)), rig("Former"), rig("B", marks(2, 2))];
    there.transport.bind("name", former);
    connector.connect(here.transport, "name");
    connector.send("early");
    there.transport.unbind("name", former);
    here.transport.bind("name", binder);
    assert.equal(binder.pipes.length, 0, "the offer is under way");
    world.settle();
    assert.deepEqual(connector.takeLog().slice(0, 2), ["attach", "identify"]);
    assert.deepEqual(binder.takeLog().slice(0, 2), ["attach", "identify"]);
    assert.deepEqual([connector.fill(), binder.fill()], [4, 5], "the marks are sums here too");
    assert.equal(connector.pipe.crossesThreads, false);
    binder.options.receiveHighWaterMark = 4;
    here.transport.optionsChanged(binder, binder.pipe);
    world.settle();
    assert.equal(connector.fill(), 2);
    world.settle();
    assert.equal(binder.readAll().length, 7);
    binder.pipe.close("orphaned");
    world.settle();
    assert.equal(connector.takeLog().at(-1), "peer closed");
  });

  it("a connector that takes no peer throws, and leaves nothing behind", () => {
    const [connector, binder] = [rig("C"), rig("B")];
    connector.refusesAttach = true;
    there.transport.bind("name", binder);
    assert.throws(() => connector.connect(here.transport, "name"), { code: "EINVAL" });
    assert.throws(() => connector.connect(here.transport, "other"), { code: "EINVAL" });
    world.settle();
    assert.deepEqual(binder.pipes, []);
    assert.deepEqual([here.seat?.endCount, there.seat?.endCount], [0, 0]);
  });
});

describe("a connection that waits for a name", () => {
  it("is one of this thread when the name is bound here", () => {
    const [connector, binder] = [rig("C", marks(2, 3)), rig("B", marks(4, 5))];
    connector.connect(here.transport, "name");
    assert.ok(connector.pipe instanceof PendingPipe && connector.pipe.crossesThreads);
    connector.send("early");
    here.transport.bind("name", binder);
    assert.deepEqual(connector.takeLog().slice(0, 2), ["attach", "identify"]);
    assert.ok(binder.pipe instanceof LocalPipe);
    assert.equal(connector.pipe.crossesThreads, false);
    assert.deepEqual([connector.fill(), binder.fill()], [6, 7]);
    connector.options.sendHighWaterMark = 4;
    here.transport.optionsChanged(connector, connector.pipe);
    assert.equal(connector.fill(), 2);
    assert.equal(binder.readAll().length, 9);
    assert.equal(here.seat?.endCount, 0);
  });

  it("has what it wrote, control messages too, and its counts in the shared pipe", () => {
    const [connector, binder] = [rig("C", marks(5, 5)), rig("B")];
    connector.connect(here.transport, "name");
    const { pipe } = connector;
    pipe.writeControl([Buffer.from("topic 1")]);
    for (let i = 0; i < 7; i++) if (!connector.send(`m${i}`)) pipe.countDrop("hwm");
    pipe.writeControl([Buffer.from("topic 2")]);
    const { written } = pipe;
    const count = () => [
      written.accepted,
      written.delivered,
      written.queued,
      written.dropped.hwm,
      written.hwm,
    ];
    assert.deepEqual(count(), [7, 0, 5, 2, 5]);
    there.transport.bind("name", binder);
    here.turn();
    assert.deepEqual(count(), [7, 0, 5, 2, 5]);
    world.settle();
    assert.ok(connector.takeLog().includes("writable"), "the mark is the sum now");
    assert.deepEqual(binder.readAll(), ["topic 1", "m0", "m1", "m2", "m3", "m4", "topic 2"]);
    assert.deepEqual(count().slice(0, 4), [7, 5, 0, 2]);
    assert.equal(written, pipe.written, "whoever looks at the counts may go on");
    pipe.countDrop("hwm");
    assert.equal(written.accepted, written.delivered + written.queued + totalDropped(written.dropped));
  });

  it("still holds more than its mark when that was lowered, and takes no more until there is room", () => {
    const [connector, binder] = [rig("C", marks(10, 1)), rig("B", marks(1, 1))];
    connector.connect(here.transport, "name");
    connector.fill();
    connector.options.sendHighWaterMark = 3;
    here.transport.optionsChanged(connector, connector.pipe);
    there.transport.bind("name", binder);
    world.settle();
    assert.equal(connector.send("too much"), false);
    assert.equal(binder.readAll().length, 10);
    world.settle();
    assert.ok(connector.takeLog().includes("writable"));
    assert.equal(connector.fill(), 4);
  });

  it("joins with all others to the thread that binds it, in the order of connecting (libzmq behaviour B25)", () => {
    const connectors = Array.from({ length: 10 }, (_, i) =>
      rig(`C${i}`, { routingId: Buffer.from(`id ${i}`) }),
    );
    connectors.forEach((connector, i) => {
      connector.connect(here.transport, "name");
      connector.send(`from ${i}`);
    });
    const binder = rig("B");
    there.transport.bind("name", binder);
    world.settle();
    assert.deepEqual(
      binder.pipes.map(({ peer }) => peer.routingId.toString()),
      connectors.map((_, i) => `id ${i}`),
    );
    assert.deepEqual(
      binder.pipes.flatMap((pipe) => binder.readAll(pipe)),
      connectors.map((_, i) => `from ${i}`),
    );
    assert.ok(connectors.every(({ pipe }) => pipe.live));
  });

  for (const [where, thread] of [
    ["this thread", () => here],
    ["another thread", () => there],
  ] as const) {
    it(`leaves what its connector wrote that closed meanwhile to a binder in ${where} (libzmq behaviour B4)`, () => {
      const connector = rig("C", marks(1, 1));
      const link = connector.connect(here.transport, "name");
      const { written } = connector.pipe;
      assert.equal(connector.fill(), 1);
      link.disconnect();
      here.transport.release(connector);
      assert.ok(here.exchange.needsSeat, "a message looks for its binder");
      rig("Nobody").connect(here.transport, "name").disconnect();
      const binder = rig("B", marks(0, 0));
      thread().transport.bind("name", binder);
      world.settle();
      assert.deepEqual(binder.takeLog(), ["attach", "identify", "readable", "peer closed"]);
      assert.equal(written.queued, 1);
      assert.deepEqual(binder.readAll(), ["m0"]);
      assert.deepEqual(binder.takeLog(), ["drained"]);
      assert.deepEqual([written.queued, written.delivered], [0, 1]);
      assert.deepEqual(connector.takeLog(), ["attach"], "who is gone is told nothing");
      assert.equal(here.exchange.needsSeat, false);
      world.settle();
      assert.deepEqual([here.seat?.endCount, there.seat?.endCount], [0, 0]);
    });
  }

  it("is forgotten with a connector that left nothing behind, also after an offer came back", () => {
    const [former, connector, binder] = [rig("Former"), rig("C"), rig("B")];
    there.transport.bind("name", former);
    const link = connector.connect(here.transport, "name");
    there.transport.unbind("name", former);
    world.settle();
    link.disconnect();
    world.settle();
    assert.equal(here.seat?.endCount, 0);
    there.transport.bind("name", binder);
    world.settle();
    assert.deepEqual(binder.pipes, []);
  });

  it("is not joined again to a later binder once it had one", () => {
    const [connector, first, second] = [rig("C"), rig("First"), rig("Second")];
    connector.connect(here.transport, "name");
    there.transport.bind("name", first);
    world.settle();
    first.pipe.close("peer-gone");
    there.transport.release(first);
    there.transport.bind("name", second);
    world.settle();
    assert.deepEqual(second.pipes, []);
    assert.ok(connector.pipe.isClosed);
  });

  it("names its peer before the pipe is attached", () => {
    const host = rig("Host");
    there.transport.bind("there", rig("B"));
    for (const name of ["name", "there"]) {
      let wasAttached = true;
      const link = here.transport.connect(name, host, (pipe) => {
        wasAttached = host.pipes.includes(pipe);
      });
      assert.equal(wasAttached, false);
      assert.ok(host.pipes.includes(link.pipe));
    }
  });

  it("keeps the newest message alone, wherever the binder comes", () => {
    const [connector, binder] = [rig("C", { conflate: true }), rig("B")];
    connector.connect(here.transport, "name");
    connector.fill(100);
    there.transport.bind("name", binder);
    here.turn();
    connector.send("newest");
    world.settle();
    assert.deepEqual(binder.readAll(), ["newest"]);
    const { accepted, delivered, dropped } = connector.pipe.written;
    assert.deepEqual([accepted, delivered, dropped.conflated], [101, 1, 100]);
  });
});
