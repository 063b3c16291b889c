import assert from "node:assert/strict";
import { inBothRoles, withPeers } from "./harness.ts";
import { droppedOf, statsOf } from "./ours.ts";
import type { PeerSocket } from "./peer.ts";
import { sendWhenRoutable, until, untilJoined } from "./waiting.ts";

/** More than the kernel keeps on its way between two sockets that nobody reads. */
const SIZE = 16_000;
const MANY = 2000;
const narrowSend = { sendHighWaterMark: 10 };
const narrowReceive = { receiveHighWaterMark: 10 };

/** At any moment and in both directions: what was accepted is delivered, queued or dropped for a named reason. */
function assertBalanced(socket: PeerSocket): void {
  const stats = statsOf(socket);
  if (stats === undefined) return;
  for (const flow of [stats.sent, stats.received]) {
    assert.equal(flow.accepted, flow.delivered + flow.queued + droppedOf(flow));
  }
}

withPeers((it, _kind, transports) => {
  /** What waits on our side of a connection at the most. Over inproc both sides have one queue, and their marks add up. */
  const isInproc = transports.includes("inproc");
  const limitOf = (own: number, peers: number): number => (isInproc ? own + peers : own);

  for (const transport of transports) {
    inBothRoles(
      it,
      ["PUSH", "PULL"],
      `a full queue blocks the sender and loses nothing, ${transport}`,
      async (scope, openPush, openPull) => {
        const push = await openPush("PUSH", narrowSend);
        const pull = await openPull("PULL", narrowReceive);
        await scope.join(pull, push, transport);
        const first = await push.flood({ count: MANY, size: SIZE, timeoutMs: 300 });
        assert.ok(first.count >= 10 && first.count < MANY, `${first.count} messages were accepted`);
        const limit = limitOf(10, 10);
        if (transport === "inproc") assert.equal(first.count, limit);
        if (openPull === scope.our) {
          const queued = statsOf(pull)?.received.queued ?? 0;
          assert.ok(queued <= limit, `${queued} messages are queued above a high-water mark of ${limit}`);
        }
        if (openPush === scope.our) {
          const queued = statsOf(push)?.sent.queued ?? 0;
          assert.ok(queued <= limit, `${queued} messages are queued above a high-water mark of ${limit}`);
        }

        const [tally, second] = await Promise.all([
          pull.drain(MANY),
          push.flood({ count: MANY - first.count, from: first.count, size: SIZE }),
        ]);
        assert.equal(first.count + second.count, MANY);
        assert.deepEqual([tally.count, tally.missing, tally.first], [MANY, 0, 0]);
      },
    );
  }

  inBothRoles(it, ["PUSH", "PULL"], "a slow receiver", async (scope, openPush, openPull) => {
    const push = await openPush("PUSH", narrowSend);
    const pull = await openPull("PULL", narrowReceive);
    await scope.join(push, pull);
    const flooding = push.flood({ count: 1000, size: SIZE });
    const slow = await pull.drain(100, 1000, 2);
    const fast = await pull.drain(900);
    assert.equal((await flooding).count, 1000);
    assert.deepEqual([slow.count, fast.first, fast.count], [100, 100, 900]);
    assert.deepEqual([slow.missing, fast.missing], [0, 0]);
  });

  inBothRoles(
    it,
    ["DEALER", "DEALER"],
    "both ways at once, each slower than the other sends",
    async (scope, openLeft, openRight) => {
      const left = await openLeft("DEALER", { ...narrowSend, ...narrowReceive });
      const right = await openRight("DEALER", { ...narrowSend, ...narrowReceive });
      await scope.join(left, right);
      const [, , leftTally, rightTally] = await Promise.all([
        left.flood({ count: 1000, size: SIZE }),
        right.flood({ count: 1000, size: SIZE }),
        left.drain(1000),
        right.drain(1000),
      ]);
      assert.deepEqual([leftTally.count, leftTally.missing], [1000, 0]);
      assert.deepEqual([rightTally.count, rightTally.missing], [1000, 0]);
    },
  );

  it("our PUB counts every copy that it drops for their slow SUB", async (scope) => {
    const pub = await scope.our("PUB", { sendHighWaterMark: 100 });
    const sub = await scope.their("SUB", { receiveHighWaterMark: 10 });
    await sub.subscribe("");
    await scope.join(pub, sub);
    await untilJoined(pub, sub);
    while ((await sub.receive(1, 50)).length > 0);
    const before = statsOf(pub)?.sent;

    const { count } = await pub.flood({ count: MANY, size: SIZE });
    assert.equal(count, MANY, "a publisher never blocks");
    assertBalanced(pub);
    const tally = await sub.drain(MANY, 300);
    assert.ok(tally.count < MANY, "the publisher had to drop");
    const lost = MANY - tally.count;
    assert.equal(tally.missing + (MANY - 1 - tally.last), lost);

    const after = statsOf(pub)?.sent;
    if (before === undefined || after === undefined) return;
    assertBalanced(pub);
    assert.equal(after.queued, 0);
    assert.equal(after.accepted - before.accepted, MANY);
    assert.equal(after.delivered - before.delivered, tally.count);
    assert.equal(after.dropped.hwm - before.dropped.hwm, lost);
  });

  it("our PUB counts what nobody wanted", async (scope) => {
    const pub = await scope.our("PUB");
    const sub = await scope.their("SUB");
    await sub.subscribe("\u0003marker", "wanted");
    await scope.join(pub, sub);
    await untilJoined(pub, sub);
    const before = statsOf(pub)?.sent;
    await pub.send([["wanted"], ["unwanted"], ["unwanted too"]]);
    const after = statsOf(pub)?.sent;
    if (before === undefined || after === undefined) return;
    assert.equal(after.accepted - before.accepted, 3);
    assert.equal(after.dropped["no-subscriber"] - before.dropped["no-subscriber"], 2);
    assertBalanced(pub);
  });

  it("our slow SUB holds their PUB back, and keeps no more than its high-water mark", async (scope) => {
    const pub = await scope.their("PUB", { sendHighWaterMark: 100 });
    const sub = await scope.our("SUB", { receiveHighWaterMark: 10 });
    await sub.subscribe("");
    await scope.join(pub, sub);
    await untilJoined(pub, sub);
    while ((await sub.receive(1, 50)).length > 0);
    await pub.flood({ count: MANY, size: SIZE });
    const queued = statsOf(sub)?.received.queued ?? 0;
    const limit = limitOf(10, 100);
    assert.ok(queued <= limit, `${queued} messages are queued above a high-water mark of ${limit}`);
    const tally = await sub.drain(MANY, 300);
    assert.ok(tally.count >= 10 && tally.count < MANY);
    const stats = statsOf(sub)?.received;
    if (stats === undefined) return;
    // Of the one queue of inproc both sides see all that is counted, also what the publisher dropped.
    const droppedByPub = isInproc ? stats.dropped.hwm : 0;
    assert.equal(droppedOf(stats) - droppedByPub, 0, "a SUB drops nothing");
  });

  inBothRoles(
    it,
    ["XPUB", "SUB"],
    "noDrop: a publisher that must not drop says so instead",
    async (scope, openPub, openSub) => {
      const pub = await openPub("XPUB", { noDrop: true, sendHighWaterMark: 10 });
      const sub = await openSub("SUB", { receiveHighWaterMark: 10 });
      await scope.join(pub, sub);
      await sub.subscribe("");
      assert.deepEqual(await pub.receive(1), [["<01>"]]);
      // A publisher of libzmq never says when it can send again, so it is asked without waiting, again and again.
      let sent = (await pub.flood({ count: MANY, size: SIZE, timeoutMs: 0 })).count;
      assert.ok(sent >= 10 && sent < MANY, `${sent} messages were accepted`);
      const draining = sub.drain(MANY);
      await until("acceptance of all messages", async () => {
        sent += (await pub.flood({ count: MANY - sent, from: sent, size: SIZE, timeoutMs: 0 })).count;
        return sent === MANY || undefined;
      });
      const tally = await draining;
      assert.deepEqual([tally.count, tally.missing], [MANY, 0]);
    },
  );

  inBothRoles(
    it,
    ["ROUTER", "DEALER"],
    "a mandatory ROUTER waits for a full peer",
    async (scope, openRouter, openDealer) => {
      const router = await openRouter("ROUTER", { mandatory: true, sendHighWaterMark: 10 });
      const dealer = await openDealer("DEALER", { routingId: "slow", receiveHighWaterMark: 10 });
      await scope.join(router, dealer);
      await sendWhenRoutable(router, ["slow", "hello"]);
      assert.equal((await dealer.receive(1)).length, 1);
      const first = await router.flood({ count: MANY, size: SIZE, envelope: ["slow"], timeoutMs: 300 });
      assert.ok(first.count >= 10 && first.count < MANY, `${first.count} messages were accepted`);
      const tally = await dealer.drain(first.count);
      assert.deepEqual([tally.count, tally.missing], [first.count, 0]);
    },
  );

  it("our ROUTER drops for a full peer, counts it, and serves the others", async (scope) => {
    const router = await scope.our("ROUTER", { sendHighWaterMark: 10 });
    const slow = await scope.their("DEALER", { routingId: "slow", receiveHighWaterMark: 10 });
    const lively = await scope.their("DEALER", { routingId: "lively" });
    await lively.connect(await scope.join(router, slow));
    await slow.send([["hello"]]);
    await lively.send([["hello"]]);
    assert.equal((await router.receive(2)).length, 2);
    const { count } = await router.flood({ count: MANY, size: SIZE, envelope: ["slow"] });
    assert.equal(count, MANY, "it does not block");
    await router.send([
      ["lively", "and you?"],
      ["nobody", "lost"],
    ]);
    assert.deepEqual(await lively.receive(1), [["'and you?'"]]);
    const tally = await slow.drain(MANY, 300);
    assert.ok(tally.count < MANY);
    const sent = statsOf(router)?.sent;
    if (sent === undefined) return;
    assertBalanced(router);
    assert.equal(sent.dropped.hwm, MANY - tally.count);
    assert.equal(sent.dropped.unroutable, 1);
  });

  it("a message of a megabyte goes through a window of one", async (scope) => {
    const push = await scope.our("PUSH", { sendHighWaterMark: 1 });
    const pull = await scope.their("PULL", { receiveHighWaterMark: 1 });
    await scope.join(pull, push);
    const [tally] = await Promise.all([pull.drain(60), push.flood({ count: 60, size: 1 << 20 })]);
    assert.deepEqual([tally.count, tally.missing, tally.bytes], [60, 0, 60 << 20]);
  });

  it("nothing that our PUSH has accepted is unaccounted for when their PULL dies", async (scope) => {
    const peer = scope.launch("their");
    const pull = await peer.open("PULL", { receiveHighWaterMark: 10 });
    const push = await scope.our("PUSH", {
      sendHighWaterMark: 10,
      reconnectInterval: 60_000,
      immediate: true,
    });
    await scope.join(pull, push);
    const { count } = await push.flood({ count: MANY, size: SIZE, timeoutMs: 300 });
    await peer.kill();
    const stats = await until("balance", () => {
      const sent = statsOf(push)?.sent;
      return sent === undefined || droppedOf(sent) > 0 ? { sent } : undefined;
    });
    if (stats.sent === undefined) return;
    assertBalanced(push);
    assert.equal(stats.sent.accepted, count);
    assert.equal(droppedOf(stats.sent), stats.sent.dropped["peer-gone"]);
  });
});
