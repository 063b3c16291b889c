import assert from "node:assert/strict";
import type { FrameSpec, MessageReport } from "./frames.ts";
import { fill, hex, report, reportBytes, toBytes } from "./frames.ts";
import type { BothRoles } from "./harness.ts";
import { inBothRoles, withPeers } from "./harness.ts";
import type { OpenOptions, PeerSocket } from "./peer.ts";
import type { Open, Scope } from "./scope.ts";
import { receiveAfterMarker, until, untilJoined } from "./waiting.ts";

/** What an XPUB receives when a topic is wanted, or no more. */
function subscription(topic: FrameSpec): MessageReport {
  return [reportBytes(Buffer.concat([Buffer.of(1), toBytes(topic)]))];
}

function cancellation(topic: FrameSpec): MessageReport {
  return [reportBytes(Buffer.concat([Buffer.of(0), toBytes(topic)]))];
}

function frame(kind: 0 | 1, topic: FrameSpec): FrameSpec {
  return hex(Buffer.concat([Buffer.of(kind), toBytes(topic)]).toString("hex"));
}

/**
 * What `waiting` gives. libzmq behaviour B133: a SUB of libzmq that binds tells its subscriptions when its application next
 * calls into it, so it is called into meanwhile.
 */
async function stirring<T>(subscriber: PeerSocket, waiting: Promise<T>): Promise<T> {
  let isOver = false;
  const watched = waiting.finally(() => {
    isOver = true;
  });
  const stir = async () => {
    while (!isOver) assert.deepEqual(await subscriber.receive(1, 10), []);
  };
  const [value] = await Promise.all([watched, stir()]);
  return value;
}

/**
 * 245 and 246 make a command of 255 and 256 bytes, 255 and 256 a data frame: the size field grows in between. A SUB of
 * libzmq 4.3.4 writes a wrong size for those in between.
 */
const topicSizes = [0, 1, 244, 245, 246, 247, 254, 255, 256, 257, 1000, 70_000];

const PUB_SUB = ["publisher", "subscriber"] as const;

