import assert from "node:assert/strict";
import { test } from "node:test";
import { ReqPattern } from "../../../../src/sockets/reqrep/req-pattern.ts";
import { assertConserved, Rig } from "../rig.ts";
import { Ask, ask, idText } from "./asking-rig.ts";

/** The first request id when `platform.random` gives 0.5. */
const FIRST_ID = "\x80\0\0\0";
const SECOND_ID = "\x80\0\0\x01";

function req(options = {}): Rig<ReqPattern> {
  return new Rig((host) => new ReqPattern(host), options);
}

test("requests and replies alternate, or EFSM", () => {
  const rig = req();
  const peer = rig.join();
  assert.throws(() => rig.receive(), { code: "EFSM" });
  assert.equal(rig.pattern.canReceive(), false);
  assert.equal(rig.pattern.canSend(), true);
  assert.equal(rig.send("request", "two"), true);
  assert.deepEqual(peer.receive(), ["", "request", "two"]);
  assert.equal(rig.pattern.canSend(), false);
  assert.throws(() => rig.send("again"), { code: "EFSM" });
  assert.equal(rig.receive(), undefined);
  peer.send("", "reply");
  assert.equal(rig.pattern.canReceive(), true);
  assert.deepEqual(rig.receive(), ["reply"]);
  assert.equal(rig.writableCount, 1);
  assert.throws(() => rig.receive(), { code: "EFSM" });
  assert.equal(rig.send("next"), true);
});

test("a request that nobody can take waits, and nothing has happened", () => {
  const rig = req({ correlate: true });
  assert.equal(rig.send("a"), false);
  assert.throws(() => rig.receive(), { code: "EFSM" });
  const peer = rig.join();
  assert.equal(rig.send("a"), true);
  assert.deepEqual(peer.receive(), [FIRST_ID, "", "a"]);
});

test("requests go to the peers in turn", () => {
  const rig = req();
  const peers = [rig.join(), rig.join(), rig.join()];
  for (let i = 0; i < 6; i++) {
    const peer = peers[i % 3]!;
    rig.send(`${i}`);
    assert.deepEqual(peer.receive(), ["", `${i}`]);
    peer.send("", `re ${i}`);
    assert.deepEqual(rig.receive(), [`re ${i}`]);
  }
});

test("only the peer that got the request can reply", () => {
  const rig = req();
  const asked = rig.join();
  const other = rig.join();
  rig.send("a");
  other.send("", "not asked");
  assert.equal(rig.pattern.canReceive(), false);
  asked.send("", "reply");
  other.send("", "not asked either");
  assert.deepEqual(rig.receive(), ["reply"]);
  assert.equal(other.far.written.dropped.protocol, 1);
});

test("replies that came too late are gone at the next request", () => {
  const rig = req();
  const peer = rig.join();
  rig.send("1");
  peer.send("", "reply 1");
  peer.send("", "reply 1 again");
  assert.deepEqual(rig.receive(), ["reply 1"]);
  rig.send("2");
  assert.equal(rig.receive(), undefined);
  assert.deepEqual(rig.receivedDrops, ["protocol"]);
  peer.send("", "reply 2");
  assert.deepEqual(rig.receive(), ["reply 2"]);
});

test("correlate: a reply to another request is discarded and the wait goes on", () => {
  const rig = req({ correlate: true });
  const peer = rig.join();
  rig.send("a", "b");
  assert.deepEqual(peer.receive(), [FIRST_ID, "", "a", "b"]);
  peer.send(SECOND_ID, "", "wrong id");
  peer.send("", "no id");
  assert.equal(rig.pattern.canReceive(), false);
  peer.send(FIRST_ID, "", "reply");
  assert.deepEqual(rig.receive(), ["reply"]);
  rig.send("c");
  assert.deepEqual(peer.receiveAll(), [[SECOND_ID, "", "c"]]);
  assert.deepEqual(rig.disconnections, []);
});

