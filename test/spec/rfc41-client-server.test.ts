// 41/CLIENTSERVER, sentence by sentence; ledger/rfc41.json says which test holds which.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, Server } from "../../src/draft.ts";
import { SocketType } from "../../src/index.ts";
import { ClientPattern } from "../../src/sockets/draft/client-pattern.ts";
import { closing, join } from "../peers/sockets.ts";
import { assertConserved, Rig } from "../unit/sockets/rig.ts";
import * as numbered from "./numbered-peers.ts";

const client = () => new Rig((host) => new ClientPattern(host));

test("CLIENT and SERVER pass messages as they are and in order, each in one call", async (t) => {
  const [server, asker] = [closing(t, new Server()), closing(t, new Client())];
  await join(server, asker, "tcp");
  const bodies = ["a", "", "\0\xff", "\x01\x02", "e".repeat(100_000)].map((text) =>
    Buffer.from(text, "latin1"),
  );
  for (const body of bodies) await asker.send(body);
  for (const body of bodies) {
    const [found, label] = await server.receive();
    assert.deepEqual(found, body);
    await server.send(found, label);
  }
  for (const body of bodies) assert.deepEqual(await asker.receive(), [body]);
});

test("CLIENT has two queues for each peer, with limits of their own", () => {
  const rig = client();
  const small = rig.join({ outHwm: 1, inHwm: 1 });
  const large = rig.join({ outHwm: 3, inHwm: 3 });
  let count = 0;
  while (rig.send(`${count}`)) count++;
  assert.equal(count, 4);
  assert.deepEqual([small.near.written.queued, large.near.written.queued], [1, 3]);
  assert.deepEqual([small.send("a"), small.send("b")], [true, false]);
  assert.deepEqual([large.send("a"), large.send("b"), large.send("c"), large.send("d")].indexOf(false), 3);
});

test("CLIENT has its queues for an endpoint from connect on, connection or not", () => {
  const rig = client();
  const endpoint = rig.connect();
  assert.equal(rig.send("before"), true);
  rig.identify(endpoint.near);
  endpoint.send("1");
  endpoint.near.live = false;
  assert.equal(rig.send("between two connections"), true);
  rig.identify(endpoint.near);
  endpoint.send("2");
  assert.deepEqual(endpoint.receiveAll(), [["before"], ["between two connections"]]);
  assert.deepEqual(rig.receiveAll(), [["1"], ["2"]]);
});

test("CLIENT discards what waits for a peer that left, and delivers what that peer had sent", () => {
  const rig = client();
  const peer = rig.join();
  rig.send("a");
  peer.send("last words");
  peer.far.close("peer-gone");
  assert.equal(peer.near.written.dropped["peer-gone"], 1);
  assert.deepEqual(rig.receiveAll(), [["last words"]]);
  assert.equal(peer.near.isClosed, true);
  assertConserved(peer.near, peer.far);
});

test("CLIENT passes over full peers and sends to the others in turn", () => {
  const rig = client();
  const peers = [rig.join(), rig.join({ outHwm: 1 }), rig.join()];
  for (let i = 0; i < 7; i++) assert.equal(rig.send(`${i}`), true);
  assert.deepEqual(
    peers.map((peer) => peer.receiveAll().join()),
    ["0,3,5", "1", "2,4,6"],
  );
});

test("CLIENT waits without a peer that has room, and discards nothing", () => {
  const rig = client();
  assert.equal(rig.send("a"), false);
  assert.equal(rig.pattern.canSend(), false);
  const peer = rig.join({ outHwm: 2 });
  for (let i = 0; i < 2; i++) assert.equal(rig.send(`${i}`), true);
  for (let i = 0; i < 3; i++) assert.equal(rig.send("too many"), false);
  peer.receive();
  assert.equal(rig.send("2"), true);
  assert.deepEqual(peer.receiveAll(), [["1"], ["2"]]);
  assertConserved(peer.near);
});

test("CLIENT refuses to send more than one frame", () => {
  const rig = client();
  const peer = rig.join();
  assert.throws(() => rig.send("a", "b"), { code: "EINVAL" });
  assert.equal(peer.receive(), undefined);
});

test("CLIENT receives from its peers in turn", () => {
  const rig = client();
  const peers = [rig.join(), rig.join(), rig.join()];
  for (let round = 0; round < 3; round++) for (const peer of peers) peer.send(`${round}`);
  assert.equal(rig.receiveAll().join(""), "000111222");
});

test("CLIENT discards messages of more frames whole, and counts them", () => {
  const rig = client();
  const peer = rig.join();
  peer.send("a", "b");
  peer.send("c");
  peer.send("", "");
  assert.deepEqual(rig.receiveAll(), [["c"]]);
  assert.deepEqual(rig.receivedDrops, ["protocol", "protocol"]);
});

test("SERVER has two queues for each peer, with limits of their own", () =>
  numbered.hasQueuesForEach(SocketType.Server));

test("SERVER has its queues for an endpoint from connect on, connection or not", () =>
  numbered.keepsQueuesOfEndpoint(SocketType.Server));

test("SERVER discards what waits for a peer that left, and delivers what that peer had sent", () =>
  numbered.endsQueuesOfPeerThatLeft(SocketType.Server));

test("SERVER gives each peer a routing id of its own, a number of 32 bits and not zero", () =>
  numbered.numbersPeers(SocketType.Server));

test("SERVER takes no routing id from a peer", () => numbered.takesNoIdFromPeers(SocketType.Server));

test("SERVER receives from its peers in turn", () => numbered.receivesInTurn(SocketType.Server));

test("SERVER tells the routing id with each message, and is told it", async (t) => {
  const server = closing(t, new Server());
  const clients = [closing(t, new Client()), closing(t, new Client())] as const;
  await server.bind("inproc://told");
  for (const [index, one] of clients.entries()) {
    one.connect("inproc://told");
    await one.send(`${index}`);
  }
  const heard = [await server.receive(), await server.receive()] as const;
  for (const [body, { routingId }] of heard) await server.send(`re ${body}`, { routingId });
  for (const [index, one] of clients.entries())
    assert.deepEqual((await one.receive()).map(String), [`re ${index}`]);
});

test("SERVER discards messages of more frames whole, and counts them", () =>
  numbered.discardsMultipart(SocketType.Server));

test("SERVER sends to the peer that is named", () => numbered.sendsToTheNamed(SocketType.Server));

test("SERVER answers with an error where the queue does not exist", () =>
  numbered.failsForNobody(SocketType.Server));

test("SERVER waits for the peer that is named while it is full, and discards nothing", () =>
  numbered.waitsForTheFull(SocketType.Server));

test("SERVER refuses to send more than one frame", () => numbered.refusesMultipart(SocketType.Server));
