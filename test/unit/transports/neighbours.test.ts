// What inproc asks of its neighbours, and they of it. Real ones: test/unit/threads/exchange.test.ts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ZmqError } from "../../../src/base/errors.ts";
import type { PipeHost } from "../../../src/core/transport.ts";
import type { Pipe } from "../../../src/pipe/pipe.ts";
import { InprocTransport } from "../../../src/transports/inproc.ts";
import type { Bond } from "../../../src/transports/inproc-bond.ts";
import { LocalBond } from "../../../src/transports/inproc-bond.ts";
import type { LocalNames, Neighbours } from "../../../src/transports/neighbours.ts";
import { HostRig } from "./host-rig.ts";

/** Other threads, as the test says. */
class NeighboursRig implements Neighbours {
  /** Names of other threads, and of this one. */
  readonly theirs = new Set<string>();
  readonly ours = new Set<string>();
  readonly log: string[] = [];
  names: LocalNames | null = null;
  /** How many offers they take. */
  takesCount = Number.POSITIVE_INFINITY;

  serve(names: LocalNames): void {
    this.names = names;
  }

  claim(name: string, host: PipeHost): boolean {
    this.log.push(`claim ${name} for ${host.typeName}`);
    if (this.theirs.has(name)) return false;
    this.ours.add(name);
    return true;
  }

  release(name: string): void {
    assert.ok(this.ours.delete(name), "what is released was claimed");
  }

  find(name: string): boolean {
    return this.theirs.has(name);
  }

  createBond(name: string, connector: PipeHost): Bond {
    const bond = new LocalBond(name, connector, null);
    bond.offer = () => this.#offer(bond);
    return bond;
  }

  marksChanged({ typeName }: PipeHost, _pipe: Pipe): void {
    this.log.push(`marks of ${typeName}`);
  }

  #offer({ name, connector }: Bond): boolean {
    if (!this.theirs.has(name) || this.takesCount-- <= 0) return false;
    this.log.push(`offer ${name} of ${connector.typeName}`);
    return true;
  }
}

describe("inproc with other threads", () => {
  const setUp = () => {
    const neighbours = new NeighboursRig();
    const transport = new InprocTransport(neighbours);
    assert.equal(neighbours.names, transport);
    return { neighbours, transport };
  };

  it("claims the names that it binds, and gives them back once", () => {
    const { neighbours, transport } = setUp();
    const host = new HostRig("Host");
    for (const name of ["a", "b", "c"]) transport.bind(name, host);
    assert.throws(() => transport.bind("a", host), ZmqError);
    assert.deepEqual([...neighbours.ours], ["a", "b", "c"]);
    assert.equal(transport.binderOf("a"), host);
    transport.unbind("a", host);
    transport.unbind("a", host);
    assert.deepEqual([...neighbours.ours], ["b", "c"]);
    transport.release(host);
    transport.release(host);
    assert.deepEqual([...neighbours.ours], []);
    assert.equal(transport.binderOf("a"), null);
  });

  it("binds nothing that another thread has bound", () => {
    const { neighbours, transport } = setUp();
    const host = new HostRig("Host");
    neighbours.theirs.add("name");
    assert.throws(() => transport.bind("name", host), { code: "EADDRINUSE", address: "inproc://name" });
    assert.equal(transport.binderOf("name"), null);
    neighbours.theirs.clear();
    transport.bind("name", host);
    transport.release(host);
  });

  it("leaves a connection between its own sockets to itself", () => {
    const { neighbours, transport } = setUp();
    const [connector, binder] = [new HostRig("C"), new HostRig("B")];
    transport.bind("name", binder);
    connector.connect(transport, "name");
    assert.ok(connector.pipe.live);
    transport.optionsChanged(connector, connector.pipe);
    assert.deepEqual(neighbours.log, ["claim name for B"]);
  });

  it("offers a connection to another thread, at once or when the name is bound there, in the order of connecting", () => {
    const { neighbours, transport } = setUp();
    const connectors = ["A", "B", "C"].map((name) => new HostRig(name));
    for (const connector of connectors) connector.connect(transport, "name");
    new HostRig("D").connect(transport, "other");
    assert.ok(transport.hasWaiting);
    transport.lookAgain();
    assert.deepEqual(neighbours.log, []);
    neighbours.theirs.add("name");
    new HostRig("Early").connect(transport, "name");
    transport.lookAgain();
    transport.lookAgain();
    assert.deepEqual(
      neighbours.log,
      ["Early", "A", "B", "C"].map((name) => `offer name of ${name}`),
    );
    neighbours.theirs.add("other");
    transport.lookAgain();
    assert.equal(transport.hasWaiting, false);
  });

  it("lets those wait on, in their order, that could not be offered after all", () => {
    const { neighbours, transport } = setUp();
    const connectors = ["A", "B", "C"].map((name) => new HostRig(name));
    for (const connector of connectors) connector.connect(transport, "name");
    neighbours.theirs.add("name");
    neighbours.takesCount = 1;
    transport.lookAgain();
    neighbours.theirs.clear();
    const binder = new HostRig("Binder");
    transport.bind("name", binder);
    assert.deepEqual(
      binder.pipes.map(({ peer }) => peer.address),
      ["address of B", "address of C"],
    );
  });

  it("joins a socket of this thread to a connection that came back, or lets it wait", () => {
    const { neighbours, transport } = setUp();
    const [first, second, binder] = [new HostRig("First"), new HostRig("Second"), new HostRig("B")];
    const bonds = [first, second].map((host) => {
      const bond = neighbours.createBond("name", host);
      host.attachPipe(bond.connectorEnd, null);
      return bond;
    });
    transport.place(bonds[0] as Bond);
    assert.deepEqual([transport.hasWaiting, first.identified.size], [true, 0]);
    transport.bind("name", binder);
    assert.equal(first.identified.size, 1);
    transport.place(bonds[1] as Bond);
    assert.equal(second.identified.size, 1);
  });

  it("forgets a connection that came back when it is closed and left nothing", () => {
    const { neighbours, transport } = setUp();
    const host = new HostRig("Host");
    const bond = neighbours.createBond("name", host) as LocalBond;
    bond.connectorEnd.close("orphaned");
    transport.place(bond);
    assert.deepEqual([transport.hasWaiting, bond.binderEnd.isClosed], [false, true]);
  });

  it("joins a connector to who had the name when it began to connect, if it was unbound meanwhile", () => {
    const { transport } = setUp();
    const [connector, binder] = [new HostRig("C"), new HostRig("B")];
    transport.bind("name", binder);
    connector.onAttach = () => transport.unbind("name", binder);
    connector.connect(transport, "name");
    assert.ok(connector.pipe.live && binder.pipe.live);
    assert.equal(transport.hasWaiting, false);
  });

  it("tells its neighbours of new marks for a pipe that is theirs", () => {
    const { neighbours, transport } = setUp();
    const host = new HostRig("Host");
    const { connectorEnd } = new LocalBond("name", host, null);
    transport.optionsChanged(host, connectorEnd);
    assert.deepEqual(neighbours.log, ["marks of Host"]);
  });
});