test("without correlate a reply with an id is discarded", () => {
  const rig = req();
  const peer = rig.join();
  rig.send("a");
  peer.send(FIRST_ID, "", "with an id");
  peer.send("", "reply");
  assert.deepEqual(rig.receive(), ["reply"]);
  assert.deepEqual(rig.disconnections, []);
});

test("a change of correlate takes effect at the next request", () => {
  const rig = req({ correlate: true });
  const peer = rig.join();
  rig.send("a");
  rig.options.correlate = false;
  peer.send(FIRST_ID, "", "reply");
  assert.deepEqual(rig.receive(), ["reply"]);
  rig.send("b");
  assert.deepEqual(peer.receiveAll().at(-1), ["", "b"]);
});

test("relaxed and correlate: a new request goes to the next peer and the old reply is discarded", () => {
  const rig = req({ relaxed: true, correlate: true });
  const one = rig.join();
  const two = rig.join();
  rig.send("to one");
  assert.equal(rig.pattern.canSend(), true);
  rig.send("to two");
  assert.deepEqual(one.receive(), [FIRST_ID, "", "to one"]);
  assert.deepEqual(two.receive(), [SECOND_ID, "", "to two"]);
  one.send(FIRST_ID, "", "late");
  two.send(SECOND_ID, "", "reply");
  assert.deepEqual(rig.receive(), ["reply"]);
  rig.send("to one again");
  assert.equal(one.receiveAll().length, 1);
  assert.deepEqual(rig.disconnections, []);
});

test("relaxed: a reply that was seen but not received is discarded with the next request", () => {
  const rig = req({ relaxed: true });
  const peer = rig.join();
  rig.send("1");
  peer.send("", "reply 1");
  assert.equal(rig.pattern.canReceive(), true);
  rig.send("2");
  assert.equal(rig.pattern.canReceive(), false);
  assert.equal(peer.far.written.dropped.protocol, 1);
});

test("relaxed and correlate: requests queued before there is a server, and only the last is replied to", () => {
  const rig = req({ relaxed: true, correlate: true });
  const server = rig.connect();
  for (let i = 0; i < 3; i++) assert.equal(rig.send(`${i}`), true);
  for (const request of server.receiveAll()) server.send(...request);
  assert.deepEqual(rig.receive(), ["2"]);
  assert.throws(() => rig.receive(), { code: "EFSM" });
});

test("a reply with a broken envelope closes the connection, which is made again", () => {
  const broken = [["body"], ["body", ""], ["1234"], ["1234", ""], ["1234", "x", "y"]];
  for (const reply of broken) {
    const rig = req();
    const peer = rig.connect();
    rig.send("a");
    peer.send(...reply);
    peer.send("also broken");
    assert.equal(rig.receive(), undefined);
    assert.deepEqual(
      rig.disconnections.map(({ pipe, reconnect }) => [pipe === peer.near, reconnect]),
      [[true, true]],
      reply.join("|"),
    );
    assert.equal(peer.far.written.dropped.protocol, 2);
  }
});

test("a broken envelope is noticed at the next request too", () => {
  const rig = req();
  const peer = rig.join();
  peer.send("unasked and broken");
  rig.send("a");
  assert.equal(rig.disconnections.length, 1);
  assert.equal(peer.far.isEnded, true);
});

test("the probe of a ROUTER is ignored", () => {
  const rig = req();
  const peer = rig.join();
  rig.send("a");
  peer.send("");
  peer.send("", "reply");
  assert.deepEqual(rig.receive(), ["reply"]);
  assert.deepEqual(rig.disconnections, []);
});

test("an empty reply is a reply", () => {
  const rig = req();
  const peer = rig.join();
  rig.send("");
  assert.deepEqual(peer.receive(), ["", ""]);
  peer.send("", "");
  assert.deepEqual(rig.receive(), [""]);
});

