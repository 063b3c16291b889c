// What inproc promises between two sockets (test/unit/transports/inproc.test.ts) holds with the sockets in two threads, which
// take turns here; in real ones: inproc-threads.test.ts.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { SocketOptionValues } from "../../src/core/options.ts";
import type { ThreadUnderTest } from "../unit/threads/thread-world.ts";
import { ThreadWorld } from "../unit/threads/thread-world.ts";
import { HostRig } from "../unit/transports/host-rig.ts";

const marks = (sendHighWaterMark: number, receiveHighWaterMark: number) => ({
  sendHighWaterMark,
  receiveHighWaterMark,
});

let world: ThreadWorld;
let [here, there]: ThreadUnderTest[] = [];

beforeEach(() => {
  world = new ThreadWorld();
  [here, there] = [world.add(), world.add()];
});

afterEach(() => world.end());

/** A connector here and a binder there, joined in either order. */
function join(order: "bind first" | "connect first", connector: HostRig, binder: HostRig): void {
  if (order === "bind first") there.transport.bind("name", binder);
  connector.connect(here.transport, "name");
  if (order === "connect first") there.transport.bind("name", binder);
  world.settle();
}

function rig(typeName: string, given: Partial<SocketOptionValues> = {}): HostRig {
  return new HostRig(typeName, given);
}

/** A large body goes beside the ring, so its memory is handed over by mail. */
const LARGE = "x".repeat(300_000);

