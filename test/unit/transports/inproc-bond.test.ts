// What two ends are told that come to know each other later: with a pipe to another thread. The rest: inproc.test.ts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLocalPipe } from "../../../src/pipe/local-pipe.ts";
import type { Pipe } from "../../../src/pipe/pipe.ts";
import {
  HeldEvents,
  LocalBond,
  sayHello,
  unknownPeer,
  welcome,
} from "../../../src/transports/inproc-bond.ts";
import { HostRig } from "./host-rig.ts";

/** An end that a host got, and the other one. */
function heldRig(): { host: HostRig; end: Pipe; far: Pipe; held: HeldEvents } {
  const host = new HostRig("Host");
  const [end, far] = pair(host);
  host.attachPipe(end, null);
  host.takeLog();
  return { host, end, far, held: new HeldEvents(end) };
}

function pair(host: HostRig): [Pipe, Pipe] {
  const options = { firstToSecondHwm: 1, secondToFirstHwm: 1, conflate: false };
  return createLocalPipe(options, host.describe("test://far"), host.describe("test://near"));
}

describe("held events", () => {
  it("of an end that tells later are told once its host knows the peer: those that came, no others", () => {
    const { host, end, far, held } = heldRig();
    assert.equal(end.checkReadable(), false);
    far.tryWrite([Buffer.from("x")], true);
    far.close("peer-gone");
    assert.deepEqual(host.takeLog(), []);
    held.introduce(host, true);
    assert.deepEqual(host.takeLog(), ["identify", "readable", "peer closed"]);
    const other = heldRig();
    other.held.introduce(other.host, true);
    assert.deepEqual(other.host.takeLog(), ["identify"]);
    other.far.tryWrite([Buffer.from("x")], true);
    assert.deepEqual(other.host.takeLog(), ["readable"]);
  });

  it("of an end that tells at once are told as things stand", () => {
    const { host, far, held } = heldRig();
    far.tryWrite([Buffer.from("x")], true);
    held.introduce(host, false);
    assert.deepEqual(host.takeLog(), ["identify", "readable", "writable"]);
  });

  it("let a writer know of room meanwhile", () => {
    const { host, end, far } = heldRig();
    end.tryWrite([Buffer.from("x")], true);
    assert.equal(end.checkWritable(), false);
    far.tryRead();
    assert.deepEqual(host.takeLog(), ["writable"]);
  });

  it("are given up when there is no peer to be known: its end is told, if it came", () => {
    const { host, end, far, held } = heldRig();
    held.release();
    assert.deepEqual([host.takeLog(), end.events === host], [[], true]);
    const again = new HeldEvents(end);
    far.close("peer-gone");
    again.release();
    assert.deepEqual(host.takeLog(), ["peer closed"]);
  });

  it("of an end that its host closed are told to nobody", () => {
    const { host, end, far, held } = heldRig();
    far.close("peer-gone");
    end.close("orphaned");
    held.introduce(host, true);
    held.release();
    assert.deepEqual(host.takeLog(), []);
    assert.equal(host.identified.size, 0);
  });
});

describe("a binder's welcome", () => {
  it("attaches, tells the connector, and identifies, in this order", () => {
    const host = new HostRig("Host");
    const [end] = pair(host);
    assert.equal(
      welcome(host, end, () => host.log.push(`told, ${end.live ? "live" : "not live"}`)),
      true,
    );
    assert.deepEqual(host.takeLog(), ["attach", "told, live", "identify"]);
  });

  it("that is refused closes the end and tells nothing", () => {
    const host = new HostRig("Host");
    host.refusesAttach = true;
    const [end, far] = pair(host);
    assert.equal(
      welcome(host, end, () => assert.fail("told")),
      false,
    );
    assert.ok(end.isClosed && far.isEnded);
  });
});

describe("a bond of this thread", () => {
  it("has both ends from the start and is offered to nobody", () => {
    const connector = new HostRig("C", { routingId: Buffer.from("id") });
    const bond = new LocalBond("name", connector, null);
    assert.equal(bond.offer(), false);
    assert.equal(bond.openHere(), bond.binderEnd);
    assert.equal(bond.endpoint, "inproc://name");
    const [near, far] = [bond.connectorEnd.peer, bond.binderEnd.peer];
    assert.deepEqual([near.outgoing, near.socketType, near.routingId.length], [true, undefined, 0]);
    assert.deepEqual([far.outgoing, Buffer.from(far.routingId).toString()], [false, "id"]);
    assert.equal(unknownPeer(far).outgoing, true);
  });

  it("has the marks of its connector until there is a binder, and then both", () => {
    const connector = new HostRig("C", { sendHighWaterMark: 2, receiveHighWaterMark: 3 });
    const binder = new HostRig("B", { sendHighWaterMark: 10, receiveHighWaterMark: 0 });
    const bond = new LocalBond("name", connector, null);
    const marks = () => [bond.connectorEnd.written.hwm, bond.connectorEnd.received.hwm];
    assert.deepEqual(marks(), [2, 3]);
    bond.binder = binder;
    bond.setMarks();
    assert.deepEqual(marks(), [0, 13]);
  });
});

describe("a hello", () => {
  it("is the first message of a socket that has one, and is counted in the queue that both share", () => {
    const host = new HostRig("Host", { helloMessage: Buffer.from("hello") });
    const [end, far] = pair(host);
    sayHello(host, end);
    assert.equal(end.written.accepted, 1);
    assert.deepEqual(far.tryRead()?.map(String), ["hello"]);
    sayHello(new HostRig("silent"), end);
    assert.equal(far.tryRead(), undefined);
  });

  it("comes to a connector of another thread before anything that its binder writes when it is told", () => {
    const host = new HostRig("Host", { helloMessage: Buffer.from("hello"), sendHighWaterMark: 10 });
    const options = { firstToSecondHwm: 10, secondToFirstHwm: 10, conflate: false };
    const [end, far] = createLocalPipe(options, host.describe("test://far"), host.describe("test://near"));
    host.onAttach = (pipe) => void host.send("at once", pipe);
    assert.equal(
      welcome(host, end, () => undefined),
      true,
    );
    assert.deepEqual([far.tryRead(), far.tryRead()].flat().map(String), ["hello", "at once"]);
  });
});
