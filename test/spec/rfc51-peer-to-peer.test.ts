// 51/P2P, sentence by sentence; ledger/rfc51.json says which test holds which.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Peer } from "../../src/draft.ts";
import { SocketType } from "../../src/index.ts";
import { closing } from "../peers/sockets.ts";
import * as numbered from "./numbered-peers.ts";

test("PEER passes messages as they are and in order, each in one call, and either speaks first", async (t) => {
  const [here, there] = [closing(t, new Peer()), closing(t, new Peer())];
  await there.bind("tcp://127.0.0.1:*");
  const routingId = await here.connectPeer(there.lastEndpoint as string);
  const bodies = ["a", "", "\0\xff", "\x01\x02", "e".repeat(100_000)].map((text) =>
    Buffer.from(text, "latin1"),
  );
  for (const body of bodies) await here.send(body, { routingId });
  for (const body of bodies) {
    const [found, label] = await there.receive();
    assert.deepEqual(found, body);
    await there.send(found, label);
  }
  for (const body of bodies) assert.deepEqual(await here.receive(), [body, { routingId }]);
});

test("PEER connects and tells the routing id in one call", async (t) => {
  const here = closing(t, new Peer({ linger: 0 }));
  const numbers = await Promise.all([
    here.connectPeer("tcp://127.0.0.1:9"),
    here.connectPeer("inproc://later"),
  ]);
  assert.equal(new Set(numbers).size, 2);
  for (const routingId of numbers) assert.equal(here.trySend("waits", { routingId }), true);
});

test("PEER tells the routing id with each message, and is told it", async (t) => {
  const bound = closing(t, new Peer());
  const others = [closing(t, new Peer()), closing(t, new Peer())] as const;
  await bound.bind("inproc://peers-told");
  for (const [index, one] of others.entries())
    await one.send(`${index}`, { routingId: await one.connectPeer("inproc://peers-told") });
  const heard = [await bound.receive(), await bound.receive()] as const;
  for (const [body, { routingId }] of heard) await bound.send(`re ${body}`, { routingId });
  for (const [index, one] of others.entries()) assert.equal(String((await one.receive())[0]), `re ${index}`);
});

test("PEER has two queues for each peer, with limits of their own", () =>
  numbered.hasQueuesForEach(SocketType.Peer));

test("PEER has its queues for an endpoint from connect on, connection or not", () =>
  numbered.keepsQueuesOfEndpoint(SocketType.Peer));

test("PEER discards what waits for a peer that left, and delivers what that peer had sent", () =>
  numbered.endsQueuesOfPeerThatLeft(SocketType.Peer));

test("PEER gives each peer a routing id of its own, a number of 32 bits and not zero", () =>
  numbered.numbersPeers(SocketType.Peer));

test("PEER takes no routing id from a peer", () => numbered.takesNoIdFromPeers(SocketType.Peer));

test("PEER receives from its peers in turn", () => numbered.receivesInTurn(SocketType.Peer));

test("PEER discards messages of more frames whole, and counts them", () =>
  numbered.discardsMultipart(SocketType.Peer));

test("PEER sends to the peer that is named", () => numbered.sendsToTheNamed(SocketType.Peer));

test("PEER answers with an error where the queue does not exist", () =>
  numbered.failsForNobody(SocketType.Peer));

test("PEER waits for the peer that is named while it is full, and discards nothing", () =>
  numbered.waitsForTheFull(SocketType.Peer));

test("PEER refuses to send more than one frame", () => numbered.refusesMultipart(SocketType.Peer));
