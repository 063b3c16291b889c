import { performance } from "node:perf_hooks";
import { fill, reportBytes, toBytes, toSpec } from "../../test/interop/frames.ts";
import { loadSubject } from "../../test/interop/libraries.ts";
import { statsOf } from "../../test/interop/ours.ts";
import { receiveAfterMarker, untilJoined } from "../../test/interop/waiting.ts";
import type { Scene, Stage } from "./stage.ts";

const unlimited = { sendHighWaterMark: 0 };

async function requestReply(stage: Stage): Promise<void> {
  const count = stage.count(4000);
  for (const [label, openReq, openRep] of [
    ["our REQ asks their REP", stage.our, stage.their],
    ["their REQ asks our REP", stage.their, stage.our],
  ] as const) {
    const rep = await openRep("REP");
    const req = await openReq("REQ");
    await stage.join(rep, req);
    const [trips] = await Promise.all([req.roundTrips(count, 10), rep.echo(count)]);
    stage.judgeRoundTrips(label, trips, count, 10);
  }
}

async function dealerRouter(stage: Stage): Promise<void> {
  const count = stage.count(15_000);
  // A mandatory ROUTER waits for a peer that is full; any other one would drop.
  const router = await stage.our("ROUTER", { mandatory: true });
  const endpoint = await router.bind("tcp://127.0.0.1:*");
  const dealers = await Promise.all(
    ["ann", "bob", "eve"].map((name) => stage.their("DEALER", { routingId: name })),
  );
  for (const dealer of dealers) await dealer.connect(endpoint);
  const [tallies] = await Promise.all([
    Promise.all(dealers.map((dealer) => dealer.drain(count))),
    router.echo(count * dealers.length),
    Promise.all(dealers.map((dealer) => dealer.flood({ count, size: 100 }))),
  ]);
  for (const [index, tally] of tallies.entries()) {
    stage.judge(`their DEALER ${index + 1}, echoed by our ROUTER`, tally, count, 100);
  }
}

async function pushPull(stage: Stage): Promise<void> {
  for (const [label, openPush, openPull] of [
    ["our PUSH to their PULL", stage.our, stage.their],
    ["their PUSH to our PULL", stage.their, stage.our],
  ] as const) {
    const push = await openPush("PUSH");
    const pull = await openPull("PULL");
    await stage.join(pull, push);
    for (const [fullCount, size] of [
      [300_000, 10],
      [50_000, 1024],
      [200, 1 << 20],
    ] as const) {
      const count = stage.count(fullCount);
      const [tally] = await Promise.all([pull.drain(count), push.flood({ count, size })]);
      stage.judge(label, tally, count, size);
    }
  }
  await pushPullAlone(stage);
}

/** With libzmq the rate above is that of its Node addon; this is what two of us do. */
async function pushPullAlone(stage: Stage): Promise<void> {
  const count = stage.count(1_000_000);
  const push = await stage.our("PUSH");
  const pull = await stage.ourOther("PULL");
  await stage.join(pull, push);
  const [tally] = await Promise.all([pull.drain(count), push.flood({ count, size: 10 })]);
  stage.judge("our PUSH to our PULL, two processes", tally, count, 10);
}

async function publishSubscribe(stage: Stage): Promise<void> {
  const count = stage.count(20_000);
  const pub = await stage.our("PUB", unlimited);
  const endpoint = await pub.bind("tcp://127.0.0.1:*");
  const wishes = [[""], ["even."], ["odd."]];
  const subs = await Promise.all(wishes.map(() => stage.their("SUB", { receiveHighWaterMark: 0 })));
  for (const [index, sub] of subs.entries()) {
    await sub.subscribe(...wishes[index]);
    await sub.connect(endpoint);
  }
  await (pub.direct as unknown as { waitForSubscribers?(count: number): Promise<void> }).waitForSubscribers?.(
    3,
  );
  const draining = subs.map((sub, index) => sub.drain(index === 0 ? 2 * count : count));
  await pub.flood({ count, size: 100, envelope: ["even.topic"] });
  await pub.flood({ count, size: 100, envelope: ["odd.topic"], from: count });
  const tallies = await Promise.all(draining);
  for (const [index, tally] of tallies.entries()) {
    const label = `their SUB to ${JSON.stringify(wishes[index][0])} hears our PUB`;
    stage.judge(label, tally, index === 0 ? 2 * count : count, 100);
  }
  await slowSubscriber(stage);
}

