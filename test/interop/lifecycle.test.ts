import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { inBothRoles, withPeers } from "./harness.ts";
import { closeOf, IN_HAND_SIZE } from "./ours.ts";
import { pairings } from "./pairings.ts";
import { until, untilEvent, untilPeers } from "./waiting.ts";

const quick = { reconnectInterval: 20 };
const watched = { monitor: true };
const noReconnect = { wire: "a connection of inproc that ended is over" };
const noLinger = { wire: "what is sent over inproc is with the peer at once: close has nothing to wait for" };

withPeers(
  (it, kind, transports) => {
    for (const { left, right, leftOptions, rightOptions, talk } of pairings) {
      inBothRoles(it, [left, right], "connect first, bind later", async (scope, openLeft, openRight) => {
        const endpoint = await scope.freeEndpoint(transports.at(-1));
        const leftSocket = await openLeft(left, { ...leftOptions, ...quick });
        const rightSocket = await openRight(right, { ...rightOptions, ...quick });
        await rightSocket.connect(endpoint);
        await sleep(30);
        await leftSocket.bind(endpoint);
        await talk(leftSocket, rightSocket);
      });
    }

    for (const transport of transports) {
      it(
        `we find their process again after a crash, ${transport}`,
        async (scope) => {
          const types = ["PULL", "ROUTER", "PUB", "REP"] as const;
          const push = await scope.our("PUSH", quick, watched);
          const dealer = await scope.our("DEALER", { ...quick, routingId: "dealer" }, watched);
          const sub = await scope.our("SUB", quick, watched);
          const req = await scope.our("REQ", quick, watched);
          const ours = [push, dealer, sub, req];
          await sub.subscribe("news");
          const endpoints: string[] = [];
          for (let life = 1; life <= 3; life++) {
            const peer = scope.launch("their");
            const theirs = await Promise.all(types.map((type) => peer.open(type)));
            for (const [index, socket] of theirs.entries()) {
              const endpoint = await socket.bind(endpoints[index] ?? scope.endpoint(transport));
              if (life === 1) await ours[index].connect(endpoint);
              endpoints[index] = endpoint;
            }
            const [pull, router, pub, rep] = theirs;

            await push.send([[`life ${life}`]]);
            assert.deepEqual(await pull.receive(1), [[`'life ${life}'`]]);

            await dealer.send([[`life ${life}`]]);
            assert.deepEqual(await router.receive(1), [["'dealer'", `'life ${life}'`]]);
            await router.send([["dealer", "seen"]]);
            assert.deepEqual(await dealer.receive(1), [["'seen'"]]);

            await until("resubscription", async () => {
              await pub.send([["old"], ["news"]]);
              return (await sub.receive(1, 20)).length > 0 || undefined;
            });

            const [answer] = await Promise.all([req.exchange([[`life ${life}`]]), rep.echo(1)]);
            assert.deepEqual(answer, [[`'life ${life}'`]]);

            await peer.kill();
            for (const socket of ours) {
              await until("disconnect", async () => {
                return (
                  (await socket.events()).filter((event) => event.type === "disconnect").length === life ||
                  undefined
                );
              });
            }
            while ((await sub.receive(10, 20)).length > 0);
          }
        },
        noReconnect,
      );
    }

    it(
      "they find our process again after a crash",
      async (scope) => {
        const push = await scope.their("PUSH", quick);
        const sub = await scope.their("SUB", quick);
        await sub.subscribe("news");
        let pullEndpoint = "";
        let pubEndpoint = "";
        for (let life = 1; life <= 3; life++) {
          const peer = scope.launch("our");
          const pull = await peer.open("PULL");
          const pub = await peer.open("PUB");
          pullEndpoint = await pull.bind(pullEndpoint || scope.endpoint());
          pubEndpoint = await pub.bind(pubEndpoint || scope.endpoint());
          if (life === 1) await Promise.all([push.connect(pullEndpoint), sub.connect(pubEndpoint)]);
          await until("message", async () => {
            await push.send([[`life ${life}`]]);
            return (await pull.receive(1, 50)).length > 0 || undefined;
          });
          await until("resubscription", async () => {
            await pub.send([["old"], ["news"]]);
            return (await sub.receive(1, 50)).length > 0 || undefined;
          });
          await peer.kill();
          while ((await sub.receive(10, 20)).length > 0);
        }
      },
      noReconnect,
    );

    inBothRoles(
      it,
      ["PUSH", "PULL"],
      "a cut connection comes back, and what was queued is sent",
      async (scope, openPush, openPull) => {
        const push = await openPush("PUSH", quick);
        const pull = await openPull("PULL", {}, watched);
        const relay = scope.relay({ lowerVersion: false });
        await push.connect(await relay.open(await pull.bind(scope.endpoint())));
        for (let round = 0; round < 5; round++) {
          await push.send([[`round ${round}`]]);
          assert.deepEqual(await pull.receive(1), [[`'round ${round}'`]]);
          relay.cut();
          await until("disconnect", async () => {
            return (
              (await pull.events()).filter((event) => event.type === "disconnect").length > round || undefined
            );
          });
          await until("connection", () => relay.connectionCount > 0 || undefined);
        }
      },
      noReconnect,
    );

    for (const transport of transports) {
      for (const bound of ["PUSH", "PULL"] as const) {
        inBothRoles(
          it,
          ["PUSH", "PULL"],
          `close delivers what was sent, ${transport}, ${bound} bound`,
          async (scope, openPush, openPull) => {
            const push = await openPush("PUSH", { sendHighWaterMark: 0, linger: 20_000 });
            // A PULL of libzmq that is full when an ipc connection ends forgets what it has not read from it.
            const forgetful = transport === "ipc" && openPull === scope.their;
            const pull = await openPull("PULL", { receiveHighWaterMark: forgetful ? 0 : 10 });
            if (bound === "PUSH") await scope.join(push, pull, transport);
            else await scope.join(pull, push, transport);
            await push.flood({ count: 3000, size: 2000 });
            await push.close();
            const { count, missing, bytes } = await pull.drain(3000);
            assert.deepEqual([count, missing, bytes], [3000, 0, 6_000_000]);
          },
        );
      }
    }

    inBothRoles(
      it,
      ["DEALER", "ROUTER"],
      "close before the connection stands delivers all the same",
      async (scope, openDealer, openRouter) => {
        const endpoint = await scope.freeEndpoint();
        const dealer = await openDealer("DEALER", { ...quick, linger: 10_000 });
        await dealer.connect(endpoint);
        await dealer.flood({ count: 100, size: 100 });
        await dealer.close();
        const router = await openRouter("ROUTER");
        await router.bind(endpoint);
        const { count, missing } = await router.drain(100);
        assert.deepEqual([count, missing], [100, 0]);
      },
    );

    it(
      "close of ours reports what it delivered within linger",
      async (scope) => {
        const push = await scope.our("PUSH", { sendHighWaterMark: 0, linger: 20_000 });
        const pull = await scope.their("PULL", { receiveHighWaterMark: 10 });
        await scope.join(pull, push);
        await push.flood({ count: 1000, size: 16_000 });
        const [tally, report] = await Promise.all([pull.drain(1000), closeOf(push)]);
        assert.deepEqual([tally.count, tally.missing], [1000, 0]);
        if (report === undefined) return;
        assert.deepEqual([report.droppedCount, report.isLingerExpired], [0, false]);
        assert.deepEqual([report.stats.sent.accepted, report.stats.sent.delivered], [1000, 1000]);
      },
      noLinger,
    );

    it(
      "close of ours reports what it dropped when linger ran out",
      async (scope) => {
        const push = await scope.our("PUSH", { sendHighWaterMark: 0, linger: 200 });
        const pull = await scope.their("PULL", { receiveHighWaterMark: 10 });
        await scope.join(pull, push);
        await push.flood({ count: 1000, size: 16_000 });
        const report = await closeOf(push);
        const tally = await pull.drain(1000, 300);
        if (report === undefined) return;
        const { accepted, delivered, queued, dropped } = report.stats.sent;
        assert.equal(report.isLingerExpired, true);
        assert.deepEqual([accepted, queued, delivered + dropped.linger], [1000, 0, 1000]);
        assert.ok(dropped.linger > 0);
        // What the kernel had taken of the last batch may have arrived too; what was reported as delivered must have.
        assert.ok(tally.count >= delivered, `${delivered} reported as delivered, ${tally.count} came`);
        assert.ok(
          tally.count <= delivered + IN_HAND_SIZE / 16_000,
          `${delivered} reported, ${tally.count} came`,
        );
      },
      noLinger,
    );

    it("a process or thread of ours that just ends delivers what it sent", async (scope) => {
      const peer = scope.launch("our");
      const push = await peer.open("PUSH", { linger: 10_000, sendHighWaterMark: 0 });
      const pull = await scope.their("PULL", { receiveHighWaterMark: 10 });
      await scope.join(pull, push);
      await push.flood({ count: 3000, size: 2000 });
      const [{ count, missing }] = await Promise.all([pull.drain(3000), peer.leave(10_000)]);
      assert.deepEqual([count, missing], [3000, 0]);
    });

    inBothRoles(
      it,
      ["PULL", "PUSH"],
      "unbind ends the connections, and another bind brings them back",
      async (scope, openPull, openPush) => {
        const pull = await openPull("PULL");
        const push = await openPush("PUSH", quick, watched);
        const endpoint = await scope.join(pull, push);
        await push.send([["one"]]);
        assert.deepEqual(await pull.receive(1), [["'one'"]]);
        await pull.unbind(endpoint);
        // libzmq unbinds when its application next calls into the socket.
        await Promise.all([untilEvent(push, "disconnect"), pull.receive(1, 100)]);
        await pull.bind(endpoint);
        await push.send([["two"]]);
        assert.deepEqual(await pull.receive(1), [["'two'"]]);
      },
      { wire: "over inproc unbind frees the name, and connections stay (libzmq behaviour B26)" },
    );

    inBothRoles(
      it,
      ["PUSH", "PULL"],
      "immediate: only peers that are there get messages",
      async (scope, openPush, openPull) => {
        for (const immediate of [false, true]) {
          const push = await openPush("PUSH", { immediate, ...quick }, watched);
          const pull = await openPull("PULL");
          await push.connect(await scope.freeEndpoint());
          await scope.join(pull, push);
          await until("peer", async () => (await push.peerCount()) > 0 || undefined);
          await push.flood({ count: 10 });
          const { count } = await pull.drain(10, 200);
          // Over inproc an endpoint takes messages before anybody has bound it, whatever immediate says.
          assert.equal(count, immediate && !transports.includes("inproc") ? 10 : 5);
        }
      },
    );

    inBothRoles(
      it,
      ["PUSH", "PULL"],
      "load is balanced, and queues are served in turn",
      async (scope, openPush, openPull) => {
        const push = await openPush("PUSH", {}, watched);
        const endpoint = await push.bind(scope.endpoint());
        const workers = await Promise.all([1, 2, 3].map(() => openPull("PULL", {}, watched)));
        for (const worker of workers) await worker.connect(endpoint);
        await untilPeers(push, 3);
        await sleep(50);
        await push.flood({ count: 300 });
        const shares = await Promise.all(workers.map((worker) => worker.drain(300, 200)));
        assert.deepEqual(
          shares.map(({ count }) => count),
          [100, 100, 100],
        );

        const sink = await openPull("PULL");
        const sinkEndpoint = await sink.bind(scope.endpoint());
        const sources = await Promise.all(["a", "b", "c"].map(() => openPush("PUSH")));
        for (const [index, source] of sources.entries()) {
          await source.connect(sinkEndpoint);
          await source.send(Array.from({ length: 20 }, () => [`from ${index}`]));
        }
        // Until all three have queues: theirs cannot be asked.
        await sleep(400);
        const turns = await sink.receive(60);
        assert.equal(turns.length, 60);
        for (const index of [0, 1, 2]) {
          // One peer's 20 messages must not all come before another peer's first one.
          const first = turns.findIndex(([frame]) => frame === `'from ${index}'`);
          assert.ok(first < 40, `the first message of ${index} was number ${first}`);
        }
      },
    );

    if (kind !== "pyzmq") {
      it("a killed peer loses nothing but its own share", async (scope) => {
        const push = await scope.our("PUSH", quick, watched);
        const doomed = scope.launch("their");
        const pull = await scope.their("PULL");
        const endpoint = await push.bind(scope.endpoint());
        const other = await doomed.open("PULL");
        await other.connect(endpoint);
        await untilPeers(push, 1);
        await doomed.kill();
        await untilPeers(push, 0);
        await pull.connect(endpoint);
        await push.flood({ count: 100 });
        const { count, missing } = await pull.drain(100);
        assert.deepEqual([count, missing], [100, 0]);
      });
    }
  },
  { concurrency: 8 },
);
