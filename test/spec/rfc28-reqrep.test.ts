// 28/REQREP, sentence by sentence; ledger/rfc28.json says which test holds which.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SocketOptionValues } from "../../src/core/option-values.ts";
import { DealerPattern } from "../../src/sockets/reqrep/dealer-pattern.ts";
import { RepPattern } from "../../src/sockets/reqrep/rep-pattern.ts";
import { ReqPattern } from "../../src/sockets/reqrep/req-pattern.ts";
import { RouterPattern } from "../../src/sockets/reqrep/router-pattern.ts";
import { assertConserved, createPeer, frames, link, Rig } from "../unit/sockets/rig.ts";

type Options = Partial<SocketOptionValues>;

const req = (options: Options = {}) => new Rig((host) => new ReqPattern(host), options);
const rep = () => new Rig((host) => new RepPattern(host));
const dealer = () => new Rig((host) => new DealerPattern(host));
const router = (options: Options = {}) => new Rig((host) => new RouterPattern(host), options);

/** Messages that a socket must carry as they are. */
const MESSAGES = [["a"], [""], ["", ""], ["", "a", ""], ["\0\xff", "b", "c", "d", "e"]];

test("REQ: sends and receives one message at a time", () => {
  const client = req();
  const server = rep();
  link(client, server);
  for (let i = 0; i < 3; i++) {
    assert.throws(() => client.receive(), { code: "EFSM" });
    assert.equal(client.send(`request ${i}`), true);
    assert.throws(() => client.send("another"), { code: "EFSM" });
    assert.deepEqual(server.receive(), [`request ${i}`]);
    server.send(`reply ${i}`);
    assert.deepEqual(client.receive(), [`reply ${i}`]);
  }
});

test("REQ: a delimiter and then the frames of the application are on the wire, both ways", () => {
  for (const message of MESSAGES) {
    const client = req();
    const server = client.join();
    client.send(...message);
    assert.deepEqual(server.receive(), ["", ...message]);
    server.send("", ...message);
    assert.deepEqual(client.receive(), message);
  }
});

test("REQ: requests go to the peers in turn", () => {
  const client = req();
  const servers = [rep(), rep(), rep()];
  for (const server of servers) link(client, server);
  for (let i = 0; i < 9; i++) {
    client.send(`${i}`);
    for (const [index, server] of servers.entries()) {
      assert.deepEqual(server.receive(), index === i % 3 ? [`${i}`] : undefined);
    }
    servers[i % 3]!.send("reply");
    assert.deepEqual(client.receive(), ["reply"]);
  }
});

test("REQ: waits without a peer, or without one that has room, and discards nothing", () => {
  const client = req({ relaxed: true });
  assert.equal(client.send("a"), false);
  const server = client.join({ outHwm: 1 });
  assert.equal(client.send("a"), true);
  assert.equal(client.send("b"), false);
  assert.deepEqual(server.receiveAll(), [["", "a"]]);
  assert.equal(client.send("b"), true);
  assert.deepEqual(server.receiveAll(), [["", "b"]]);
  assert.equal(server.near.written.accepted, 2);
  assertConserved(server.near);
});

test("REQ: accepts a reply from the peer of the request alone and discards what others send", () => {
  const client = req();
  const asked = client.join();
  const other = client.join();
  other.send("", "before the request");
  client.send("request");
  other.send("", "after the request");
  assert.equal(client.receive(), undefined);
  asked.send("", "reply");
  assert.deepEqual(client.receive(), ["reply"]);
  assert.equal(other.far.written.dropped.protocol, 2);
  assert.equal(other.far.isEnded, false);
});

test("REP: receives and sends one message at a time", () => {
  const server = rep();
  const client = server.join();
  client.send("", "1");
  client.send("", "2");
  assert.throws(() => server.send("early"), { code: "EFSM" });
  assert.deepEqual(server.receive(), ["1"]);
  assert.throws(() => server.receive(), { code: "EFSM" });
  server.send("re 1");
  assert.throws(() => server.send("again"), { code: "EFSM" });
  assert.deepEqual(server.receive(), ["2"]);
});

