// 29/PUBSUB, sentence by sentence; ledger/rfc29.json says which test holds which.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pattern } from "../../src/core/pattern.ts";
import { ends, octets, pub, sub, wants, xpub, xsub } from "../unit/sockets/pubsub/pubsub-rig.ts";
import { assertConserved, link, type Rig } from "../unit/sockets/rig.ts";

/** The same of PUB and XPUB. */
const publishers = { PUB: pub, XPUB: xpub };

/** Of every size and value of octet, in one frame and several. */
const MESSAGES = [
  ["a"],
  [""],
  ["", ""],
  ["a\0\xff", "", "\x01", "\0"],
  ["a".repeat(100_000), "end"],
  ["\xff\xfe"],
];

function eachPublisher(run: (create: () => Rig<Pattern>, name: string) => void): void {
  for (const [name, create] of Object.entries(publishers)) run(create, name);
}

test("PUB only sends", () => {
  const source = pub();
  const sinks = [sub(), sub(), xsub()];
  for (const sink of sinks) link(sink, source);
  sinks[2]!.send("a message for PUB");
  assert.equal(source.pattern.canReceive(), false);
  assert.throws(() => source.receive(), { code: "ENOTSUP" });
});

test("a publisher has one outgoing queue for each subscriber, with a limit of its own", () => {
  eachPublisher((create, name) => {
    const source = create();
    const small = source.join({ outHwm: 2 });
    const large = source.join({ outHwm: 5 });
    for (const peer of [small, large]) peer.send(wants(""));
    for (let i = 0; i < 10; i++) source.send(`${i}`);
    assert.equal(small.near.written.queued, 2, name);
    assert.equal(large.near.written.queued, 5, name);
  });
});

test("a publisher keeps the queue of an endpoint that it connected to, connection or not", () => {
  eachPublisher((create, name) => {
    const source = create();
    const endpoint = source.connect();
    source.identify(endpoint.near);
    endpoint.send(wants(""));
    endpoint.near.live = false;
    source.send("between two connections");
    source.identify(endpoint.near);
    endpoint.send(wants(""));
    source.send("after");
    assert.deepEqual(endpoint.receiveAll(), [["between two connections"], ["after"]], name);
  });
});

test("a publisher discards and counts what waits for a subscriber that left", () => {
  eachPublisher((create, name) => {
    const source = create();
    const peer = source.join();
    peer.send(wants(""));
    source.send("a");
    source.send("b");
    peer.far.close("peer-gone");
    assert.equal(peer.near.written.dropped["peer-gone"], 2, name);
    source.send("c");
    assert.equal(source.dropped["no-subscriber"], 1, name);
    assertConserved(peer.near);
  });
});

test("PUB discards what subscribers send it", () => {
  const source = pub();
  const sink = xsub();
  const [ofSink] = link(sink, source);
  for (const message of MESSAGES) sink.send(...message);
  assert.equal(source.pattern.canReceive(), false);
  assert.equal(ofSink.written.dropped.protocol + ofSink.written.delivered, ofSink.written.accepted);
  assertConserved(ofSink);
});

test("messages pass from a publisher to its subscribers as they are and in order", () => {
  eachPublisher((create, name) => {
    const source = create();
    const sinks = [sub(), sub()];
    const raw = xsub();
    for (const sink of [...sinks, raw]) link(sink, source);
    for (const sink of sinks) sink.pattern.subscribe(octets(""));
    raw.send(wants(""));
    for (const message of MESSAGES) source.send(...message);
    for (const sink of [...sinks, raw]) assert.deepEqual(sink.receiveAll(), MESSAGES, name);
  });
});

test("a publisher compares the subscription with the start of the first frame, octet by octet", () => {
  eachPublisher((create, name) => {
    const source = create();
    const peers = ["", "a", "ab", "\0", "\xc3", "\xc3\xa4", "A"].map((topic) => {
      const peer = source.join();
      peer.send(wants(topic));
      return peer;
    });
    for (const message of [
      ["abc"],
      ["a"],
      ["\0\0"],
      ["\xc3\xb6"],
      ["\xc3\xa4\xff"],
      ["x", "a"],
      [""],
      ["\xe4"],
    ]) {
      source.send(...message);
    }
    const received = peers.map((peer) => peer.receiveAll().map(([first]) => first));
    assert.deepEqual(
      received,
      [
        ["abc", "a", "\0\0", "\xc3\xb6", "\xc3\xa4\xff", "x", "", "\xe4"],
        ["abc", "a"],
        ["abc"],
        ["\0\0"],
        ["\xc3\xb6", "\xc3\xa4\xff"],
        ["\xc3\xa4\xff"],
        [],
      ],
      name,
    );
  });
});

