// inproc in a thread that takes its seat in the context late, needs it, or changes to another directory.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { ZmqError } from "../../src/base/errors.ts";
import { installPlatform } from "../../src/base/platform.ts";
import type { MonitorEvent } from "../../src/core/monitor-event.ts";
import { beginBatch, endBatch } from "../../src/pipe/batch.ts";
import type { ThreadUnderTest } from "../unit/threads/thread-world.ts";
import { ThreadWorld } from "../unit/threads/thread-world.ts";
import { HostRig } from "../unit/transports/host-rig.ts";

let world: ThreadWorld;
let [here, there]: ThreadUnderTest[] = [];

beforeEach(() => {
  world = new ThreadWorld();
  [here, there] = [world.add(), world.add()];
});

afterEach(() => world.end());

function isTaken(error: unknown): boolean {
  return error instanceof ZmqError && error.code === "EADDRINUSE" && error.address === "inproc://name";
}

/** What the process is warned of while `run` runs. */
function warningsOf(run: () => void): string[] {
  const codes: string[] = [];
  const before = installPlatform({ warn: (_sentence, code) => codes.push(code) });
  try {
    run();
  } finally {
    installPlatform(before);
  }
  return codes;
}

describe("a seat", () => {
  it("that is taken late brings names and connections along", () => {
    const late = world.add(false);
    const [binder, connector, far, near] = ["B", "C", "Far", "Near"].map((name) => new HostRig(name)) as [
      HostRig,
      HostRig,
      HostRig,
      HostRig,
    ];
    late.transport.bind("name", binder);
    connector.connect(late.transport, "far");
    connector.send("early");
    far.connect(there.transport, "name");
    there.transport.bind("far", near);
    assert.equal(late.exchange.find("far"), false);
    world.settle();
    assert.deepEqual([binder.pipes.length, near.pipes.length], [0, 0]);
    late.sit();
    world.settle();
    assert.throws(() => here.transport.bind("name", near), isTaken);
    assert.deepEqual([binder.pipes.length, near.pipes.length], [1, 1]);
    assert.deepEqual(near.readAll(), ["early"]);
    late.transport.release(binder);
    here.transport.bind("name", near);
  });

  it("is needed while something looks for its binder", () => {
    const [connector, binder] = [new HostRig("C"), new HostRig("B")];
    const exchange = here.exchange;
    assert.equal(exchange.needsSeat, false);
    connector.connect(here.transport, "name");
    assert.ok(exchange.needsSeat, "waits");
    there.transport.bind("name", binder);
    here.turn();
    assert.ok(exchange.needsSeat, "offered");
    world.settle();
    assert.equal(exchange.needsSeat, false);
    exchange.onSeatLeft();
    assert.equal(exchange.find("name"), false);
  });

  describe("in another directory", () => {
    let winner: ThreadWorld;
    let elder: ThreadUnderTest;

    beforeEach(() => {
      winner = new ThreadWorld(true);
      elder = winner.add();
    });

    it("has the names of the one before, which are free there", () => {
      here.transport.bind("name", new HostRig("B"));
      here.sit(winner);
      assert.ok(elder.exchange.find("name"));
      assert.equal(there.exchange.find("name"), false);
    });

    it("has connections to it, and what waits goes there", () => {
      const [connector, binder] = [new HostRig("C"), new HostRig("B")];
      connector.connect(here.transport, "name");
      connector.send("early");
      elder.transport.bind("name", binder);
      here.sit(winner);
      winner.settle();
      assert.deepEqual(binder.readAll(), ["early"]);
    });

    it("where a name is bound already warns and tells the binder, which keeps it in its thread", () => {
      const [elders, ours, connector] = [new HostRig("Elder"), new HostRig("Ours"), new HostRig("C")];
      const told: MonitorEvent[] = [];
      Object.assign(ours, { emit: (event: MonitorEvent) => told.push(event) });
      elder.transport.bind("name", elders);
      here.transport.bind("name", ours);
      assert.deepEqual(
        warningsOf(() => here.sit(winner)),
        ["ZMQ_INPROC_MOVED"],
      );
      const [event] = told;
      assert.ok(event?.type === "bind:error" && isTaken(event.error) && event.address === "inproc://name");
      connector.connect(here.transport, "name");
      assert.equal(ours.pipes.length, 1);
      here.transport.release(ours);
      assert.ok(here.exchange.find("name"), "it stays the elder's");
    });

    it("is none in which another thread has died that has the same number", () => {
      const before = new ThreadWorld(true);
      const [asked, ours] = [before.add(), before.add()];
      const [connector, binder, other] = [new HostRig("C"), new HostRig("B"), new HostRig("Other")];
      asked.transport.bind("name", binder);
      connector.connect(ours.transport, "name");
      ours.sit(winner);
      elder.transport.bind("other", new HostRig("Elder"));
      other.connect(ours.transport, "other");
      winner.settle();
      assert.deepEqual(asked.seat?.me, elder.seat?.me);
      elder.bury();
      winner.settle();
      before.settle();
      assert.ok(connector.pipe.live && binder.pipe.live);
    });

    it("takes along what was offered in vain before, if nobody has the pipe in hands", () => {
      const [connector, former, binder] = [new HostRig("C"), new HostRig("Former"), new HostRig("B")];
      connector.connect(here.transport, "name");
      connector.send("early");
      there.transport.bind("name", former);
      here.turn();
      there.transport.unbind("name", former);
      world.settle();
      elder.transport.bind("name", binder);
      const { seat } = here;
      beginBatch();
      connector.send("not told yet");
      here.sit(winner);
      connector.send("late");
      endBatch();
      winner.settle();
      world.settle();
      assert.deepEqual(binder.readAll(), ["early", "not told yet", "late"]);
      assert.ok(connector.pipe.live);
      assert.equal(seat?.endCount, 0);
    });

    it("cannot take along a pipe that its socket has in hands: that connection is over, with a warning", () => {
      const [connector, former, binder] = [new HostRig("C"), new HostRig("Former"), new HostRig("B")];
      there.transport.bind("name", former);
      connector.connect(here.transport, "name");
      const { seat } = here;
      there.transport.unbind("name", former);
      elder.transport.bind("name", binder);
      here.sit(winner);
      const codes = warningsOf(() => world.settle());
      assert.deepEqual(codes, ["ZMQ_INPROC_MOVED"]);
      assert.deepEqual(connector.takeLog(), ["attach", "peer closed"]);
      assert.equal(seat?.endCount, 0);
    });
  });
});
