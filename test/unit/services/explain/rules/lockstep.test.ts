import assert from "node:assert/strict";
import { test } from "node:test";
import { Dealer, Reply, Request, Router, XPublisher, XSubscriber } from "../../../../../src/index.ts";
import { missingDelimiter, noReply, unroutable } from "../../../../../src/services/explain/rules/lockstep.ts";
import { codesOf, findings, untilFound } from "../../../../peers/findings.ts";
import { closing, codeOf, drain, join, TRANSPORTS, until } from "../../../../peers/sockets.ts";
import { ground, peerView, viewOf } from "../views.ts";

test("out-of-step: calls that failed with EFSM, counted", async (t) => {
  const rep = closing(t, new Reply());
  const req = closing(t, new Request());
  await join(rep, req);
  assert.equal(await codeOf(rep.send("early")), "EFSM");
  assert.equal(await codeOf(req.receive()), "EFSM");
  await req.send("ask");
  assert.equal(await codeOf(req.send("again")), "EFSM");
  const [found] = findings(req);
  assert.deepEqual(
    [found?.code, found?.severity, found?.evidence["callCount"]],
    ["out-of-step", "warning", 2],
  );
  assert.match(found?.what ?? "", /^2 calls came out of turn and failed with EFSM/);
  assert.deepEqual(findings(rep)[0]?.evidence, { callCount: 1 });
  await rep.receive();
  await rep.send("answer");
  await req.receive();
});

test("requests and replies in turn have no finding, whatever is under way", async (t) => {
  for (const transport of TRANSPORTS) {
    const rep = closing(t, new Reply());
    const req = closing(t, new Request());
    await join(rep, req, transport);
    const look = (): void => assert.deepEqual([...codesOf(req), ...codesOf(rep)], []);
    for (let i = 0; i < 3; i++) {
      await req.send("ask");
      look();
      await rep.receive();
      look();
      await rep.send("answer");
      look();
      await req.receive();
      look();
    }
  }
});