for (const order of ["bind first", "connect first"] as const) {
  describe(`inproc to another thread, ${order}`, () => {
    it("attaches both sides, and tells both of the other, who is live from then on", () => {
      const connector = rig("Connector", { routingId: Buffer.from("id of c") });
      const binder = rig("Binder", { routingId: Buffer.from("id of b") });
      const lives: boolean[] = [];
      connector.onIdentify = binder.onIdentify = (pipe) => lives.push(pipe.live);
      connector.onAttach = binder.onAttach = (pipe) => lives.push(pipe.live);
      join(order, connector, binder);
      assert.deepEqual(lives, [false, false, true, true]);
      assert.deepEqual(connector.log, ["attach", "identify"]);
      assert.deepEqual(binder.log, ["attach", "identify"]);
      const [near, far] = [connector.pipe.peer, binder.pipe.peer];
      assert.deepEqual(
        [near.endpoint, near.address, near.outgoing, near.socketType, near.routingId.toString()],
        ["inproc://name", "address of Binder", true, 5, "id of b"],
      );
      assert.deepEqual(
        [far.endpoint, far.address, far.outgoing, far.socketType, far.routingId.toString()],
        ["inproc://name", "address of Connector", false, 5, "id of c"],
      );
      assert.ok(connector.pipe.crossesThreads && binder.pipe.crossesThreads);
      assert.equal(far.routingId.buffer.byteLength, 7, "nothing goes along that is no part of it");
    });

    for (const [send, receive, expected] of [
      [1000, 1000, 2000],
      [1, 0, 20_000],
      [0, 1, 20_000],
      [1, 1, 2],
      [10, 1, 11],
    ] as const) {
      it(`takes ${expected} with a send mark of ${send} and a receive mark of ${receive} (B1, B2, B3)`, () => {
        const sender = rig("Sender", marks(send, 7));
        const receiver = rig("Receiver", marks(9, receive));
        join(order, sender, receiver);
        assert.equal(sender.fill(), expected);
        world.settle();
        assert.equal(receiver.readAll().length, expected);
        const back = rig("Back", marks(send, 7));
        const forth = rig("Forth", marks(9, receive));
        there.transport.unbind("name", receiver);
        join(order, forth, back);
        assert.equal(back.fill(), expected);
      });
    }

    it("follows a mark that changes later, from either side (libzmq behaviour B5)", () => {
      const [connector, binder] = [rig("C", marks(1, 1)), rig("B", marks(1, 1))];
      join(order, connector, binder);
      connector.options.sendHighWaterMark = 5;
      here.transport.optionsChanged(connector, connector.pipe);
      assert.equal(connector.fill(), 6);
      binder.options.receiveHighWaterMark = 3;
      there.transport.optionsChanged(binder, binder.pipe);
      world.settle();
      assert.ok(connector.takeLog().includes("writable"));
      assert.equal(connector.fill(), 2);
      assert.equal(binder.fill(), 2, "the other direction has its own");
    });

    for (const who of order === "bind first" ? ["connector", "binder"] : ["connector"]) {
      it(`keeps the newest message alone when the ${who} says so`, () => {
        const connector = rig("C", { conflate: who === "connector" });
        const binder = rig("B", { conflate: who === "binder" });
        join(order, connector, binder);
        assert.equal(connector.fill(5000), 5000);
        world.settle();
        assert.deepEqual(binder.readAll(), ["m4999"]);
      });
    }

    it("carries messages of every size both ways, in order", () => {
      const [connector, binder] = [rig("C"), rig("B")];
      join(order, connector, binder);
      const texts = Array.from(
        { length: 200 },
        (_, i) => `${i} ${i % 20 === 0 ? LARGE : "y".repeat(i * 10)}`,
      );
      for (const text of texts) assert.ok(connector.send(text) && binder.send(text));
      world.settle();
      assert.deepEqual(binder.readAll(), texts);
      assert.deepEqual(connector.readAll(), texts);
    });

    it("ends a connection that the binder refuses", () => {
      const [connector, binder] = [rig("C"), rig("B")];
      binder.refusesAttach = true;
      join(order, connector, binder);
      assert.deepEqual(connector.takeLog(), ["attach", "peer closed"]);
      assert.ok(connector.pipe.isClosed);
      assert.equal(connector.identified.size, 0);
      assert.equal(here.seat?.endCount, 0);
      assert.equal(there.seat?.endCount, 0);
    });

    for (const who of ["connector", "binder"] as const) {
      it(`ends a connection whose peer the ${who} refuses once it is known`, () => {
        const [connector, binder] = [rig("C"), rig("B")];
        (who === "binder" ? binder : connector).refusesIdentify = true;
        join(order, connector, binder);
        assert.ok(connector.pipe.isEnded && binder.pipe.isEnded);
        assert.equal(connector.send("x") || binder.send("x"), false);
        assert.deepEqual([here.seat?.endCount, there.seat?.endCount], [0, 0]);
      });
    }

    it("says nothing to a side before its peer is known, and then all that it missed", () => {
      const connector = rig("C", marks(2, 2));
      const binder = rig("B", marks(2, 2));
      connector.onAttach = () => connector.send("from attach");
      connector.onIdentify = () => {
        connector.send("from identify");
        connector.pipe.writeControl([Buffer.from("topic")]);
      };
      binder.onAttach = (pipe) => binder.send("back from attach", pipe);
      binder.readsAtOnce = connector.readsAtOnce = true;
      join(order, connector, binder);
      assert.deepEqual(binder.messages, ["from attach", "from identify", "topic"]);
      assert.deepEqual(connector.messages, ["back from attach"]);
    });

    it("reads to the end what a side wrote that closes as soon as it is told", () => {
      const [connector, binder] = [rig("C"), rig("B")];
      binder.onIdentify = (pipe) => {
        binder.send("last words");
        pipe.close("peer-gone");
      };
      join(order, connector, binder);
      assert.deepEqual(connector.takeLog(), ["attach", "identify", "readable", "peer closed"]);
      assert.deepEqual(connector.readAll(), ["last words"]);
      assert.ok(connector.pipe.isClosed);
    });

    it("disconnects: what was written may be read, and the binder knows (libzmq behaviour B136)", () => {
      const [connector, binder] = [rig("C"), rig("B")];
      if (order === "bind first") there.transport.bind("name", binder);
      const link = connector.connect(here.transport, "name");
      if (order === "connect first") there.transport.bind("name", binder);
      world.settle();
      connector.send("last");
      binder.send("unread");
      world.settle();
      binder.takeLog();
      link.disconnect();
      link.disconnect();
      world.settle();
      assert.ok(binder.takeLog().includes("peer closed"));
      assert.deepEqual(binder.readAll(), ["last"]);
      assert.equal(binder.send("x"), false);
      assert.equal(connector.pipe.received.dropped.orphaned, 1);
      world.settle();
      assert.deepEqual([here.seat?.endCount, there.seat?.endCount], [0, 0], "nothing is left behind");
    });
  });
}