withPeers((it, kind) => {
  inBothRoles(
    it,
    PUB_SUB,
    "subscriptions are counted, cancellations come last",
    async (scope, openPublisher, openSubscriber) => {
      const xpub = await openPublisher("XPUB");
      const sub = await openSubscriber("SUB");
      await scope.join(xpub, sub);
      await sub.subscribe("a", "ab", "a");
      assert.deepEqual(await xpub.receive(2), [subscription("a"), subscription("ab")]);
      await sub.unsubscribe("a");
      await sub.unsubscribe("never subscribed");
      await sub.unsubscribe("ab");
      assert.deepEqual(await xpub.receive(1), [cancellation("ab")]);
      await xpub.send([
        ["abc", "wanted"],
        ["b", "not wanted"],
        ["a", "wanted too"],
      ]);
      assert.deepEqual(await sub.receive(2), [report(["abc", "wanted"]), report(["a", "wanted too"])]);
      await sub.unsubscribe("a");
      assert.deepEqual(await xpub.receive(1), [cancellation("a")]);
      await xpub.send([["abc", "nobody wants this"]]);
      await sub.subscribe("end");
      assert.deepEqual(await xpub.receive(1), [subscription("end")]);
      await xpub.send([["end"]]);
      assert.deepEqual(await sub.receive(1), [["'end'"]]);
    },
  );

  inBothRoles(
    it,
    PUB_SUB,
    "only what was subscribed to is received, by prefix of the first frame",
    async (scope, openPublisher, openSubscriber) => {
      const pub = await openPublisher("PUB");
      const sub = await openSubscriber("SUB");
      await sub.subscribe("\u0003marker", "news.", hex("00ff"), hex("c3"));
      await scope.join(pub, sub);
      await untilJoined(pub, sub);
      await pub.send([
        ["news", "no"],
        ["news.", "1"],
        ["weather", "news."],
        ["news.sport", "2"],
        [hex("00"), "no"],
        [hex("00ff"), "3"],
        [hex("00ff00"), "4"],
        [hex("c3a4"), "5"],
        [hex("c2"), "no"],
        ["", "no"],
        ["news.end", "6"],
      ]);
      const bodies = (await receiveAfterMarker(sub, 6)).map((message) => message[1]);
      assert.deepEqual(bodies, ["'1'", "'2'", "'3'", "'4'", "'5'", "'6'"]);
    },
  );

  inBothRoles(
    it,
    PUB_SUB,
    "topics of every size, subscribed to and cancelled",
    async (scope, openPublisher, openSubscriber) => {
      const xpub = await openPublisher("XPUB");
      const sub = await openSubscriber("SUB");
      await scope.join(xpub, sub);
      const broken = openSubscriber === scope.their && (await scope.theirVersion()) === "4.3.4";
      for (const size of topicSizes) {
        if (broken && size > 245 && size < 256) continue;
        const topic = fill(size, 77);
        await sub.subscribe(topic);
        assert.deepEqual(await xpub.receive(1), [subscription(topic)], `topic of ${size} bytes`);
        await xpub.send([[topic, "on"]]);
        assert.deepEqual(await sub.receive(1), [report([topic, "on"])]);
        await sub.unsubscribe(topic);
        assert.deepEqual(await xpub.receive(1), [cancellation(topic)], `topic of ${size} bytes`);
      }
    },
  );

  inBothRoles(
    it,
    PUB_SUB,
    "subscriptions from before the connection",
    async (scope, openPublisher, openSubscriber) => {
      const xpub = await openPublisher("XPUB");
      const sub = await openSubscriber("SUB");
      await sub.subscribe("one", "two", "two");
      await scope.join(sub, xpub);
      const subscribed = await stirring(sub, xpub.receive(2));
      const topics = subscribed.map(([topic]) => topic).sort();
      assert.deepEqual(topics, [subscription("one")[0], subscription("two")[0]]);
    },
  );

  inBothRoles(it, PUB_SUB, "an XSUB subscribes by message", async (scope, openPublisher, openSubscriber) => {
    const xpub = await openPublisher("XPUB");
    const xsub = await openSubscriber("XSUB");
    await scope.join(xpub, xsub);
    await xsub.send([["hello"]]);
    assert.deepEqual(await xpub.receive(1), [["'hello'"]]);
    await xsub.send([[frame(0, "unknown")], [frame(1, "topic")], ["user message", "of two frames"]]);
    assert.deepEqual(await xpub.receive(2), [
      subscription("topic"),
      report(["user message", "of two frames"]),
    ]);
    await xpub.send([["topic 1"], ["other"]]);
    assert.deepEqual(await xsub.receive(1), [["'topic 1'"]]);
    await xsub.send([[frame(0, "topic")]]);
    assert.deepEqual(await xpub.receive(1), [cancellation("topic")]);
  });

  inBothRoles(
    it,
    PUB_SUB,
    "what an XSUB sends before the connection stands comes in that order",
    async (scope, openPublisher, openSubscriber) => {
      const endpoint = await scope.freeEndpoint();
      const xsub = await openSubscriber("XSUB", { reconnectInterval: 20 });
      await xsub.connect(endpoint);
      await xsub.send([[frame(1, "topic")], ["give me all of topic"]]);
      const xpub = await openPublisher("XPUB");
      await xpub.bind(endpoint);
      assert.deepEqual(await xpub.receive(2), [subscription("topic"), ["'give me all of topic'"]]);
    },
  );

  inBothRoles(
    it,
    PUB_SUB,
    "the XPUB hears of a topic once, whoever subscribes",
    async (scope, openPublisher, openSubscriber) => {
      const { xpub, first, second } = await openThree(scope, openPublisher, openSubscriber, {});
      await first.subscribe("t");
      assert.deepEqual(await xpub.receive(1), [subscription("t")]);
      await second.subscribe("t", "second");
      assert.deepEqual(await xpub.receive(1), [subscription("second")]);
      await first.unsubscribe("t");
      await first.subscribe("first");
      assert.deepEqual(await xpub.receive(1), [subscription("first")]);
      await second.unsubscribe("t");
      assert.deepEqual(await xpub.receive(1), [cancellation("t")]);
    },
  );

  inBothRoles(
    it,
    PUB_SUB,
    "verbose: every subscription is heard",
    async (scope, openPublisher, openSubscriber) => {
      const { xpub, first, second } = await openThree(scope, openPublisher, openSubscriber, {
        verbosity: "allSubs",
      });
      await first.subscribe("t");
      assert.deepEqual(await xpub.receive(1), [subscription("t")]);
      await second.subscribe("t");
      assert.deepEqual(await xpub.receive(1), [subscription("t")]);
      await first.unsubscribe("t");
      await first.subscribe("first");
      assert.deepEqual(await xpub.receive(1), [subscription("first")]);
      await second.unsubscribe("t");
      assert.deepEqual(await xpub.receive(1), [cancellation("t")]);
    },
  );

  inBothRoles(
    it,
    PUB_SUB,
    "verboser: every cancellation too",
    async (scope, openPublisher, openSubscriber) => {
      const { xpub, first, second } = await openThree(scope, openPublisher, openSubscriber, {
        verbosity: "allSubsUnsubs",
      });
      await first.subscribe("t");
      await second.subscribe("t");
      assert.deepEqual(await xpub.receive(2), [subscription("t"), subscription("t")]);
      await first.unsubscribe("t");
      assert.deepEqual(await xpub.receive(1), [cancellation("t")]);
      await second.unsubscribe("t");
      assert.deepEqual(await xpub.receive(1), [cancellation("t")]);
    },
  );

  inBothRoles(
    it,
    PUB_SUB,
    "a subscriber that leaves cancels all that it wanted",
    async (scope, openPublisher, openSubscriber) => {
      const { xpub, first, second } = await openThree(scope, openPublisher, openSubscriber, {});
      await first.subscribe("shared", "mine");
      assert.equal((await xpub.receive(2)).length, 2);
      await second.subscribe("shared", "yours");
      assert.equal((await xpub.receive(1)).length, 1);
      await first.close();
      assert.deepEqual(await xpub.receive(1), [cancellation("mine")]);
      await xpub.send([["shared", "still wanted"]]);
      assert.deepEqual(await second.receive(1), [report(["shared", "still wanted"])]);
    },
  );

  inBothRoles(
    it,
    PUB_SUB,
    "a disconnect cancels, a new connection subscribes again",
    async (scope, openPublisher, openSubscriber) => {
      const xpub = await openPublisher("XPUB");
      const sub = await openSubscriber("SUB");
      const endpoint = await scope.join(xpub, sub);
      await sub.subscribe("t");
      assert.deepEqual(await xpub.receive(1), [subscription("t")]);
      await sub.disconnect(endpoint);
      const cancelled = await stirring(sub, xpub.receive(1));
      assert.deepEqual(cancelled, [cancellation("t")]);
      await sub.connect(endpoint);
      assert.deepEqual(await xpub.receive(1), [subscription("t")]);
    },
  );

  inBothRoles(it, PUB_SUB, "welcome message", async (scope, openPublisher, openSubscriber) => {
    const xpub = await openPublisher("XPUB", { welcomeMessage: "welcome" });
    const sub = await openSubscriber("SUB");
    await sub.subscribe("welcome");
    await scope.join(xpub, sub);
    // A publisher of libzmq welcomes a peer when its application next calls into it.
    assert.deepEqual(await xpub.receive(1), [subscription("welcome")]);
    assert.deepEqual(await sub.receive(1), [["'welcome'"]]);
  });

  inBothRoles(it, PUB_SUB, "inverted matching", async (scope, openPublisher, openSubscriber) => {
    const pub = await openPublisher("XPUB", { invertMatching: true });
    const sub = await openSubscriber("SUB", { invertMatching: true });
    await scope.join(pub, sub);
    await sub.subscribe("no");
    assert.deepEqual(await pub.receive(1), [subscription("no")]);
    await pub.send([
      ["no", "1"],
      ["yes", "2"],
      ["nothing", "3"],
      ["n", "4"],
    ]);
    assert.deepEqual(await sub.receive(2), [report(["yes", "2"]), report(["n", "4"])]);
  });

  const manual: BothRoles = async (scope, openPublisher, openSubscriber) => {
    const xpub = await openPublisher("XPUB", { manual: true });
    const sub = await openSubscriber("SUB");
    await scope.join(xpub, sub);
    await sub.subscribe("A", "XA");
    assert.deepEqual(await xpub.receive(1), [subscription("A")]);
    await xpub.subscribe("XA");
    await xpub.send([
      ["A", "no"],
      ["XA", "yes"],
    ]);
    assert.deepEqual(await sub.receive(1), [report(["XA", "yes"])]);
  };
  // The XPublisher of the native package has the option but no subscribe().
  it("manual: our publisher decides what their subscription means", (scope) =>
    manual(scope, scope.our, scope.their));
  if (kind !== "native") {
    it("manual: their publisher decides what our subscription means", (scope) =>
      manual(scope, scope.their, scope.our));
  }

  inBothRoles(
    it,
    PUB_SUB,
    "2000 topics, each message goes where it belongs",
    async (scope, openPublisher, openSubscriber) => {
      const { xpub, first, second } = await openThree(scope, openPublisher, openSubscriber, {
        sendHighWaterMark: 0,
      });
      const topics = Array.from({ length: 2000 }, (_, index) => `topic/${index * 7919}/`);
      await first.subscribe(...topics.filter((_, index) => index % 2 === 0));
      await second.subscribe(...topics.filter((_, index) => index % 2 === 1));
      assert.equal((await xpub.receive(topics.length)).length, topics.length);
      const [even, odd] = await Promise.all([
        first.receive(1000),
        second.receive(1000),
        xpub.send(topics.map((topic) => [`${topic}x`, "body"])),
      ]);
      assert.deepEqual(
        even,
        topics.filter((_, index) => index % 2 === 0).map((topic) => report([`${topic}x`, "body"])),
      );
      assert.deepEqual(
        odd,
        topics.filter((_, index) => index % 2 === 1).map((topic) => report([`${topic}x`, "body"])),
      );
    },
  );

  inBothRoles(
    it,
    PUB_SUB,
    "one publisher, eight subscribers",
    async (scope, openPublisher, openSubscriber) => {
      const xpub = await openPublisher("XPUB", { verbosity: "allSubs" });
      const endpoint = await xpub.bind(scope.endpoint());
      const subscribers = await Promise.all(Array.from({ length: 8 }, () => openSubscriber("SUB")));
      for (const sub of subscribers) {
        await sub.connect(endpoint);
        await sub.subscribe("");
      }
      assert.equal((await xpub.receive(8)).length, 8);
      const draining = subscribers.map((sub) => sub.drain(500));
      await xpub.flood({ count: 500, size: 100 });
      for (const tally of await Promise.all(draining)) {
        assert.deepEqual([tally.count, tally.missing, tally.bytes], [500, 0, 50_000]);
      }
    },
  );

  inBothRoles(
    it,
    ["sender", "receiver"],
    "conflate keeps the last message",
    async (scope, openSender, openReceiver) => {
      const push = await openSender("PUSH");
      const pull = await openReceiver("PULL", { conflate: true, receiveHighWaterMark: 1 });
      await scope.join(pull, push);
      await push.flood({ count: 20 });
      const last = await until("last message", async () => {
        const { count, last } = await pull.drain(1, 100);
        return count === 1 && last === 19 ? last : undefined;
      });
      assert.equal(last, 19);
    },
  );
});

async function openThree(
  scope: Scope,
  openPublisher: Open,
  openSubscriber: Open,
  options: OpenOptions,
): Promise<{ xpub: PeerSocket; first: PeerSocket; second: PeerSocket }> {
  const xpub = await openPublisher("XPUB", options);
  const first = await openSubscriber("SUB");
  const second = await openSubscriber("SUB");
  const endpoint = await scope.join(xpub, first);
  await second.connect(endpoint);
  return { xpub, first, second };
}
