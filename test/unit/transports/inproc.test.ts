import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ZmqError } from "../../../src/base/errors.ts";
import { InprocTransport } from "../../../src/transports/inproc.ts";
import { HostRig } from "./host-rig.ts";

const marks = (sendHighWaterMark: number, receiveHighWaterMark: number) => ({
  sendHighWaterMark,
  receiveHighWaterMark,
});

/** A connector and a binder of one name, joined in either order. */
function join(order: "bind first" | "connect first", connector: HostRig, binder: HostRig): InprocTransport {
  const transport = new InprocTransport();
  if (order === "bind first") transport.bind("name", binder);
  connector.connect(transport, "name");
  if (order === "connect first") transport.bind("name", binder);
  return transport;
}

describe("inproc names", () => {
  it("are unique in a context, and free again after unbind", () => {
    const transport = new InprocTransport();
    const [first, second] = [new HostRig("First"), new HostRig("Second")];
    transport.bind("name", first);
    for (const host of [first, second]) {
      assert.throws(
        () => transport.bind("name", host),
        (error) =>
          error instanceof ZmqError && error.code === "EADDRINUSE" && error.address === "inproc://name",
      );
    }
    transport.bind("other", second);
    new InprocTransport().bind("name", second);
    assert.equal(transport.unbind("name", second), false);
    assert.equal(transport.unbind("name", first), true);
    assert.equal(transport.unbind("name", first), false);
    transport.bind("name", second);
  });

  it("are any text but none", () => {
    const transport = new InprocTransport();
    const host = new HostRig("Host");
    transport.bind(" a/b:c *é".repeat(50), host);
    const isInvalid = (error: unknown) => error instanceof ZmqError && error.code === "EINVAL";
    assert.throws(() => transport.bind("", host), isInvalid);
    assert.throws(() => host.connect(transport, ""), isInvalid);
  });

  it("are freed when their socket closes, and only those", () => {
    const transport = new InprocTransport();
    const [first, second] = [new HostRig("First"), new HostRig("Second")];
    transport.bind("a", first);
    transport.bind("b", first);
    transport.bind("c", second);
    transport.release(first);
    transport.release(first);
    transport.bind("a", second);
    transport.bind("b", second);
    assert.throws(() => transport.bind("c", first), ZmqError);
  });

  it("freed keep their pipes (libzmq behaviour B26)", () => {
    const [connector, binder] = [new HostRig("Connector"), new HostRig("Binder")];
    const transport = join("bind first", connector, binder);
    transport.unbind("name", binder);
    connector.send("still joined");
    assert.deepEqual(binder.readAll(), ["still joined"]);
    const next = new HostRig("Next");
    transport.bind("name", next);
    assert.equal(next.pipes.length, 0);
  });
});

