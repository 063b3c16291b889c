import assert from "node:assert/strict";
import { test } from "node:test";
import { Dealer, Router, Stream } from "../../../src/index.ts";
import { RawListener } from "../../peers/raw-peer.ts";
import { closing, textOf } from "../../peers/sockets.ts";

test("without a name the peer is called what it announces", async (t) => {
  const router = closing(t, new Router({ mandatory: true }));
  const dealer = closing(t, new Dealer({ routingId: "announced" }));
  await dealer.bind("inproc://named-by-itself");
  router.connect("inproc://named-by-itself", {});
  await router.send(["announced", "a"]);
  assert.equal(textOf(await dealer.receive()), "a");
});

test("a name holds whatever the peer announces, as text or octets", async (t) => {
  const router = closing(t, new Router({ mandatory: true }));
  for (const [i, routingId] of ["näme", Buffer.from([1, 0, 255])].entries()) {
    const dealer = closing(t, new Dealer({ routingId: "something else" }));
    await dealer.bind("tcp://127.0.0.1:*");
    router.connect(dealer.lastEndpoint as string, { routingId });
    await router.send([routingId, `${i}`]);
    assert.equal(textOf(await dealer.receive()), `${i}`);
    await dealer.send("back");
    assert.deepEqual((await router.receive())[0], Buffer.from(routingId));
  }
});

test("a STREAM may name its peer too, and write to it before it is there", async (t) => {
  const listener = await RawListener.open();
  t.after(() => listener.close());
  const stream = closing(t, new Stream({ notify: false }));
  const accepted = listener.accept();
  stream.connect(listener.endpoint, { routingId: "server" });
  await stream.send(["server", "hello"]);
  const peer = await accepted;
  await peer.heard(() => peer.received.toString() === "hello");
});

test("a name that is none, or taken, throws and connects nothing", (t) => {
  const router = closing(t, new Router({ linger: 0 }));
  router.connect("tcp://127.0.0.1:9", { routingId: "taken" });
  const bad: readonly (readonly [unknown, string])[] = [
    ["taken", "EADDRINUSE"],
    ["", "EINVAL"],
    ["x".repeat(256), "EINVAL"],
    [{}, "EINVAL"],
  ];
  for (const [routingId, code] of bad) {
    const connect = (): void => router.connect("tcp://127.0.0.1:9", { routingId: routingId as string });
    assert.throws(connect, { code });
  }
  assert.equal(router.peers.length, 1);
});
