import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, Peer, Server } from "../../../../src/draft.ts";
import { closing, codeOf, join, namesOf, until, watch } from "../../../peers/sockets.ts";

test("a routing id that is no number of 32 bits is EINVAL, and says what to do", async (t) => {
  const server = closing(t, new Server());
  for (const routingId of [undefined, null, "1", -1, 1.5, 2 ** 32, Number.NaN]) {
    await assert.rejects(server.send("a", { routingId: routingId as number }), {
      code: "EINVAL",
      message: /send\(message, \{ routingId \}\)/,
    });
  }
  await assert.rejects(server.send("a", undefined as never), { code: "EINVAL" });
  assert.equal(await codeOf(server.send("a", { routingId: 0 })), "EHOSTUNREACH");
  assert.equal(await codeOf(server.send("a", { routingId: 0xffffffff })), "EHOSTUNREACH");
});

test("connectPeer resolves with the routing id of the peer, which can be sent to at once (B122)", async (t) => {
  const [here, there] = [closing(t, new Peer({ immediate: true })), closing(t, new Peer())];
  await there.bind("tcp://127.0.0.1:*");
  const routingId = await here.connectPeer(there.lastEndpoint as string);
  assert.ok(Number.isInteger(routingId) && routingId > 0 && routingId < 2 ** 32);
  assert.equal(here.trySend("hello", { routingId }), true);
  const [body, from] = await there.receive();
  assert.equal(body.toString(), "hello");
  await there.send("hello yourself", from);
  const [answer, label] = await here.receive();
  assert.deepEqual([answer.toString(), label], ["hello yourself", { routingId }]);
  const others = [here.connectPeer("tcp://127.0.0.1:9"), here.connectPeer("inproc://nobody")];
  assert.equal(new Set([routingId, ...(await Promise.all(others))]).size, 3);
});

test("connectPeer rejects where connect throws", async (t) => {
  const peer = closing(t, new Peer());
  assert.equal(await codeOf(peer.connectPeer("nowhere")), "EINVAL");
  await peer.close();
  assert.equal(await codeOf(peer.connectPeer("inproc://a")), "EBADF");
  assert.throws(() => peer.disconnectPeer(1), { code: "EBADF" });
});

test("disconnectPeer closes that connection and leaves the others (B122)", async (t) => {
  const server = closing(t, new Server());
  const clients = [0, 1].map(() => closing(t, new Client({ reconnectInterval: -1 }))) as [Client, Client];
  await server.bind("tcp://127.0.0.1:*");
  const numbers: number[] = [];
  for (const client of clients) {
    client.connect(server.lastEndpoint as string);
    await client.send("hello");
    numbers.push((await server.receive())[1].routingId);
  }
  const [first, second] = numbers as [number, number];
  server.disconnectPeer(first);
  assert.equal(await codeOf(server.send("a", { routingId: first })), "EHOSTUNREACH");
  assert.throws(() => server.disconnectPeer(first), { code: "EHOSTUNREACH" });
  assert.throws(() => server.disconnectPeer(-1), { code: "EINVAL" });
  await until("the first is sent away", () => clients[0].peers.every(({ live }) => !live));
  await server.send("b", { routingId: second });
  assert.equal(String(await clients[1].receive()), "b");
});

test("a send that waits for a peer that is disconnected is EHOSTUNREACH", async (t) => {
  const server = closing(t, new Server({ sendHighWaterMark: 1, linger: 0 }));
  const client = closing(t, new Client({ receiveHighWaterMark: 1 }));
  await join(server, client, "inproc");
  await client.send("hello");
  const [, label] = await server.receive();
  while (server.trySend("more", label));
  const waiting = codeOf(server.send("too much", label));
  server.disconnectPeer(label.routingId);
  assert.equal(await waiting, "EHOSTUNREACH");
});

test("a peer that was connected from here is given up by disconnectPeer", async (t) => {
  const [here, there] = [closing(t, new Peer()), closing(t, new Peer())];
  await there.bind("tcp://127.0.0.1:*");
  const routingId = await here.connectPeer(there.lastEndpoint as string);
  await here.waitForPeers();
  here.disconnectPeer(routingId);
  assert.equal(here.peers.length, 0);
  await until("the other knows", () => there.peers.length === 0);
});

test("a connection made again has the same number here", async (t) => {
  const here = closing(t, new Peer({ reconnectInterval: 5 }));
  const there = closing(t, new Peer());
  const events = watch(here);
  await there.bind("tcp://127.0.0.1:*");
  const routingId = await here.connectPeer(there.lastEndpoint as string);
  await here.send("1", { routingId });
  const [, before] = await there.receive();
  there.disconnectPeer(before.routingId);
  const handshakes = () => namesOf(events).filter((name) => name === "handshake").length;
  await until("the connection is made again", () => handshakes() === 2);
  await here.send("2", { routingId });
  const [body, after] = await there.receive();
  assert.equal(body.toString(), "2");
  assert.notEqual(after.routingId, before.routingId);
  await there.send("3", after);
  assert.deepEqual((await here.receive())[1], { routingId });
});