test("a reply that came before its peer left is received", () => {
  const rig = req();
  const peer = rig.join();
  rig.send("a");
  peer.send("", "reply");
  peer.far.close("peer-gone");
  assert.deepEqual(rig.receive(), ["reply"]);
});

test("when the peer of the request is gone the wait goes on, and any peer may reply", () => {
  const rig = req();
  const asked = rig.join();
  const other = rig.join();
  rig.send("a");
  asked.far.close("peer-gone");
  assert.equal(rig.receive(), undefined);
  assert.throws(() => rig.send("b"), { code: "EFSM" });
  other.send("", "reply");
  assert.deepEqual(rig.receive(), ["reply"]);
});

test("every connection is probed, if asked", () => {
  const rig = req({ probeRouter: true });
  assert.deepEqual(rig.join().receiveAll(), [[""]]);
});

test("while a request() is under way send and receive are out of step; afterwards they work", () => {
  const rig = req();
  const peer = rig.join();
  const asked = ask(rig.pattern, "a");
  assert.deepEqual(peer.receive(), [idText(asked.id), "", "a"]);
  assert.throws(() => rig.send("plain"), { code: "EFSM", message: /request\(\) is under way/ });
  assert.throws(() => rig.receive(), { code: "EFSM", message: /request\(\) is under way/ });
  assert.equal(rig.outOfStepCount, 2);
  assert.equal(rig.pattern.canSend(), false);
  assert.equal(rig.pattern.canReceive(), false);
  peer.send(idText(asked.id), "", "reply", "two");
  assert.deepEqual(asked.reply, ["reply", "two"]);
  rig.send("plain");
  assert.deepEqual(peer.receive(), ["", "plain"]);
  assert.throws(() => new Ask(rig.pattern, "b"), { code: "EFSM" });
  peer.send("", "reply");
  assert.deepEqual(rig.receive(), ["reply"]);
  assert.equal(ask(rig.pattern, "b").server, peer.near);
});

test("relaxed: a request() gives the pending request up", () => {
  const rig = req({ relaxed: true });
  const peer = rig.join();
  rig.send("plain");
  peer.send("", "unread");
  assert.equal(rig.pattern.canReceive(), true);
  const asked = ask(rig.pattern, "a");
  assert.deepEqual(rig.receivedDrops, ["protocol"]);
  peer.send("", "late");
  peer.send(idText(asked.id), "", "reply");
  assert.deepEqual(asked.reply, ["reply"]);
  assert.deepEqual(rig.receivedDrops, ["protocol", "protocol"]);
  assertConserved(peer.far);
});

test("a reply to a request() that is over is taken for no other", () => {
  const rig = req();
  const peer = rig.join();
  const late = ask(rig.pattern, "late");
  late.close();
  const asked = ask(rig.pattern, "a");
  peer.send(idText(late.id), "", "to the first");
  assert.deepEqual([late.reply, asked.reply], [undefined, undefined]);
  asked.close();
  rig.send("plain");
  peer.send(idText(asked.id), "", "to the second");
  assert.equal(rig.pattern.canReceive(), false);
  assert.equal(rig.receivedDrops.length, 2);
  late.close();
  assert.equal(rig.pattern.canSend(), false, "still awaiting the plain reply");
  assertConserved(peer.far);
});

test("any server that was asked may answer a request(), and its loss is told", () => {
  const rig = req();
  const [one, two] = [rig.join(), rig.join()];
  const asked = ask(rig.pattern, "a");
  assert.equal(asked.server, one.near);
  assert.equal(asked.send(), true);
  assert.equal(asked.server, two.near);
  rig.pattern.lost(one.near);
  assert.equal(asked.lostCount, 0);
  rig.pattern.lost(two.near);
  assert.deepEqual([asked.lostCount, asked.server], [1, null]);
  one.send(idText(asked.id), "", "of the first");
  assert.deepEqual(asked.reply, ["of the first"]);
});
