import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../src/index.ts";
import * as zmtp from "../peers/octets.ts";
import { pause, RawListener, RawPeer, within } from "../peers/raw-peer.ts";

const CLASSES = {
  REQ: Request,
  REP: Reply,
  DEALER: Dealer,
  ROUTER: Router,
  PUB: Publisher,
  SUB: Subscriber,
} as const;
const MORE_CLASSES = { XPUB: XPublisher, XSUB: XSubscriber, PUSH: Push, PULL: Pull, PAIR: Pair } as const;
const ANY = "tcp://127.0.0.1:*";

/** What 23/ZMTP and 37/ZMTP say of sockets in the same words: ours over tcp, a raw peer of either version opposite. */
export function zmtpSocketCases(minor: 0 | 1): void {
  describe("Error Handling, sockets", () => errorHandling(minor));
  describe("Socket Semantics", () => semantics(minor));
  describe("Publish-Subscribe, sockets", () => publishSubscribe(minor));
}

/** A socket that is closed when the test ends. */
function open<T extends Socket>(t: TestContext, socket: T): T {
  t.after(() => socket.close());
  return socket;
}

async function listen(t: TestContext): Promise<RawListener> {
  const listener = await RawListener.open();
  t.after(() => listener.close());
  return listener;
}

async function dial(t: TestContext, socket: Socket, minor: number, peerType: string): Promise<RawPeer> {
  const peer = await RawPeer.connect(socket.lastEndpoint);
  t.after(() => peer.destroy());
  await shake(peer, minor, peerType);
  return peer;
}

async function shake(peer: RawPeer, minor: number, peerType: string): Promise<void> {
  peer.send(zmtp.greeting({ minor }), zmtp.ready(peerType));
  await peer.heard(() => peer.texts.some((text) => text.startsWith("READY")), "READY");
}

async function bound<T extends Socket>(t: TestContext, socket: T): Promise<T> {
  await open(t, socket).bind(ANY);
  return socket;
}

/** Messages as the raw peer hears them: subscriptions in either form are left out. */
function bodies(peer: RawPeer): string[] {
  return peer.frames
    .filter(({ flags }) => (flags & 4) === 0)
    .map(({ body }) => Buffer.from(body).toString("latin1"));
}

function errorHandling(minor: number): void {
  test("a peer that answers with ERROR is left, and not asked again with the same credentials at once", async (t) => {
    const listener = await listen(t);
    const push = open(t, new Push({ reconnectInterval: 20, linger: 0 }));
    push.connect(listener.endpoint);
    const first = await listener.accept();
    first.send(zmtp.greeting({ minor }), zmtp.error("400"));
    assert.ok(await first.ends(1_000), "the connection stays");
    await pause(400);
    // An interval of 20 ms would have made ten and more attempts by now.
    for (const peer of listener.peers.slice(1)) peer.send(zmtp.greeting({ minor }), zmtp.error("400"));
    assert.ok(listener.peers.length <= 5, `${listener.peers.length} attempts in 400 ms`);
  });

  test("a connection that closes unexpectedly is made again", async (t) => {
    const listener = await listen(t);
    const push = open(t, new Push({ reconnectInterval: 20, linger: 0 }));
    push.connect(listener.endpoint);
    for (let round = 0; round < 3; round++) {
      const peer = await listener.accept();
      await shake(peer, minor, "PULL");
      await push.send(`round ${round}`);
      await peer.heard(() => bodies(peer).includes(`round ${round}`));
      peer.destroy();
    }
  });
}

