import assert from "node:assert/strict";
import type { FrameSpec } from "./frames.ts";
import { hex, report, toBytes, toSpec } from "./frames.ts";
import { inBothRoles, withPeers } from "./harness.ts";
import { sendWhenRoutable, until } from "./waiting.ts";

/** Ids are bytes. libzmq behaviour B51: "A" and "A" with a NUL behind it are two peers. */
const binaryIds: ReadonlyMap<string, FrameSpec> = new Map([
  ["one byte", "x"],
  ["bytes that are no UTF-8", hex("fe00ff80c3")],
  ["a NUL at the end", hex("4100")],
  ["255 bytes", hex("c1".repeat(255))],
]);

function asOption(id: FrameSpec): { hex: string } {
  return { hex: toBytes(id).toString("hex") };
}

withPeers((it) => {
  for (const [name, id] of binaryIds) {
    inBothRoles(it, ["DEALER", "ROUTER"], `routing id of ${name}`, async (scope, openDealer, openRouter) => {
      const dealer = await openDealer("DEALER", { routingId: asOption(id) });
      const router = await openRouter("ROUTER");
      await scope.join(router, dealer);
      await dealer.send([["here I am"]]);
      assert.deepEqual(await router.receive(1), [report([id, "here I am"])]);
      await router.send([[id, "welcome"]]);
      assert.deepEqual(await dealer.receive(1), [["'welcome'"]]);
    });
  }

  inBothRoles(
    it,
    ["DEALER", "ROUTER"],
    "ids that differ by a NUL are two peers",
    async (scope, openDealer, openRouter) => {
      const router = await openRouter("ROUTER");
      const short = await openDealer("DEALER", { routingId: asOption("A") });
      const long = await openDealer("DEALER", { routingId: asOption(hex("4100")) });
      const endpoint = await scope.join(router, short);
      await long.connect(endpoint);
      await short.send([["short"]]);
      await long.send([["long"]]);
      assert.equal((await router.receive(2)).length, 2);
      await router.send([
        ["A", "to short"],
        [hex("4100"), "to long"],
      ]);
      assert.deepEqual(await short.receive(1), [["'to short'"]]);
      assert.deepEqual(await long.receive(1), [["'to long'"]]);
    },
  );

  for (const type of ["DEALER", "REQ", "ROUTER"] as const) {
    inBothRoles(
      it,
      [type, "ROUTER"],
      "an anonymous peer gets an id of 5 bytes",
      async (scope, openPeer, openRouter) => {
        const router = await openRouter("ROUTER");
        const peer = await openPeer(type, { probeRouter: true });
        await scope.join(router, peer);
        // libzmq behaviour B48: the probe is an empty message behind the id, once per connection.
        const [[id, ...rest]] = await router.receive(1);
        assert.match(id, /^<00[0-9a-f]{8}>$/);
        assert.deepEqual(rest, ["''"]);
        const body = type === "REQ" ? ["", "hello"] : ["hello"];
        if (type !== "DEALER") return;
        await router.send([[toSpec(id), ...body]]);
        assert.deepEqual(await peer.receive(1), [report(body)]);
      },
    );
  }

  inBothRoles(it, ["ROUTER", "DEALER"], "mandatory", async (scope, openRouter, openDealer) => {
    const router = await openRouter("ROUTER", { mandatory: true });
    const dealer = await openDealer("DEALER", { routingId: "known" });
    // The native package first waits for any peer at all, so its time is short here.
    await assert.rejects(router.send([["known", "too early"]], 20), { code: "EHOSTUNREACH" });
    await scope.join(router, dealer);
    await sendWhenRoutable(router, ["known", "in time"]);
    await assert.rejects(router.send([["unknown", "", "body"]]), { code: "EHOSTUNREACH" });
    await router.send([["known", "after the error"]]);
    assert.deepEqual(await dealer.receive(2), [["'in time'"], ["'after the error'"]]);
  });

  inBothRoles(
    it,
    ["ROUTER", "DEALER"],
    "without mandatory the unroutable is dropped",
    async (scope, openRouter, openDealer) => {
      const router = await openRouter("ROUTER");
      const dealer = await openDealer("DEALER", { routingId: "known" });
      await scope.join(router, dealer);
      await dealer.send([["hello"]]);
      await router.receive(1);
      await router.send([
        ["unknown", "a", "b", "c"],
        ["known", "next"],
      ]);
      assert.deepEqual(await dealer.receive(1), [["'next'"]]);
    },
  );

  inBothRoles(
    it,
    ["ROUTER", "DEALER"],
    "handover gives the id to the newcomer",
    async (scope, openRouter, openDealer) => {
      const router = await openRouter("ROUTER", { handover: true });
      const first = await openDealer("DEALER", { routingId: "twin", reconnectInterval: 60_000 });
      const second = await openDealer("DEALER", { routingId: "twin" });
      const endpoint = await scope.join(router, first);
      await first.send([["first"]]);
      assert.deepEqual(await router.receive(1), [["'twin'", "'first'"]]);
      await second.connect(endpoint);
      await second.send([["second"]]);
      assert.deepEqual(await router.receive(1), [["'twin'", "'second'"]]);
      await router.send([["twin", "to whom?"]]);
      assert.deepEqual(await second.receive(1), [["'to whom?'"]]);
      assert.deepEqual(await first.receive(1, 50), []);
    },
  );

  inBothRoles(
    it,
    ["ROUTER", "DEALER"],
    "without handover the first owner keeps the id",
    async (scope, openRouter, openDealer) => {
      const router = await openRouter("ROUTER");
      const first = await openDealer("DEALER", { routingId: "twin" });
      const second = await openDealer("DEALER", { routingId: "twin", reconnectInterval: 60_000 });
      const endpoint = await scope.join(router, first);
      await first.send([["first"]]);
      assert.deepEqual(await router.receive(1), [["'twin'", "'first'"]]);
      await second.connect(endpoint);
      // Whether it may send at all: over inproc it knows at once that it has no peer.
      await second.flood({ count: 1, timeoutMs: 50 });
      assert.deepEqual(await router.receive(1, 200), []);
      await router.send([["twin", "still you"]]);
      assert.deepEqual(await first.receive(1), [["'still you'"]]);
    },
  );

  for (const type of ["DEALER", "ROUTER"] as const) {
    inBothRoles(
      it,
      ["ROUTER", type],
      "connect with a routing id, and send at once",
      async (scope, openRouter, openPeer) => {
        const router = await openRouter("ROUTER");
        const peer = await openPeer(type, { routingId: "a name of its own" });
        const endpoint = await peer.bind(scope.endpoint());
        await router.connect(endpoint, "backend");
        await router.send([["backend", "early"]]);
        const [received] = await peer.receive(1);
        assert.equal(received.at(-1), "'early'");
        const answer = type === "ROUTER" ? [toSpec(received[0]), "late"] : ["late"];
        await peer.send([answer]);
        assert.deepEqual(await router.receive(1), [["'backend'", "'late'"]]);
      },
    );
  }

  it("100 dealers of theirs, one after another, are all reachable by our ROUTER", async (scope) => {
    const router = await scope.our("ROUTER", { mandatory: true });
    const endpoint = await router.bind(scope.endpoint());
    const dealers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => scope.their("DEALER", { routingId: `dealer ${index}` })),
    );
    for (const [index, dealer] of dealers.entries()) {
      await dealer.connect(endpoint);
      await sendWhenRoutable(router, [`dealer ${index}`, `for ${index}`]);
    }
    const received = await Promise.all(dealers.map((dealer) => dealer.receive(1)));
    assert.deepEqual(
      received,
      dealers.map((_, index) => [[`'for ${index}'`]]),
    );
  });

  inBothRoles(
    it,
    ["ROUTER", "DEALER"],
    "a peer that has gone is unreachable",
    async (scope, openRouter, openDealer) => {
      const router = await openRouter("ROUTER", { mandatory: true });
      const dealer = await openDealer("DEALER", { routingId: "guest" });
      await scope.join(router, dealer);
      await sendWhenRoutable(router, ["guest", "hello"]);
      assert.equal((await dealer.receive(1)).length, 1);
      await dealer.close();
      await until("EHOSTUNREACH", () =>
        router.send([["guest", "anybody?"]]).then(
          () => undefined,
          (error: { code: string }) => error.code === "EHOSTUNREACH" || undefined,
        ),
      );
    },
  );
});