test("REP: removes the envelope of any depth, passes the data frames as they are, and restores it", () => {
  for (const envelope of [[], ["A"], ["\0\x01\x02\x03\x04", "B", "C"]]) {
    for (const message of MESSAGES) {
      const server = rep();
      const client = server.join();
      client.send(...envelope, "", ...message);
      assert.deepEqual(server.receive(), message);
      server.send(...message);
      assert.deepEqual(client.receive(), [...envelope, "", ...message]);
    }
  }
});

test("REP: requests are taken from the peers in turn, and each gets its own reply", () => {
  const server = rep();
  const clients = [dealer(), dealer(), dealer()];
  for (const client of clients) link(client, server);
  for (let round = 0; round < 3; round++) {
    for (const [index, client] of clients.entries()) client.send("", `${round}/${index}`);
  }
  for (let i = 0; i < 9; i++) {
    const request = `${Math.floor(i / 3)}/${i % 3}`;
    assert.deepEqual(server.receive(), [request]);
    server.send(request);
    for (const [index, client] of clients.entries()) {
      assert.deepEqual(client.receive(), index === i % 3 ? ["", request] : undefined);
    }
  }
});

test("REP: a reply to a peer that left is discarded silently", () => {
  const server = rep();
  const client = server.join();
  client.send("", "request");
  server.receive();
  client.far.close("peer-gone");
  assert.equal(server.send("reply"), true);
  assert.equal(server.dropped.unroutable, 1);
});

test("REP: never waits to send", () => {
  const server = rep();
  const client = server.join({ outHwm: 1 });
  for (let i = 0; i < 3; i++) {
    client.send("", "request");
    server.receive();
    assert.equal(server.send(`${i}`), true);
  }
  assert.deepEqual(client.receiveAll(), [["", "0"]]);
  assert.equal(client.near.written.dropped.hwm, 2);
});

test("DEALER and ROUTER: messages are neither filtered nor modified", () => {
  const client = dealer();
  const server = router();
  link(client, server, 0, "A");
  for (const message of MESSAGES) {
    client.send(...message);
    assert.deepEqual(server.receive(), ["A", ...message]);
    server.send("A", ...message);
    assert.deepEqual(client.receive(), message);
  }
});

test("DEALER and ROUTER: each peer has a queue out and a queue in, and they fill independently", () => {
  for (const socket of [dealer(), router({ mandatory: true })]) {
    const id = socket.pattern instanceof RouterPattern ? ["A"] : [];
    const peer = socket.join({ routingId: "A", outHwm: 2, inHwm: 2 });
    while (socket.send(...id, "out"));
    assert.equal(peer.send("in 1"), true);
    assert.equal(peer.send("in 2"), true);
    assert.equal(peer.send("in 3"), false);
    assert.deepEqual(peer.receiveAll(), [["out"], ["out"]]);
    assert.deepEqual(socket.receiveAll(), [
      [...id, "in 1"],
      [...id, "in 2"],
    ]);
  }
});

test("DEALER and ROUTER: the queues of an endpoint exist from connect on, connection or not", () => {
  const client = dealer();
  const endpoint = client.connect();
  assert.equal(client.send("before"), true);
  client.identify(endpoint.near);
  assert.deepEqual(endpoint.receiveAll(), [["before"]]);
  endpoint.near.live = false;
  assert.equal(client.send("between two connections"), true);
  client.identify(endpoint.near);
  assert.deepEqual(endpoint.receiveAll(), [["between two connections"]]);

  const server = router({ mandatory: true });
  const named = createPeer({ outgoing: true });
  server.pattern.assignRoutingId(named.near, Buffer.from("A"));
  server.pattern.attach(named.near);
  assert.equal(server.send("A", "before"), true);
  server.identify(named.near);
  named.near.live = false;
  assert.equal(server.send("A", "between two connections"), true);
  server.identify(named.near);
  assert.deepEqual(named.receiveAll(), [["before"], ["between two connections"]]);
});

test("DEALER and ROUTER: what waits for a peer that left is discarded and counted, what it sent is delivered", () => {
  for (const socket of [dealer(), router()]) {
    const id = socket.pattern instanceof RouterPattern ? ["A"] : [];
    const peer = socket.join({ routingId: "A" });
    socket.send(...id, "never read");
    peer.send("last words");
    peer.far.close("peer-gone");
    assert.equal(peer.near.written.dropped["peer-gone"], 1);
    assert.deepEqual(socket.receiveAll(), [[...id, "last words"]]);
    assert.equal(peer.near.isClosed, true);
  }
});

