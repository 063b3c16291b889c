import assert from "node:assert/strict";
import { test } from "node:test";
import { installPlatform } from "../../../src/base/platform.ts";
import { isRoutingId, RoutingTable } from "../../../src/routing/routing-table.ts";
import { createPeer, FIRST_GENERATED } from "../sockets/rig.ts";

const pipe = createPeer().near;

function octets(hex: string): Buffer {
  return Buffer.from(hex, "hex");
}

test("a generated id is a zero octet and a number that counts up", () => {
  const table = new RoutingTable();
  const first = table.addGenerated(pipe);
  const second = table.addGenerated(pipe);
  assert.deepEqual(first.id, Buffer.from(FIRST_GENERATED, "latin1"));
  assert.deepEqual(second.id, octets("0080000001"));
  assert.equal(table.find(octets("0080000000")), first);
  assert.equal(table.find(octets("0080000001")), second);
  assert.equal(table.find(octets("0080000002")), undefined);
  assert.equal(table.size, 2);
});

test("generated numbers wrap and pass over those in use", () => {
  const before = installPlatform({ random: () => 1 - 2 ** -32 });
  const table = new RoutingTable();
  installPlatform(before);
  const last = table.addGenerated(pipe);
  const first = table.addGenerated(pipe);
  assert.deepEqual([last.id, first.id], [octets("00ffffffff"), octets("0000000000")]);
  // As if the numbers had gone round once.
  table.remove(last);
  first.name = 1;
  table.restore(first);
  assert.deepEqual(table.addGenerated(pipe).id, octets("0000000002"));
});

test("ids are octets: those that are one text are several peers", () => {
  const table = new RoutingTable();
  const ids = ["ff01", "fe01", "efbfbd01", "41", "4100", "4100000000", "5f5f70726f746f5f5f"];
  const routes = ids.map((id) => table.addNamed(pipe, octets(id)));
  for (const [index, id] of ids.entries()) {
    assert.equal(table.find(octets(id)), routes[index]);
    assert.deepEqual(routes[index]!.id, octets(id));
  }
  assert.equal(table.find(octets("ff")), undefined);
  assert.equal(table.find(octets("")), undefined);
});

test("ids of 1 to 255 octets that do not start with zero may be chosen", () => {
  assert.equal(isRoutingId(octets("")), false);
  assert.equal(isRoutingId(octets("00")), false);
  assert.equal(isRoutingId(octets("0001020304")), false);
  assert.equal(isRoutingId(Buffer.alloc(255, 1)), true);
  assert.equal(isRoutingId(Buffer.alloc(256, 1)), false);
  const table = new RoutingTable();
  const route = table.assign(pipe, Buffer.alloc(255, 0x61));
  assert.equal(table.find(Buffer.alloc(255, 0x61)), route);
  assert.equal(table.find(Buffer.alloc(100_000, 0x61)), undefined);
  assert.throws(() => table.assign(pipe, Buffer.alloc(256, 0x61)), { code: "EINVAL" });
  assert.throws(() => table.assign(pipe, octets("00")), { code: "EINVAL" });
  assert.throws(() => table.assign(pipe, Buffer.alloc(255, 0x61)), { code: "EADDRINUSE" });
});

test("what the application does to an id frame does not change whom it names", () => {
  const table = new RoutingTable();
  const named = table.addNamed(pipe, octets("616263"));
  const generated = table.addGenerated(pipe);
  assert.equal(named.id, named.id, "one frame for all messages");
  for (const route of [named, generated]) {
    const before = Buffer.from(route.id);
    route.id.fill(0xee);
    assert.equal(table.find(Buffer.alloc(before.length, 0xee)), undefined);
    assert.deepEqual(route.id, before);
    assert.equal(table.find(before), route);
  }
});

test("the announced octets are copied", () => {
  const table = new RoutingTable();
  const chunk = octets("616263");
  const route = table.addNamed(pipe, chunk);
  chunk.fill(0);
  assert.deepEqual(route.id, octets("616263"));
});

test("a removed route leaves the next holder of its id alone", () => {
  const table = new RoutingTable();
  const old = table.addNamed(pipe, octets("61"));
  table.remove(old);
  assert.equal(table.find(octets("61")), undefined);
  const next = table.addNamed(pipe, octets("61"));
  table.remove(old);
  assert.equal(table.find(octets("61")), next);
  table.remove(next);
  assert.equal(table.size, 0);
  table.restore(next);
  assert.equal(table.find(octets("61")), next);
});

test("a renamed route is found under its new id alone", () => {
  const table = new RoutingTable();
  const route = table.addGenerated(pipe);
  const generated = Buffer.from(route.id);
  assert.equal(table.find(generated), route);
  table.rename(route, octets("6162"));
  assert.equal(table.find(generated), undefined);
  assert.equal(table.find(octets("6162")), route);
  assert.deepEqual(route.id, octets("6162"));
  assert.equal(table.size, 1);
});

test("a hundred thousand ids that come and go leave nothing", () => {
  const table = new RoutingTable();
  for (let i = 0; i < 100_000; i++) {
    const route = i % 2 === 0 ? table.addNamed(pipe, Buffer.from(`peer ${i}`)) : table.addGenerated(pipe);
    assert.equal(table.find(route.id), route);
    table.remove(route);
  }
  assert.equal(table.size, 0);
});
