import assert from "node:assert/strict";
import type { SocketType } from "./driver.ts";
import type { FrameSpec, MessageReport, MessageSpec } from "./frames.ts";
import { fill, hex, report, reportAll, toBytes } from "./frames.ts";
import type { OpenOptions, PeerSocket } from "./peer.ts";
import { receiveAfterMarker, sendWhenRoutable, untilJoined } from "./waiting.ts";

/** Two socket types that may talk, and a conversation in which every message of the corpus crosses, answers included. */
export interface Pairing {
  readonly left: SocketType;
  readonly right: SocketType;
  readonly leftOptions?: OpenOptions;
  readonly rightOptions?: OpenOptions;
  /** Called when both are open, one is bound and the other connected. `messages` instead of the whole corpus. */
  talk(left: PeerSocket, right: PeerSocket, messages?: Corpus): Promise<void>;
}

export type Corpus = readonly MessageSpec[];

/** 37/ZMTP, Framing: a size of 255 is the last short one; 8192 is the size of libzmq's batches. */
const singleFrames: readonly MessageSpec[] = [0, 1, 255, 256, 8191, 8192, 65536, 1 << 20].map((size) => [
  fill(size),
]);

const shapes: readonly MessageSpec[] = [
  ["", ""],
  ["", "body"],
  ["first", "", "last"],
  ["body", ""],
  [hex("00"), hex("ff00ff"), hex("fe010203")],
  [fill(255, 1), fill(256, 2), fill(0), fill(8192, 3), "end"],
  Array.from({ length: 64 }, (_, index) => fill(index, index)),
];

const inOrder: readonly MessageSpec[] = Array.from({ length: 300 }, (_, index) => {
  return [`message ${index}`, fill((index * 37) % 1000, index)];
});

export const corpus: Corpus = [...singleFrames, ...shapes, ...inOrder];
/** Every size and shape, and few more, for those that test something else than queues. */
export const shortCorpus: Corpus = [...singleFrames, ...shapes, ...inOrder.slice(0, 20)];

/** Room for the corpus and the markers: a publisher and a ROUTER drop above their high-water mark, by design. */
const roomy: OpenOptions = { sendHighWaterMark: 10_000 };

export const pairings: readonly Pairing[] = [
  { left: "REQ", right: "REP", talk: lockStep },
  { left: "REQ", right: "ROUTER", rightOptions: roomy, talk: lockStep },
  { left: "DEALER", right: "REP", talk: (dealer, rep, messages) => pipelined(dealer, rep, [""], messages) },
  {
    left: "DEALER",
    right: "ROUTER",
    rightOptions: roomy,
    talk: (dealer, router, messages) => pipelined(dealer, router, [], messages),
  },
  { left: "DEALER", right: "DEALER", talk: bothWays },
  {
    left: "ROUTER",
    right: "ROUTER",
    leftOptions: { routingId: "left", mandatory: true, ...roomy },
    rightOptions: { routingId: "right", mandatory: true, ...roomy },
    talk: addressed,
  },
  { left: "PUB", right: "SUB", leftOptions: roomy, talk: published },
  { left: "PUB", right: "XSUB", leftOptions: roomy, talk: published },
  { left: "XPUB", right: "SUB", leftOptions: roomy, talk: published },
  { left: "XPUB", right: "XSUB", leftOptions: roomy, rightOptions: roomy, talk: publishedBothWays },
  { left: "PUSH", right: "PULL", talk: oneWay },
  { left: "PAIR", right: "PAIR", talk: bothWays },
];

async function oneWay(sender: PeerSocket, receiver: PeerSocket, messages = corpus): Promise<void> {
  const [received] = await Promise.all([receiver.receive(messages.length), sender.send(messages)]);
  assertSame(received, reportAll(messages));
}

async function bothWays(left: PeerSocket, right: PeerSocket, messages = corpus): Promise<void> {
  await Promise.all([oneWay(left, right, messages), oneWay(right, left, messages)]);
}

async function lockStep(requester: PeerSocket, replier: PeerSocket, messages = corpus): Promise<void> {
  const [answers] = await Promise.all([requester.exchange(messages), replier.echo(messages.length)]);
  assertSame(answers, reportAll(messages));
}

/** All requests are under way at once; `envelope` is what the dealer must put in front of each and gets back. */
async function pipelined(
  dealer: PeerSocket,
  replier: PeerSocket,
  envelope: MessageSpec,
  messages = corpus,
): Promise<void> {
  const requests = messages.map((message) => [...envelope, ...message]);
  const [answers] = await Promise.all([
    dealer.receive(messages.length),
    replier.echo(messages.length),
    dealer.send(requests),
  ]);
  assertSame(answers, reportAll(requests));
}

/** Neither ROUTER can send before it has met the other one, so a mandatory send is repeated until it is routable. */
async function addressed(left: PeerSocket, right: PeerSocket, messages = corpus): Promise<void> {
  await sendWhenRoutable(left, ["right", "hello"]);
  assertSame(await right.receive(1), [report(["left", "hello"])]);
  await sendWhenRoutable(right, ["left", "hello"]);
  assertSame(await left.receive(1), [report(["right", "hello"])]);
  const [answers, count] = await Promise.all([
    left.receive(messages.length),
    right.echo(messages.length),
    left.send(messages.map((message) => ["right", ...message])),
  ]);
  assert.equal(count, messages.length);
  assertSame(answers, reportAll(messages.map((message) => ["right", ...message])));
}

async function published(publisher: PeerSocket, subscriber: PeerSocket, messages = corpus): Promise<void> {
  await subscribeToAll(subscriber);
  await untilJoined(publisher, subscriber);
  if (publisher.type === "XPUB") assertSame(await publisher.receive(1), [report([hex("01")])]);
  const [received] = await Promise.all([
    receiveAfterMarker(subscriber, messages.length),
    publisher.send(messages),
  ]);
  assertSame(received, reportAll(messages));
}

/**
 * An XSUB also sends messages upstream. libzmq behaviour B60: in libzmq every frame that begins with 0 or 1 is a
 * subscription, wherever in a message it stands.
 */
async function publishedBothWays(
  publisher: PeerSocket,
  subscriber: PeerSocket,
  messages = corpus,
): Promise<void> {
  await published(publisher, subscriber, messages);
  const upstream = messages
    .filter((message) => !message.some(isSubscription))
    .map((message) => ["up", ...message]);
  const [received] = await Promise.all([publisher.receive(upstream.length), subscriber.send(upstream)]);
  assertSame(received, reportAll(upstream));
}

function isSubscription(frame: FrameSpec): boolean {
  const first = toBytes(frame).at(0);
  return first === 0 || first === 1;
}

async function subscribeToAll(subscriber: PeerSocket): Promise<void> {
  if (subscriber.type === "SUB") await subscriber.subscribe("");
  else await subscriber.send([[hex("01")]]);
}

/** The first difference says more than two long lists. */
function assertSame(received: readonly MessageReport[], expected: readonly MessageReport[]): void {
  const index = expected.findIndex((message, at) => message.join("|") !== received[at]?.join("|"));
  if (index >= 0)
    assert.deepEqual(received[index], expected[index], `message ${index} of ${expected.length}`);
  assert.equal(received.length, expected.length);
}