test("DEALER: full peers are passed over, and messages go to the others in turn", () => {
  const client = dealer();
  const peers = [client.join(), client.join({ outHwm: 1 }), client.join()];
  for (let i = 0; i < 7; i++) assert.equal(client.send(`${i}`), true);
  assert.deepEqual(
    peers.map((peer) => peer.receiveAll().join()),
    ["0,3,5", "1", "2,4,6"],
  );
});

test("DEALER: waits without a peer that has room, and discards nothing", () => {
  const client = dealer();
  assert.equal(client.send("a"), false);
  const peers = [client.join({ outHwm: 2 }), client.join({ outHwm: 2 })];
  for (let i = 0; i < 4; i++) assert.equal(client.send(`${i}`), true);
  for (let i = 0; i < 4; i++) assert.equal(client.send("too many"), false);
  assert.deepEqual(
    peers.map((peer) => peer.receiveAll().join()),
    ["0,2", "1,3"],
  );
  for (const peer of peers) {
    assert.equal(peer.near.written.accepted, 2);
    assertConserved(peer.near);
  }
});

test("DEALER and ROUTER: messages are received from the peers in turn", () => {
  for (const socket of [dealer(), router()]) {
    const peers = ["A", "B", "C"].map((routingId) => ({ routingId, peer: socket.join({ routingId }) }));
    for (let round = 0; round < 3; round++) for (const { routingId, peer } of peers) peer.send(routingId);
    const order = socket.receiveAll().map((message) => message.at(-1));
    assert.deepEqual(order.join(""), "ABCABCABC");
  }
});

test("ROUTER: every peer has an identity of its own, its announced one or one that is generated", () => {
  const server = router();
  for (let i = 0; i < 50; i++) server.join(i % 2 === 0 ? {} : { routingId: `peer ${i}` }).send("hello");
  const ids = server.receiveAll().map(([id]) => id!);
  assert.equal(new Set(ids).size, 50);
  assert.equal(ids.filter((id) => id.startsWith("peer ")).length, 25);
  assert.ok(
    ids.filter((id) => !id.startsWith("peer ")).every((id) => id.length === 5 && id.startsWith("\0")),
  );
  assert.equal(server.adopt(createPeer({ routingId: "peer 1" }).near), false);
});

test("ROUTER: the identity of the sender is put in front of what it sent", () => {
  const server = router();
  const client = req();
  link(client, server, 0, "A");
  client.send("request", "");
  assert.deepEqual(server.receive(), ["A", "", "request", ""]);
});

test("ROUTER: the first frame is taken off and chooses the queue", () => {
  const server = router();
  const one = server.join({ routingId: "1" });
  const two = server.join({ routingId: "2" });
  server.send("2", "1", "");
  server.send("1", "2");
  assert.deepEqual(one.receiveAll(), [["2"]]);
  assert.deepEqual(two.receiveAll(), [["1", ""]]);
});

test("ROUTER: drops silently what has no queue or finds it full, or with mandatory says so", () => {
  const silent = router();
  const slow = silent.join({ routingId: "A", outHwm: 1 });
  for (let i = 0; i < 3; i++) assert.equal(silent.send("A", `${i}`), true);
  assert.equal(silent.send("nobody", "a"), true);
  assert.deepEqual(slow.receiveAll(), [["0"]]);
  assert.equal(slow.near.written.dropped.hwm, 2);
  assert.equal(silent.dropped.unroutable, 1);

  const strict = router({ mandatory: true });
  strict.join({ routingId: "A", outHwm: 1 });
  assert.equal(strict.send("A", "0"), true);
  assert.equal(strict.pattern.send(frames("A", "1")), false);
  assert.throws(() => strict.send("nobody", "a"), { code: "EHOSTUNREACH" });
});

test("a request passes ROUTER and DEALER to a REP and its reply comes back", () => {
  const client = req();
  const front = router();
  const back = dealer();
  const server = rep();
  link(client, front);
  link(back, server);
  client.send("request", "two");
  back.pattern.send(front.pattern.receive()!);
  assert.deepEqual(server.receive(), ["request", "two"]);
  server.send("reply");
  front.pattern.send(back.pattern.receive()!);
  assert.deepEqual(client.receive(), ["reply"]);
});