for (const order of ["bind first", "connect first"] as const) {
  describe(`inproc, ${order}`, () => {
    it("attaches both sides, then tells both of the other, who is live from then on", () => {
      const connector = new HostRig("Connector", { routingId: Buffer.from("id of c") });
      const binder = new HostRig("Binder", { routingId: Buffer.from("id of b") });
      const lives: boolean[] = [];
      connector.onIdentify = binder.onIdentify = (pipe) => lives.push(pipe.live);
      connector.onAttach = binder.onAttach = (pipe) => lives.push(pipe.live);
      join(order, connector, binder);
      assert.deepEqual(lives, [false, false, true, true]);
      assert.deepEqual(connector.takeLog().slice(0, 2), ["attach", "identify"]);
      assert.deepEqual(binder.takeLog().slice(0, 2), ["attach", "identify"]);
      const [near, far] = [connector.pipe.peer, binder.pipe.peer];
      assert.deepEqual(
        [near.endpoint, near.address, near.outgoing, Buffer.from(near.routingId).toString()],
        ["inproc://name", "address of Binder", true, "id of b"],
      );
      assert.deepEqual(
        [far.endpoint, far.address, far.outgoing, Buffer.from(far.routingId).toString()],
        ["inproc://name", "address of Connector", false, "id of c"],
      );
    });

    it("adds the marks of both: 1000 and 1000 take 2000 (libzmq behaviour B1)", () => {
      const [connector, binder] = [new HostRig("Connector"), new HostRig("Binder")];
      join(order, connector, binder);
      assert.equal(connector.fill(), 2000);
      assert.equal(binder.readAll().length, 2000);
      assert.equal(binder.fill(), 2000);
    });

    for (const [send, receive, expected] of [
      [1, 0, 20_000],
      [0, 1, 20_000],
      [0, 0, 20_000],
      [1, 1, 2],
      [10, 1, 11],
      [2, 2, 4],
    ] as const) {
      it(`takes ${expected} with a send mark of ${send} and a receive mark of ${receive} (B2, B3, B5)`, () => {
        const sender = new HostRig("Sender", marks(send, 7));
        const receiver = new HostRig("Receiver", marks(9, receive));
        join(order, sender, receiver);
        assert.equal(sender.fill(), expected);
        const [back, forth] = [new HostRig("Back", marks(send, 7)), new HostRig("Forth", marks(9, receive))];
        join(order, forth, back);
        assert.equal(back.fill(), expected);
      });
    }

    it("with 1 and 1 has room again as soon as one was read (libzmq behaviour B3)", () => {
      const [connector, binder] = [new HostRig("C", marks(1, 1)), new HostRig("B", marks(1, 1))];
      join(order, connector, binder);
      connector.fill();
      binder.readAll(binder.pipe, 1);
      assert.ok(connector.send("now"));
      assert.equal(connector.send("and no more"), false);
    });

    it("follows a mark that changes later, from either side (libzmq behaviour B5)", () => {
      const [connector, binder] = [new HostRig("C", marks(1, 1)), new HostRig("B", marks(1, 1))];
      const transport = join(order, connector, binder);
      connector.options.sendHighWaterMark = 5;
      transport.optionsChanged(connector, connector.pipe);
      assert.equal(connector.fill(), 6);
      binder.options.receiveHighWaterMark = 3;
      transport.optionsChanged(binder, binder.pipe);
      assert.equal(connector.fill(), 2);
      assert.equal(binder.fill(), 2, "the other direction has its own");
      binder.options.sendHighWaterMark = 0;
      transport.optionsChanged(binder, binder.pipe);
      assert.equal(binder.fill(), 20_000);
    });

    for (const who of order === "bind first" ? ["connector", "binder"] : ["connector"]) {
      it(`keeps the newest message alone when the ${who} says so`, () => {
        const connector = new HostRig("C", { conflate: who === "connector" });
        const binder = new HostRig("B", { conflate: who === "binder" });
        join(order, connector, binder);
        assert.equal(connector.fill(5000), 5000);
        assert.deepEqual(binder.readAll(), ["m4999"]);
      });
    }

    it("lets a socket connect to itself", () => {
      const host = new HostRig("Host");
      join(order, host, host);
      const [near, far] = host.pipes;
      assert.ok(near && far);
      assert.equal(host.identified.size, 2);
      host.send("to me", near);
      assert.deepEqual(host.readAll(far), ["to me"]);
    });

    it("ends a connection that the binder refuses", () => {
      const [connector, binder] = [new HostRig("C"), new HostRig("B")];
      binder.refusesAttach = true;
      join(order, connector, binder);
      assert.deepEqual(connector.takeLog().at(-1), "peer closed");
      assert.ok(connector.pipe.isClosed);
      assert.equal(connector.identified.size, 0);
    });

    for (const who of ["connector", "binder"] as const) {
      it(`ends a connection whose peer the ${who} refuses once it is known`, () => {
        const [connector, binder] = [new HostRig("C"), new HostRig("B")];
        (who === "binder" ? binder : connector).refusesIdentify = true;
        join(order, connector, binder);
        assert.ok(connector.pipe.isEnded && binder.pipe.isEnded);
        assert.equal(connector.send("x") || binder.send("x"), false);
      });
    }

    it("says nothing to a side before its peer is known, and then all that it missed", () => {
      const connector = new HostRig("C", marks(2, 2));
      const binder = new HostRig("B", marks(2, 2));
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
      const [connector, binder] = [new HostRig("C"), new HostRig("B")];
      connector.onIdentify = (pipe) => {
        connector.send("last words");
        pipe.close("peer-gone");
      };
      join(order, connector, binder);
      assert.deepEqual(binder.takeLog(), ["attach", "identify", "readable", "peer closed"]);
      assert.deepEqual(binder.readAll(), ["last words"]);
      assert.ok(binder.pipe.isClosed);
    });
  });
}

