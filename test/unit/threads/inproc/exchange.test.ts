// Names and letters between threads, and deaths. What a connection does: crossing.test.ts; seats that come late and change:
// test/contract/inproc-seats.test.ts.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { ZmqError } from "../../../../src/base/errors.ts";
import { HostRig } from "../../transports/host-rig.ts";
import type { ThreadUnderTest } from "../thread-world.ts";
import { ThreadWorld } from "../thread-world.ts";

let world: ThreadWorld;
let [here, there, elsewhere]: ThreadUnderTest[] = [];

beforeEach(() => {
  world = new ThreadWorld();
  [here, there, elsewhere] = [world.add(), world.add(), world.add()];
});

afterEach(() => world.end());

function isTaken(error: unknown): boolean {
  return error instanceof ZmqError && error.code === "EADDRINUSE" && error.address === "inproc://name";
}

describe("names of a context", () => {
  it("belong to one socket of all threads, and the error says where it is", () => {
    const [first, second] = [new HostRig("First"), new HostRig("Second")];
    here.transport.bind("name", first);
    assert.throws(() => here.transport.bind("name", second), isTaken);
    assert.throws(() => here.transport.bind("name", second), /by a socket of this context\./);
    assert.throws(() => there.transport.bind("name", second), isTaken);
    assert.throws(() => there.transport.bind("name", second), /in another thread\./);
    assert.equal(there.transport.unbind("name", second), false);
    there.transport.bind("other", second);
    assert.equal(here.transport.unbind("name", first), true);
    there.transport.bind("name", second);
    assert.throws(() => here.transport.bind("name", first), isTaken);
    there.transport.release(second);
    here.transport.bind("name", first);
    here.transport.bind("other", first);
  });

  it("are found by the other threads, not by those who bound them", () => {
    here.transport.bind("name", new HostRig("Host"));
    assert.deepEqual(
      [here, there, elsewhere].map(({ exchange }) => exchange.find("name")),
      [false, true, true],
    );
    assert.equal(there.exchange.find("other"), false);
  });

  it("of a thread that died are free", () => {
    there.transport.bind("name", new HostRig("First"));
    there.bury();
    here.transport.bind("name", new HostRig("Second"));
  });

  it("of those that keep the newest message only are free in both senses when they are freed", () => {
    const [first, second] = [new HostRig("First", { conflate: true }), new HostRig("Second")];
    here.transport.bind("name", first);
    assert.ok(there.exchange.conflates("name"));
    here.transport.unbind("name", first);
    here.transport.bind("name", second);
    assert.equal(there.exchange.conflates("name"), false);
    assert.throws(() => there.transport.bind("name", first), isTaken);
    assert.equal(elsewhere.exchange.conflates("name"), false, "who did not get it leaves no trace");
  });

  it("of those that keep the newest message only are marked, though who had the name before lets go only now", () => {
    const { directory } = there.seat as NonNullable<typeof there.seat>;
    const former = new HostRig("Former", { conflate: true });
    here.transport.bind("name", former);
    const { claim } = directory;
    directory.claim = (name, owner) => {
      directory.claim = claim;
      const isOurs = directory.claim(name, owner);
      here.transport.release(former);
      return isOurs;
    };
    there.transport.bind("name", new HostRig("Next", { conflate: true }));
    assert.ok(elsewhere.exchange.conflates("name"));
  });

  it("are not those of another context", () => {
    const other = new ThreadWorld(true);
    const stranger = other.add();
    here.transport.bind("name", new HostRig("Host"));
    assert.equal(stranger.exchange.find("name"), false);
    stranger.transport.bind("name", new HostRig("Host"));
  });
});

describe("threads that connect to each other at once", () => {
  it("both get their connections", () => {
    const [a, b] = [new HostRig("A"), new HostRig("B")];
    here.transport.bind("a", a);
    there.transport.bind("b", b);
    a.connect(here.transport, "b");
    b.connect(there.transport, "a");
    a.send("from a", a.pipes[0]);
    b.send("from b", b.pipes[0]);
    world.settle();
    assert.deepEqual([a.pipes.length, b.pipes.length], [2, 2]);
    assert.deepEqual([a.readAll(a.pipes[1]), b.readAll(b.pipes[1])], [["from b"], ["from a"]]);
  });

  it("with one name go on with its binder, whoever that is by then", () => {
    const [a, b] = [new HostRig("A"), new HostRig("B")];
    a.connect(here.transport, "name");
    b.connect(there.transport, "name");
    a.send("from a");
    b.send("from b");
    here.transport.bind("name", a);
    // The offer of the second is under way when the name moves there.
    there.turn();
    here.transport.unbind("name", a);
    there.transport.bind("name", b);
    world.settle();
    assert.deepEqual(
      b.pipes.flatMap((pipe) => b.readAll(pipe)),
      ["from b"],
    );
    assert.ok([...a.pipes, ...b.pipes].every((pipe) => pipe.live));
  });
});