test("a publisher drops the message for a subscriber whose queue is full, and never waits", () => {
  eachPublisher((create, name) => {
    const source = create();
    const slow = source.join({ outHwm: 1 });
    const fast = source.join();
    for (const peer of [slow, fast]) peer.send(wants(""));
    for (let i = 0; i < 5; i++) {
      assert.equal(source.pattern.canSend(), true, name);
      assert.equal(source.send(`${i}`), true, name);
    }
    assert.equal(slow.near.written.dropped.hwm, 4, name);
    assert.deepEqual(fast.receiveAll().join(), "0,1,2,3,4", name);
    assertConserved(slow.near, fast.near);
  });
});

test("a publisher without subscribers sends, and drops", () => {
  eachPublisher((create, name) => {
    const source = create();
    assert.equal(source.send("a"), true, name);
    assert.equal(source.dropped["no-subscriber"], 1, name);
  });
});

test("a publisher takes subscriptions and cancellations from its subscribers", () => {
  eachPublisher((create, name) => {
    const source = create();
    const sink = sub();
    link(sink, source);
    source.send("a before");
    sink.pattern.subscribe(octets("a"));
    source.send("a between");
    assert.deepEqual(sink.receiveAll(), [["a between"]], name);
    sink.pattern.unsubscribe(octets("a"));
    source.send("a after");
    assert.equal(source.dropped["no-subscriber"], 2, name);
  });
});

test("PUB does not show subscriptions to its application", () => {
  const source = pub();
  const peer = source.join();
  for (const text of [wants("a"), ends("a")]) peer.send(text);
  assert.equal(source.pattern.canReceive(), false);
  assert.equal(peer.far.unreadCount, 0);
});

test("XPUB sends and receives, each way by a queue of its own for each subscriber", () => {
  const source = xpub({ receiveHighWaterMark: 4 });
  const first = source.join({ outHwm: 2, inHwm: 4 });
  const second = source.join({ outHwm: 2, inHwm: 4 });
  for (const peer of [first, second]) peer.send(wants(""));
  let sent = 0;
  while (first.send("up")) sent++;
  for (let i = 0; i < 3; i++) source.send("down");
  assert.equal(second.send("up"), true);
  assert.equal(first.receiveAll().length, 2);
  assert.equal(second.receiveAll().length, 2);
  assert.equal(source.receiveAll().filter(([text]) => text === "up").length, sent + 1);
});

test("XPUB has the queues of an endpoint from connect on", () => {
  const source = xpub();
  const endpoint = source.connect();
  endpoint.send("early");
  assert.deepEqual(source.receive(), ["early"]);
});

test("XPUB receives from its subscribers in turn, and delivers everything", () => {
  const source = xpub();
  const sinks = [xsub(), xsub(), xsub()];
  for (const sink of sinks) link(sink, source);
  sinks.forEach((sink, index) => {
    for (let i = 0; i < 3; i++) sink.send(`${index}`, "\0");
  });
  // By default a frame of the message that starts with 0 is a cancellation (libzmq behaviour B60).
  assert.equal(
    source
      .receiveAll()
      .filter(([text]) => text !== "\0")
      .join(""),
    "012012012",
  );
});

test("XPUB shows each topic's first subscription and last cancellation to its application", () => {
  const source = xpub();
  const sinks = [sub(), sub()];
  for (const sink of sinks) link(sink, source);
  for (const sink of sinks) sink.pattern.subscribe(octets("a"));
  for (const sink of sinks) sink.pattern.subscribe(octets("a"));
  for (const sink of sinks) for (let i = 0; i < 2; i++) sink.pattern.unsubscribe(octets("a"));
  assert.deepEqual(source.receiveAll(), [[wants("a")], [ends("a")]]);
});

test("XPUB tells its application of the topics that end with a subscriber that left", () => {
  const source = xpub();
  const [first, second] = [source.join(), source.join()];
  for (const text of [wants("a"), wants("both")]) first.send(text);
  second.send(wants("both"));
  source.receiveAll();
  first.far.close("peer-gone");
  assert.deepEqual(source.receiveAll(), [[ends("a")]]);
  second.far.close("peer-gone");
  assert.deepEqual(source.receiveAll(), [[ends("both")]]);
});

test("SUB only receives", () => {
  const sink = sub();
  const peers = [sink.join(), sink.join()];
  assert.equal(sink.pattern.canSend(), false);
  assert.throws(() => sink.send("a"), { code: "ENOTSUP" });
  for (const peer of peers) assert.equal(peer.receive(), undefined);
});