describe("inproc before there is a binder", () => {
  it("takes as many as the connector's own mark, and the rest at bind (libzmq: 10, then 11)", () => {
    const transport = new InprocTransport();
    const connector = new HostRig("C", marks(10, 5));
    connector.connect(transport, "name");
    assert.equal(connector.fill(), 10);
    assert.equal(connector.pipe.live, false);
    assert.deepEqual(connector.takeLog(), ["attach"]);
    const binder = new HostRig("B", marks(1, 1));
    transport.bind("name", binder);
    assert.ok(connector.takeLog().includes("writable"), "there is room for one more");
    assert.equal(connector.fill(), 1);
    assert.equal(binder.readAll().length, 11);
  });

  it("follows the connector's mark when it changes", () => {
    const transport = new InprocTransport();
    const connector = new HostRig("C", marks(2, 2));
    connector.connect(transport, "name");
    connector.options.sendHighWaterMark = 4;
    transport.optionsChanged(connector, connector.pipe);
    assert.equal(connector.fill(), 4);
  });

  it("joins all that wait, in the order of connecting, with their identities (libzmq behaviour B25)", () => {
    const transport = new InprocTransport();
    const connectors = Array.from(
      { length: 10 },
      (_, i) => new HostRig(`C${i}`, { routingId: Buffer.from(`id ${i}`) }),
    );
    connectors.forEach((connector, i) => {
      connector.connect(transport, "name");
      connector.send(`from ${i}`);
    });
    const binder = new HostRig("B");
    transport.bind("name", binder);
    const ids = binder.pipes.map(({ peer }) => Buffer.from(peer.routingId).toString());
    assert.deepEqual(
      ids,
      connectors.map((_, i) => `id ${i}`),
    );
    assert.deepEqual(
      binder.pipes.flatMap((pipe) => binder.readAll(pipe)),
      connectors.map((_, i) => `from ${i}`),
    );
    assert.ok(connectors.every(({ pipe }) => pipe.live));
  });

  it("keeps what a connector wrote that closed meanwhile (libzmq behaviour B4)", () => {
    const transport = new InprocTransport();
    const connector = new HostRig("C", marks(1, 1));
    const link = connector.connect(transport, "name");
    assert.equal(connector.fill(), 1);
    link.disconnect();
    transport.release(connector);
    assert.ok(connector.pipe.isClosed);
    const binder = new HostRig("B", marks(0, 0));
    transport.bind("name", binder);
    assert.deepEqual(binder.takeLog(), ["attach", "identify", "readable", "peer closed"]);
    assert.deepEqual(binder.readAll(), ["m0"]);
    assert.deepEqual(binder.takeLog(), ["drained"]);
    assert.deepEqual(connector.takeLog(), ["attach"], "who is gone is told nothing");
  });

  it("forgets a connector that left nothing behind", () => {
    const transport = new InprocTransport();
    const [first, second] = [new HostRig("First"), new HostRig("Second")];
    first.connect(transport, "name").disconnect();
    second.connect(transport, "name");
    second.pipe.close("peer-gone");
    const binder = new HostRig("B");
    transport.bind("name", binder);
    assert.deepEqual(binder.takeLog(), []);
  });

  it("lets those wait whom a binder that left again did not get to", () => {
    const transport = new InprocTransport();
    const connectors = Array.from({ length: 4 }, (_, i) => new HostRig(`C${i}`));
    for (const connector of connectors) connector.connect(transport, "name");
    const hasty = new HostRig("Hasty");
    hasty.onIdentify = () => {
      if (hasty.identified.size === 2) transport.release(hasty);
    };
    transport.bind("name", hasty);
    assert.equal(hasty.pipes.length, 2);
    const binder = new HostRig("B");
    transport.bind("name", binder);
    assert.deepEqual(
      binder.pipes.map(({ peer }) => peer.address),
      ["address of C2", "address of C3"],
    );
  });

  it("lets a name change hands in the midst of a bind", () => {
    const transport = new InprocTransport();
    const connectors = Array.from({ length: 4 }, (_, i) => new HostRig(`C${i}`));
    for (const connector of connectors) connector.connect(transport, "name");
    const [first, second] = [new HostRig("First"), new HostRig("Second")];
    first.onAttach = () => {
      if (first.pipes.length !== 2) return;
      transport.unbind("name", first);
      transport.bind("name", second);
    };
    transport.bind("name", first);
    assert.deepEqual([first.pipes.length, second.pipes.length], [2, 2]);
    assert.ok(connectors.every(({ pipe }) => pipe.live));
  });

  it("lets a socket bind the name while it is attached to it", () => {
    const transport = new InprocTransport();
    const host = new HostRig("Host");
    host.onAttach = () => {
      if (host.pipes.length === 1) transport.bind("name", host);
    };
    host.connect(transport, "name");
    assert.equal(host.identified.size, 2);
  });
});

describe("inproc connectors", () => {
  it("name their peer before the pipe is attached", () => {
    const transport = new InprocTransport();
    const host = new HostRig("Host");
    let wasAttached = true;
    transport.connect("name", host, (pipe) => {
      wasAttached = host.pipes.includes(pipe);
    });
    assert.equal(wasAttached, false);
    assert.equal(host.pipes.length, 1);
  });

  it("that take no peer throw, and leave nothing behind", () => {
    const transport = new InprocTransport();
    const [connector, binder] = [new HostRig("C"), new HostRig("B")];
    connector.refusesAttach = true;
    assert.throws(() => connector.connect(transport, "name"), ZmqError);
    transport.bind("name", binder);
    assert.equal(binder.pipes.length, 0);
  });

  it("disconnect: what was written may be read, and the binder knows (libzmq behaviour B136)", () => {
    const transport = new InprocTransport();
    const [connector, binder] = [new HostRig("C"), new HostRig("B")];
    transport.bind("name", binder);
    const link = connector.connect(transport, "name");
    connector.send("last");
    binder.send("unread");
    binder.takeLog();
    link.disconnect();
    link.disconnect();
    assert.deepEqual(binder.takeLog(), ["peer closed"]);
    assert.deepEqual(binder.readAll(), ["last"]);
    assert.equal(binder.send("x"), false);
    assert.equal(connector.pipe.received.dropped.orphaned, 1);
  });

  it("are not joined again to a later binder", () => {
    const transport = new InprocTransport();
    const [connector, first, second] = [new HostRig("C"), new HostRig("First"), new HostRig("Second")];
    transport.bind("name", first);
    connector.connect(transport, "name");
    first.pipe.close("peer-gone");
    transport.release(first);
    transport.bind("name", second);
    assert.equal(second.pipes.length, 0);
    assert.ok(connector.pipe.isClosed);
  });
});