describe("the death of a thread", () => {
  it("that was asked and did not answer lets the connection wait for the next binder", () => {
    const [connector, binder] = [new HostRig("C"), new HostRig("B")];
    there.transport.bind("name", new HostRig("Dead"));
    connector.connect(here.transport, "name");
    connector.send("kept");
    there.bury();
    world.settle();
    assert.deepEqual(connector.takeLog(), ["attach"]);
    elsewhere.transport.bind("name", binder);
    world.settle();
    assert.deepEqual(binder.readAll(), ["kept"]);
    assert.ok(connector.pipe.live);
  });

  it("between the look for a name and the letter is noticed", () => {
    const connector = new HostRig("C");
    there.transport.bind("name", new HostRig("Dead"));
    const { directory } = here.seat as NonNullable<typeof here.seat>;
    connector.onAttach = () => {
      directory.find = () => there.seat?.me ?? null;
      there.bury();
    };
    const { find } = directory;
    const isPresent = directory.isPresent.bind(directory);
    directory.isPresent = (thread) => {
      directory.find = find;
      return isPresent(thread);
    };
    connector.connect(here.transport, "name");
    connector.send("kept");
    world.settle();
    const binder = new HostRig("B");
    elsewhere.transport.bind("name", binder);
    world.settle();
    assert.deepEqual(binder.readAll(), ["kept"]);
  });

  it("that answered just before counts as answered", () => {
    const [connector, dead] = [new HostRig("C"), new HostRig("Dead")];
    there.transport.bind("name", dead);
    connector.connect(here.transport, "name");
    dead.onIdentify = () => dead.send("last words");
    there.turn();
    there.bury();
    world.settle();
    assert.deepEqual(connector.takeLog(), ["attach", "identify", "readable", "peer closed"]);
    assert.deepEqual(connector.readAll(), ["last words"]);
  });

  it("that took the pipe and could not say so is the end of the connection", () => {
    const [connector, dead, next] = [new HostRig("C"), new HostRig("Dead"), new HostRig("Next")];
    there.transport.bind("name", dead);
    connector.connect(here.transport, "name");
    connector.send("lost");
    dead.onAttach = (pipe) => {
      pipe.tryRead();
      dead.send("from nobody");
      here.seat?.arriving.clear();
      there.bury();
      throw new Error("the thread is gone");
    };
    assert.throws(() => there.turn(), /the thread is gone/);
    world.settle();
    assert.deepEqual(connector.takeLog(), ["attach", "peer closed", "drained"]);
    assert.equal(connector.pipe.received.dropped["peer-gone"], 1);
    elsewhere.transport.bind("name", next);
    world.settle();
    assert.deepEqual(next.pipes, []);
  });

  it("that connected leaves what it wrote, and is not live", () => {
    const [connector, binder] = [new HostRig("Dead"), new HostRig("B")];
    there.transport.bind("name", binder);
    connector.connect(here.transport, "name");
    connector.send("last words");
    here.bury();
    world.settle();
    assert.deepEqual(binder.takeLog(), ["attach", "identify", "readable", "peer closed"]);
    assert.equal(binder.pipe.live, false);
    assert.deepEqual(binder.readAll(), ["last words"]);
    assert.ok(binder.pipe.isClosed);
  });

  it("that connected is known before its letter is handled, and told at once", () => {
    const [connector, binder] = [new HostRig("Dead"), new HostRig("B")];
    there.transport.bind("name", binder);
    connector.connect(here.transport, "name");
    connector.send("last words");
    assert.ok(here.seat && there.seat);
    here.bury();
    there.seat.take(there.seat.arriving.get(here.seat.me.uid) ?? [], 1);
    there.seat.handle();
    assert.deepEqual(binder.takeLog(), ["attach", "identify", "readable", "peer closed"]);
  });

  it("that connected and wrote nothing is passed over", () => {
    const binder = new HostRig("B");
    there.transport.bind("name", binder);
    new HostRig("Dead").connect(here.transport, "name");
    here.bury();
    world.settle();
    assert.deepEqual(binder.pipes, []);
    assert.equal(there.seat?.endCount, 0);
  });

  for (const [who, thread] of [
    ["binder", () => there],
    ["connector", () => here],
  ] as const) {
    it(`of the ${who} is seen by the other, who reads what was written before`, () => {
      const [connector, binder] = [new HostRig("C"), new HostRig("B")];
      there.transport.bind("name", binder);
      connector.connect(here.transport, "name");
      world.settle();
      const [dead, heir] = who === "binder" ? [binder, connector] : [connector, binder];
      dead.send("last words");
      heir.send("unread");
      heir.takeLog();
      thread().bury();
      world.settle();
      assert.ok(heir.takeLog().includes("peer closed"));
      assert.deepEqual(heir.readAll(), ["last words"]);
      assert.equal(heir.pipe.written.dropped["peer-gone"], 1);
      assert.equal(heir.send("x"), false);
    });
  }

  it("is no answer: one that comes late says nothing", () => {
    const [connector, binder] = [new HostRig("C"), new HostRig("B")];
    there.transport.bind("name", new HostRig("Dead"));
    connector.connect(here.transport, "name");
    there.bury();
    elsewhere.transport.bind("name", binder);
    here.turn();
    // As if it had been sent before.
    const me = there.seat?.me;
    assert.ok(me && here.seat);
    const id = connector.pipe as unknown as { id: string };
    here.seat.arriving.set(me.uid, [
      { from: me, topic: "inproc answer", value: { id: id.id, attempt: 1, outcome: "unbound", peer: null } },
    ]);
    here.turn();
    world.settle();
    assert.equal(binder.pipes.length, 1);
    assert.ok(connector.pipe.live);
  });
});