/** What a publisher must do with a subscriber that does not read, and what no other implementation tells. */
async function slowSubscriber(stage: Stage): Promise<void> {
  const count = 3000;
  const pub = await stage.our("PUB", { sendHighWaterMark: 100 });
  const sub = await stage.their("SUB", { receiveHighWaterMark: 10 });
  await sub.subscribe("");
  await stage.join(pub, sub);
  await untilJoined(pub, sub);
  await pub.flood({ count, size: 16_384 });
  const { count: received } = await sub.drain(count, 500);
  const dropped = statsOf(pub)?.sent.dropped.hwm ?? 0;
  stage.judgeDrops("their SUB that does not read", received, dropped, count);
}

async function forwarder(stage: Stage): Promise<void> {
  const count = stage.count(20_000);
  const xsub = await stage.our("XSUB");
  const xpub = await stage.our("XPUB", unlimited);
  const front = await xsub.bind("tcp://127.0.0.1:*");
  const back = await xpub.bind("tcp://127.0.0.1:*");
  const library = await loadSubject();
  const proxy = new library.Proxy(xsub.direct, xpub.direct);
  const running = proxy.run();

  const pub = await stage.their("PUB", unlimited);
  const sub = await stage.their("SUB", { receiveHighWaterMark: 0 });
  await sub.subscribe("");
  await pub.connect(front);
  await sub.connect(back);
  await untilJoined(pub, sub);
  await pub.send([["end of markers"]]);
  await receiveAfterMarker(sub, 1);

  const [tally] = await Promise.all([sub.drain(count), pub.flood({ count, size: 100 })]);
  stage.judge("their PUB, our proxy, their SUB", tally, count, 100);
  proxy.terminate();
  await running;
}

async function pair(stage: Stage): Promise<void> {
  const count = stage.count(50_000);
  const ours = await stage.our("PAIR");
  const theirs = await stage.their("PAIR");
  await stage.join(theirs, ours);
  const [toThem, toUs] = await Promise.all([
    theirs.drain(count),
    ours.drain(count),
    ours.flood({ count, size: 100 }),
    theirs.flood({ count, size: 100 }),
  ]);
  stage.judge("our PAIR to their PAIR", toThem, count, 100);
  stage.judge("their PAIR to our PAIR", toUs, count, 100);
}

async function stream(stage: Stage): Promise<void> {
  const chunks = Array.from({ length: stage.count(300) }, (_, index) => fill(65_536, index));
  const whole = Buffer.concat(chunks.map(toBytes));
  const expected = reportBytes(whole);
  const ours = await stage.our("STREAM");
  const theirs = await stage.their("STREAM");
  await stage.join(ours, theirs);
  const [[toThem]] = await ours.receive(1);
  const [[toUs]] = await theirs.receive(1);
  for (const [label, from, to, id] of [
    ["our STREAM to theirs", ours, theirs, toThem],
    ["their STREAM to ours", theirs, ours, toUs],
  ] as const) {
    const startMs = performance.now();
    const [[, received]] = await Promise.all([
      to.collect(whole.length),
      from.send(chunks.map((chunk) => [toSpec(id), chunk])),
    ]);
    stage.judgeBytes(label, received === expected, whole.length, performance.now() - startMs);
  }
}

export const scenes: readonly Scene[] = [
  { title: "REQ and REP", about: "a question, its answer, the next question", play: requestReply },
  {
    title: "DEALER and ROUTER",
    about: "many requests under way, each answer to whoever asked",
    play: dealerRouter,
  },
  {
    title: "PUSH and PULL",
    about: "work for whoever is free; a full queue makes the sender wait",
    play: pushPull,
  },
  {
    title: "PUB and SUB",
    about: "to all who want it, by topic; who is too slow misses some",
    play: publishSubscribe,
  },
  {
    title: "XSUB, Proxy and XPUB",
    about: "many publishers and subscribers that know one address",
    play: forwarder,
  },
  { title: "PAIR", about: "two that talk to each other alone, both ways at once", play: pair },
  { title: "STREAM", about: "bare bytes over TCP, without ZeroMQ's framing", play: stream },
];
