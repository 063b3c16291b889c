// What 41/CLIENTSERVER says of SERVER and 51/P2P of PEER in the same words: both have routing ids of their own making.

import assert from "node:assert/strict";
import type { SocketType } from "../../src/base/socket-type.ts";
import { frameOfNumber } from "../../src/routing/number-table.ts";
import { ServerPattern } from "../../src/sockets/draft/server-pattern.ts";
import { assertConserved, Rig } from "../unit/sockets/rig.ts";

type Numbered = Rig<ServerPattern>;

function make(type: SocketType): Numbered {
  return new Rig((host) => new ServerPattern(host, type));
}

/** The first id of a rig, as it stands inside. */
function id(offset = 0): string {
  return Buffer.from(frameOfNumber(0x80000000 + offset)).toString("latin1");
}

export function hasQueuesForEach(type: SocketType): void {
  const rig = make(type);
  const small = rig.join({ outHwm: 1, inHwm: 1 });
  const large = rig.join({ outHwm: 3, inHwm: 3 });
  const fill = (offset: number): number => {
    let count = 0;
    while (rig.send(id(offset), `${count}`)) count++;
    return count;
  };
  assert.deepEqual([fill(0), fill(1)], [1, 3]);
  assert.deepEqual([small.send("a"), small.send("b")], [true, false]);
  assert.deepEqual([large.send("a"), large.send("b"), large.send("c"), large.send("d")].indexOf(false), 3);
  assertConserved(small.near, small.far, large.near, large.far);
}

export function keepsQueuesOfEndpoint(type: SocketType): void {
  const rig = make(type);
  const endpoint = rig.connect();
  assert.equal(rig.send(id(), "before"), true);
  rig.identify(endpoint.near);
  endpoint.send("1");
  endpoint.near.live = false;
  assert.equal(rig.send(id(), "between two connections"), true);
  rig.identify(endpoint.near);
  endpoint.send("2");
  assert.deepEqual(endpoint.receiveAll(), [["before"], ["between two connections"]]);
  assert.deepEqual(rig.receiveAll(), [
    [id(), "1"],
    [id(), "2"],
  ]);
}

export function endsQueuesOfPeerThatLeft(type: SocketType): void {
  const rig = make(type);
  const peer = rig.join();
  rig.send(id(), "a");
  rig.send(id(), "b");
  peer.send("last words");
  peer.far.close("peer-gone");
  assert.equal(peer.near.written.dropped["peer-gone"], 2);
  assert.throws(() => rig.send(id(), "c"), { code: "EHOSTUNREACH" });
  assert.deepEqual(rig.receiveAll(), [[id(), "last words"]]);
  assert.equal(peer.near.isClosed, true);
  assertConserved(peer.near, peer.far);
}

export function numbersPeers(type: SocketType): void {
  const rig = make(type);
  const peers = Array.from({ length: 100 }, () => rig.join());
  for (const peer of peers) peer.send("a");
  const ids = rig.receiveAll().map(([first]) => Buffer.from(first as string, "latin1"));
  assert.equal(new Set(ids.map(String)).size, 100);
  for (const one of ids) assert.ok(one.length === 4 && one.readUInt32BE() > 0);
}

export function takesNoIdFromPeers(type: SocketType): void {
  const rig = make(type);
  for (let i = 0; i < 2; i++) rig.join({ routingId: "chosen" }).send("a");
  assert.deepEqual(rig.receiveAll(), [
    [id(), "a"],
    [id(1), "a"],
  ]);
}

export function receivesInTurn(type: SocketType): void {
  const rig = make(type);
  const peers = [rig.join(), rig.join(), rig.join()];
  for (let round = 0; round < 3; round++) for (const peer of peers) peer.send(`${round}`);
  assert.equal(
    rig
      .receiveAll()
      .map(([, body]) => body)
      .join(""),
    "000111222",
  );
}

export function discardsMultipart(type: SocketType): void {
  const rig = make(type);
  const peer = rig.join();
  peer.send("a", "b");
  peer.send("c");
  peer.send("", "");
  assert.deepEqual(rig.receiveAll(), [[id(), "c"]]);
  assert.deepEqual(rig.receivedDrops, ["protocol", "protocol"]);
  assertConserved(peer.far);
}

export function refusesMultipart(type: SocketType): void {
  const rig = make(type);
  const peer = rig.join();
  assert.throws(() => rig.send(id(), "a", "b"), { code: "EINVAL" });
  assert.equal(peer.receive(), undefined);
}

export function sendsToTheNamed(type: SocketType): void {
  const rig = make(type);
  const peers = [rig.join(), rig.join()];
  for (const offset of [1, 0, 1]) assert.equal(rig.send(id(offset), `${offset}`), true);
  assert.deepEqual(
    peers.map((peer) => peer.receiveAll().join()),
    ["0", "1,1"],
  );
}

export function failsForNobody(type: SocketType): void {
  const rig = make(type);
  assert.throws(() => rig.send(id(), "a"), { code: "EHOSTUNREACH" });
  rig.join();
  assert.throws(() => rig.send(id(1), "a"), { code: "EHOSTUNREACH" });
  assert.equal(rig.dropped.unroutable, 0);
}

export function waitsForTheFull(type: SocketType): void {
  const rig = make(type);
  const peer = rig.join({ outHwm: 2 });
  for (let i = 0; i < 2; i++) assert.equal(rig.send(id(), `${i}`), true);
  for (let i = 0; i < 3; i++) assert.equal(rig.send(id(), "too many"), false);
  peer.receive();
  assert.equal(rig.send(id(), "2"), true);
  assert.deepEqual(peer.receiveAll(), [["1"], ["2"]]);
  assert.equal(peer.near.written.accepted, 3);
  assertConserved(peer.near);
}