function semantics(minor: number): void {
  test("every socket type accepts connections and makes them", async (t) => {
    for (const [type, SocketClass] of Object.entries({ ...CLASSES, ...MORE_CLASSES })) {
      const peerType = zmtp.LEGAL_PEER[type] as string;
      const socket = await bound(t, new SocketClass({ linger: 0 }));
      const peer = await dial(t, socket, minor, peerType);
      await within(socket.waitForPeers(), `${type} accepts`);
      // A PAIR has room for one peer.
      const other = type === "PAIR" ? open(t, new SocketClass({ linger: 0 })) : socket;
      const listener = await listen(t);
      other.connect(listener.endpoint);
      await shake(await listener.accept(), minor, peerType);
      await within(other.waitForPeers(type === "PAIR" ? 1 : 2), `${type} connects`);
      peer.destroy();
    }
  });

  test("a connection is made when the peer comes, and messages sent before wait for it", async (t) => {
    const reserved = await RawListener.open();
    const { endpoint } = reserved;
    await reserved.close();
    const push = open(t, new Push({ reconnectInterval: 20, linger: 0 }));
    push.connect(endpoint);
    await push.send("early");
    const pull = open(t, new Pull());
    await pull.bind(endpoint);
    assert.equal(String(await within(pull.receive(), "the early message")), "early");
  });

  test("a message is received whole or not at all", async (t) => {
    const pull = await bound(t, new Pull());
    const torn = await dial(t, pull, minor, "PUSH");
    torn.send(zmtp.message("torn", "in", "pieces").subarray(0, 12));
    await pause(20);
    torn.reset();
    const good = await dial(t, pull, minor, "PUSH");
    const whole = zmtp.message("a", "", "c");
    await good.sendSlowly(whole);
    assert.deepEqual((await within(pull.receive(), "the message")).map(String), ["a", "", "c"]);
    assert.equal(pull.tryReceive(), undefined);
  });

  test("no frame of a message goes out before its last has been given to the socket", async (t) => {
    const push = await bound(t, new Push({ linger: 0 }));
    const peer = await dial(t, push, minor, "PULL");
    await push.send(["a", "b", "c"]);
    await peer.heard(() => bodies(peer).length > 0);
    assert.deepEqual(bodies(peer), ["a", "b", "c"]);
  });

  test("messages between two peers arrive in order, each of them once", async (t) => {
    const push = await bound(t, new Push({ linger: 0 }));
    const peer = await dial(t, push, minor, "PULL");
    const sent = Array.from({ length: 3_000 }, (_, i) => `${i}`);
    await push.sendMany(sent);
    await peer.heard(() => bodies(peer).length >= sent.length, "all of them");
    assert.deepEqual(bodies(peer), sent);
    const pull = await bound(t, new Pull());
    const sender = await dial(t, pull, minor, "PUSH");
    sender.send(...sent.map((text) => zmtp.message(text)));
    for (const text of sent) assert.equal(String(await within(pull.receive(), text)), text);
    await pause(20);
    assert.equal(pull.tryReceive(), undefined);
  });
}

function publishSubscribe(minor: number): void {
  const subscribe = (topic: string) => (minor === 0 ? zmtp.message(`\x01${topic}`) : zmtp.subscribe(topic));
  const cancel = (topic: string) => (minor === 0 ? zmtp.message(`\x00${topic}`) : zmtp.cancel(topic));

  test('PUB and XPUB filter: "A" matches what starts with A, "" matches all', async (t) => {
    for (const SocketClass of [Publisher, XPublisher]) {
      const publisher = await bound(t, new SocketClass({ linger: 0 }));
      const peer = await dial(t, publisher, minor, "SUB");
      const everything = await dial(t, publisher, minor, "SUB");
      peer.send(subscribe("A"));
      everything.send(subscribe(""));
      await within(publisher.waitForSubscribers(2, "A"), "both");
      for (const text of ["", "a", "A", "AB", "BA", "A end"]) await publisher.send(text);
      await peer.heard(() => bodies(peer).includes("A end"));
      await everything.heard(() => bodies(everything).includes("A end"));
      assert.deepEqual(bodies(peer), ["A", "AB", "A end"]);
      assert.deepEqual(bodies(everything), ["", "a", "A", "AB", "BA", "A end"]);
      peer.send(cancel("A"), subscribe("end"));
      await within(publisher.waitForSubscribers(2, "end"), "the second subscription");
      for (const text of ["A", "end"]) await publisher.send(text);
      await peer.heard(() => bodies(peer).includes("end"));
      assert.deepEqual(bodies(peer), ["A", "AB", "A end", "end"]);
    }
  });

  test("SUB and XSUB tell the publisher what they want, and take it back", async (t) => {
    for (const SocketClass of [Subscriber, XSubscriber]) {
      const subscriber = await bound(t, new SocketClass());
      const say = async (isWanted: boolean, topic: string) => {
        if (subscriber instanceof XSubscriber) await subscriber.send(`${isWanted ? "\x01" : "\0"}${topic}`);
        else if (isWanted) subscriber.subscribe(topic);
        else subscriber.unsubscribe(topic);
      };
      await say(true, "early");
      const peer = await dial(t, subscriber, minor, "PUB");
      // An I/O thread may know of the peer before the socket does.
      await subscriber.waitForPeers();
      await say(true, "late");
      await say(false, "early");
      const expected = [subscribe("early"), subscribe("late"), cancel("early")];
      await peer.heard(() => expected.every((frame) => peer.received.includes(frame)), "the subscriptions");
    }
  });

  test("subscriptions of a Subscriber are additive: two of a kind need two cancellations", async (t) => {
    const subscriber = await bound(t, new Subscriber());
    const peer = await dial(t, subscriber, minor, "PUB");
    subscriber.subscribe("A", "A");
    await peer.heard(() => peer.received.includes(subscribe("A")), "the subscription");
    subscriber.unsubscribe("A");
    peer.send(zmtp.message("A1"));
    assert.equal(String(await within(subscriber.receive(), "after one cancellation")), "A1");
    subscriber.unsubscribe("A");
    await peer.heard(() => peer.received.includes(cancel("A")), "the cancellation");
    subscriber.subscribe("B");
    peer.send(zmtp.message("A2"), zmtp.message("B"));
    assert.equal(String(await within(subscriber.receive(), "B")), "B");
  });
}