test("a subscriber has one incoming queue for each publisher, with a limit of its own", () => {
  const sinks = [sub(), xsub()] as const;
  sinks[0].pattern.subscribe(octets(""));
  for (const sink of sinks) {
    const small = sink.join({ inHwm: 2 });
    const large = sink.join({ inHwm: 5 });
    for (const [peer, limit] of [
      [small, 2],
      [large, 5],
    ] as const) {
      let count = 0;
      while (peer.send("a")) count++;
      assert.equal(count, limit);
    }
    assert.equal(sink.receiveAll().length, 7);
  }
});

test("a subscriber keeps the queue of an endpoint that it connected to, connection or not", () => {
  const sinks = [sub(), xsub()] as const;
  sinks[0].pattern.subscribe(octets(""));
  for (const sink of sinks) {
    const endpoint = sink.connect();
    sink.identify(endpoint.near);
    endpoint.send("received");
    endpoint.near.live = false;
    assert.deepEqual(sink.receive(), ["received"]);
    sink.identify(endpoint.near);
    endpoint.send("after");
    assert.deepEqual(sink.receive(), ["after"]);
  }
});

test("a subscriber receives what a publisher sent before it left", () => {
  const sinks = [sub(), xsub()] as const;
  sinks[0].pattern.subscribe(octets(""));
  for (const sink of sinks) {
    const peer = sink.join();
    peer.send("a");
    peer.far.close("peer-gone");
    assert.deepEqual(sink.receiveAll(), [["a"]]);
    assert.equal(peer.near.isClosed, true);
  }
});

test("what a subscriber's queue does not hold is dropped by the publisher, and counted", () => {
  const source = pub();
  const sinks = [sub(), xsub()] as const;
  const ends = sinks.map((sink) => link(sink, source, 3)[1]);
  sinks[0].pattern.subscribe(octets(""));
  sinks[1].send(wants(""));
  for (let i = 0; i < 10; i++) source.send(`${i}`);
  for (const end of ends) assert.equal(end.written.dropped.hwm, 7);
  for (const sink of sinks) assert.deepEqual(sink.receiveAll().join(), "0,1,2");
  assertConserved(...ends);
});

test("a subscriber receives from its publishers in turn, and delivers everything", () => {
  const sinks = [sub(), xsub()] as const;
  sinks[0].pattern.subscribe(octets(""));
  for (const sink of sinks) {
    const peers = [sink.join(), sink.join(), sink.join()];
    peers.forEach((peer, index) => {
      for (let i = 0; i <= index; i++) peer.send(`${index}`);
    });
    assert.deepEqual(sink.receiveAll().join(""), "012122");
  }
});

test("XSUB sends and receives, each way by a queue of its own for each publisher", () => {
  const sink = xsub();
  const peer = sink.join({ outHwm: 2, inHwm: 2 });
  const other = sink.join();
  for (let i = 0; i < 3; i++) sink.send("up");
  while (peer.send("down"));
  assert.equal(peer.receiveAll().length, 2);
  assert.equal(other.receiveAll().length, 3);
  assert.equal(sink.receiveAll().length, 2);
});

test("XSUB discards and counts what waits for a publisher that left", () => {
  const sink = xsub();
  const peer = sink.join();
  sink.send("up");
  peer.far.close("peer-gone");
  assert.equal(peer.near.written.dropped["peer-gone"], 1);
  sink.send("nobody");
  assert.equal(sink.dropped.unroutable, 1);
  assertConserved(peer.near);
});

test("messages pass from XSUB to all publishers as they are, and a full one misses them", () => {
  const sink = xsub({ onlyFirstSubscribe: true });
  const sources = [xpub({ onlyFirstSubscribe: true }), xpub({ onlyFirstSubscribe: true })];
  for (const source of sources) link(sink, source);
  const full = sink.join({ outHwm: 1 });
  for (const message of MESSAGES) {
    assert.equal(sink.pattern.canSend(), true);
    assert.equal(sink.send(...message), true);
  }
  for (const source of sources) assert.deepEqual(source.receiveAll(), MESSAGES);
  assert.equal(full.near.written.dropped.hwm, MESSAGES.length - 1);
});

test("XSUB takes subscriptions from its application and tells them to all publishers", () => {
  const sink = xsub();
  const sources = [xpub(), xpub()];
  for (const source of sources) link(sink, source);
  sink.send(wants("a"));
  for (const source of sources) source.send("a");
  assert.deepEqual(sink.receiveAll(), [["a"], ["a"]]);
  sink.send(ends("a"));
  const late = xpub();
  sink.send(wants("b"));
  link(sink, late);
  for (const source of sources)
    assert.deepEqual(source.receiveAll().flat(), [wants("a"), ends("a"), wants("b")]);
  assert.deepEqual(late.receiveAll(), [[wants("b")]]);
});