test("no-reply: a server that does not answer, and for how long", async (t) => {
  const rep = closing(t, new Reply());
  const req = closing(t, new Request());
  const endpoint = await join(rep, req);
  await req.send("ask");
  await rep.receive();
  assert.deepEqual(codesOf(req), []);
  const found = await untilFound(req, "no-reply", { waitMs: 20 });
  assert.deepEqual(
    [found.severity, found.endpoint, found.peer],
    ["warning", endpoint, req.peers[0]?.address],
  );
  assert.equal(found.evidence["serverLeft"], false);
  assert.ok(Number(found.evidence["awaitedMs"]) >= 20);
  assert.match(found.remedy, /request\(message/);
  await rep.send("answer");
  await req.receive();
  assert.deepEqual(codesOf(req, { waitMs: 0 }), []);
});

test("no-reply: a server that died with the request, told at once", async (t) => {
  const rep = new Reply();
  const req = closing(t, new Request({ reconnectInterval: 10, linger: 0 }));
  const endpoint = await join(rep, req);
  const server = req.peers[0]?.address;
  await req.send("ask");
  await rep.receive();
  await rep.close();
  const found = await untilFound(req, "no-reply");
  assert.deepEqual([found.severity, found.endpoint, found.peer], ["error", endpoint, server]);
  assert.equal(found.evidence["serverLeft"], true);
  assert.match(found.what, /the connection that it went by is over: none will come\.$/);
});

test("no-reply: a request that is still to be sent is told of the endpoint", async (t) => {
  const req = closing(t, new Request({ linger: 0 }));
  req.connect("tcp://127.0.0.1:1");
  await req.send("ask");
  assert.deepEqual(codesOf(req, { waitMs: 0 }), []);
  assert.deepEqual(codesOf(req, { waitMs: 0, connectMs: 0 }), ["never-connected"]);
});

test("no-reply: a DEALER whose REP answers nothing, and the REP that dropped it all: missing-delimiter", async (t) => {
  const rep = closing(t, new Reply());
  const dealer = closing(t, new Dealer());
  const endpoint = await join(rep, dealer);
  rep.receive().catch(() => undefined);
  for (let i = 0; i < 4; i++) await dealer.send("no delimiter");
  const found = await untilFound(rep, "missing-delimiter");
  await until("all four", () => rep.stats().received.dropped.protocol === 4);
  const [all, ...others] = findings(rep);
  assert.deepEqual(others, []);
  assert.deepEqual([all?.severity, all?.peer, all?.endpoint], ["error", rep.peers[0]?.address, endpoint]);
  assert.deepEqual([all?.evidence["droppedCount"], all?.evidence["peerType"]], [4, "DEALER"]);
  assert.match(
    all?.what ?? "",
    /^4 requests were dropped because they had no empty frame before the body; they came from tcp:\S+, a DEALER\.$/,
  );
  assert.equal(found.code, "missing-delimiter");
  assert.deepEqual(codesOf(dealer), []);
  const there = await untilFound(dealer, "no-reply", { waitMs: 10 });
  assert.deepEqual([there.evidence["sentCount"], there.peer], [4, dealer.peers[0]?.address]);
  assert.match(there.remedy, /empty frame before the body/);
});

test("missing-delimiter: a ROUTER that answers a REQ without it", async (t) => {
  const router = closing(t, new Router());
  const req = closing(t, new Request({ reconnectInterval: 10, linger: 0 }));
  await join(router, req);
  await req.send("ask");
  const [id] = await router.receive();
  await router.send([id as Buffer, "answer"]);
  const wait = req.receive();
  wait.catch(() => undefined);
  const found = await untilFound(req, "missing-delimiter", { quietMs: 1000 });
  assert.deepEqual(
    [found.severity, found.endpoint, found.evidence["droppedCount"]],
    ["error", router.lastEndpoint, 1],
  );
  assert.ok(!codesOf(req).includes("protocol-drop"));
});

test("reply-owed: a REP that received and did not reply, and those who wait behind it", async (t) => {
  const rep = closing(t, new Reply());
  const reqs = [closing(t, new Request()), closing(t, new Request())];
  await join(rep, reqs[0] as Request);
  reqs[1]?.connect(rep.lastEndpoint as string);
  await rep.waitForPeers(2);
  await reqs[0]?.send("first");
  await rep.receive();
  await reqs[1]?.send("second");
  await until("the second", () => rep.stats().received.accepted === 2);
  assert.deepEqual(codesOf(rep), []);
  const found = await untilFound(rep, "reply-owed", { waitMs: 20 });
  assert.deepEqual([found.severity, found.evidence["waitingCount"]], ["error", 1]);
  assert.equal(found.peer, rep.peers[0]?.address);
  assert.ok(Number(found.evidence["owedMs"]) >= 20);
  for (const text of ["one", "two"]) {
    await rep.send(text);
    if (text === "one") await rep.receive();
  }
  for (const req of reqs) await req.receive();
  assert.deepEqual(codesOf(rep, { waitMs: 0 }), []);
});

test("unroutable: how many, the first id, and who is there", async (t) => {
  const router = closing(t, new Router());
  const dealer = closing(t, new Dealer({ routingId: "known" }));
  await join(router, dealer);
  await router.send(["known", "x"]);
  assert.deepEqual(codesOf(router), []);
  await router.send(["nobody", "x"]);
  await router.send(["none", "x"]);
  const [found] = findings(router);
  assert.deepEqual(found?.evidence, { droppedCount: 2, firstId: '"nobody"', peerCount: 1 });
  assert.equal(router.stats().sent.dropped.unroutable, 2);
  assert.deepEqual([found?.code, found?.severity], ["unroutable", "error"]);
  assert.match(
    found?.what ?? "",
    /^2 messages were dropped .* The first was for "nobody"\. 1 peer is connected\.$/,
  );
  assert.match(found?.remedy ?? "", /mandatory/);
  await until("one", () => drain(dealer).length === 1);
});

test("unroutable: a REP whose client left, an XSUB without a publisher", async (t) => {
  const rep = closing(t, new Reply());
  const req = new Request({ linger: 0 });
  await join(rep, req);
  await req.send("ask");
  await rep.receive();
  await req.close();
  await until("the client gone", () => rep.peers.length === 0);
  await rep.send("answer");
  const [found] = findings(rep);
  assert.deepEqual(
    [found?.code, found?.severity, found?.evidence["droppedCount"]],
    ["unroutable", "info", 1],
  );
  const xsub = closing(t, new XSubscriber());
  await xsub.send("up");
  assert.deepEqual(codesOf(xsub), ["unroutable"]);
  const xpub = closing(t, new XPublisher());
  const other = closing(t, new XSubscriber());
  await join(xpub, other);
  await other.send("up");
  await until("it arrived", () => drain(xpub).length === 1);
  assert.ok(!codesOf(other).includes("unroutable"));
});

test("other types have none of these findings", () => {
  const peers = [peerView({ type: "REP", liveAgeMs: 9000 })];
  const received = { accepted: 2, delivered: 0, queued: 0, dropped: { protocol: 2 } };
  for (const type of ["PUSH", "PUB", "ROUTER"]) {
    const view = viewOf({ type, peers, received });
    assert.deepEqual(
      [...noReply(view, ground()), ...missingDelimiter(view, ground()), ...unroutable(view)],
      [],
    );
  }
});

test("unroutable: datagrams that the system did not take", () => {
  const sent = { accepted: 2, delivered: 0, queued: 0, dropped: { unroutable: 2 } };
  const [found] = unroutable(viewOf({ type: "DGRAM", sent }));
  assert.match(found?.what ?? "", /^2 datagrams were dropped because the system did not take them/);
});

test("unroutable: a RADIO lost datagrams only where it has an endpoint for them", () => {
  const sent = { accepted: 1, delivered: 0, queued: 0, dropped: { unroutable: 1 } };
  const lost = {
    reason: "unroutable",
    direction: "sent",
    endpoint: null,
    peer: null,
    ageMs: 1,
    lostCount: 0,
  } as const;
  const what = (endpoint: string | null): string =>
    unroutable(viewOf({ type: "RADIO", sent, losses: [{ ...lost, endpoint }] }))[0]?.what ?? "";
  assert.match(what(null), /^1 message was dropped/);
  assert.match(what("udp://192.0.2.1:5"), /^1 datagram was dropped because the system did not take it/);
});
