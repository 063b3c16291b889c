import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Dealer, Request, RetryOptions } from "../../src/index.ts";
import { assertLaw, codeOf, textOf } from "../peers/sockets.ts";
import type { MessageReport, MessageSpec } from "./frames.ts";
import { report, toSpec } from "./frames.ts";
import { withPeers } from "./harness.ts";
import { subjectName } from "./libraries.ts";
import type { PeerSocket } from "./peer.ts";
import type { Scope } from "./scope.ts";

const skip = { skip: subjectName === "zeromq-ts" ? undefined : "request() is ours alone" };
const aboutProcesses = { ...skip, process: "a thread cannot be frozen or killed" };

type Client = Request | Dealer;

/** A client of ours: as the harness joins it, and itself. */
async function open(scope: Scope, type: "REQ" | "DEALER"): Promise<{ socket: PeerSocket; client: Client }> {
  const socket = await scope.our(type, { reconnectInterval: 20 });
  return { socket, client: socket.direct as unknown as Client };
}

/** What a ROUTER sends back for a request: its envelope, and another body. */
function reply(request: MessageReport, body: string): MessageSpec {
  return [...request.slice(0, 3).map(toSpec), body];
}

/** `skip` may be undefined where the harness wants none. */
function unless(known: { skip: string | undefined; process?: string }): { skip?: string; process?: string } {
  const { skip: why, ...others } = known;
  return why === undefined ? others : { ...others, skip: why };
}

withPeers((it) => {
  for (const type of ["REQ", "DEALER"] as const) {
    it(
      `our ${type}: their REP answers, whatever the frames`,
      async (scope) => {
        const { socket, client } = await open(scope, type);
        const rep = await scope.their("REP");
        await scope.join(rep, socket);
        const bodies = [["a"], ["a", "b"], ["", "", "c"], ["x".repeat(5000)]];
        const serving = rep.echo(bodies.length);
        for (const body of bodies) assert.deepEqual((await client.request(body)).map(String), body);
        assert.equal(await serving, bodies.length);
        assertLaw(client.stats());
      },
      unless(skip),
    );

    it(
      `our ${type}: their REP comes late, and is asked once`,
      async (scope) => {
        const { socket, client } = await open(scope, type);
        const endpoint = await scope.freeEndpoint();
        await socket.connect(endpoint);
        assert.equal(await codeOf(client.request("to nobody", { timeoutMs: 50, retries: 1 })), "EAGAIN");
        const answer = client.request("patient", { timeoutMs: 2000, retries: 20 });
        // In the second attempt, with time for the answer.
        await sleep(2200);
        const rep = await scope.their("REP");
        await rep.bind(endpoint);
        assert.deepEqual(await rep.receive(1), [report(["patient"])]);
        await rep.send([["answer"]]);
        assert.equal(textOf(await answer), "answer");
        assert.deepEqual(await rep.receive(1, 200), []);
        assertLaw(client.stats());
      },
      unless(skip),
    );

    it(
      `our ${type}: a late reply of their ROUTER is not given to the next request`,
      async (scope) => {
        const { socket, client } = await open(scope, type);
        const router = await scope.their("ROUTER");
        await scope.join(router, socket);
        await client.waitForPeers();
        assert.equal(await codeOf(client.request("late", { timeoutMs: 150, retries: 0 })), "EAGAIN");
        const answer = client.request("next");
        const [late, next] = (await router.receive(2)) as [MessageReport, MessageReport];
        assert.deepEqual([late.at(-1), next.at(-1)], ["'late'", "'next'"]);
        await router.send([reply(late, "too late"), reply(next, "in time")]);
        assert.equal(textOf(await answer), "in time");
        assert.equal(client.stats().received.dropped.protocol, 1);
        assertLaw(client.stats());
      },
      unless(skip),
    );

    it(
      `our ${type}: a reply to the first attempt answers the second`,
      async (scope) => {
        const { socket, client } = await open(scope, type);
        const router = await scope.their("ROUTER");
        await scope.join(router, socket);
        await client.waitForPeers();
        const answer = client.request("slow", { timeoutMs: 700, retries: 1 });
        const [first, second] = (await router.receive(2)) as [MessageReport, MessageReport];
        assert.deepEqual(first, second);
        await router.send([reply(first, "one"), reply(second, "two")]);
        assert.equal(textOf(await answer), "one");
        const after = client.request("after");
        await router.send([reply((await router.receive(1))[0] as MessageReport, "three")]);
        assert.equal(textOf(await after), "three");
        assert.equal(client.stats().received.dropped.protocol, 1);
        assertLaw(client.stats());
      },
      unless(skip),
    );

    it(
      `our ${type}: their ROUTER never answers, and the next request works`,
      async (scope) => {
        const { socket, client } = await open(scope, type);
        const router = await scope.their("ROUTER");
        await scope.join(router, socket);
        await client.waitForPeers();
        const startMs = performance.now();
        const limits: RetryOptions = { timeoutMs: 100, retries: 2 };
        await assert.rejects(client.request("lost", limits), {
          code: "EAGAIN",
          message: /3 attempts in .* \(1 peer/,
        });
        const tookMs = performance.now() - startMs;
        assert.ok(tookMs >= 295 && tookMs < 5000, `${tookMs} ms`);
        const answer = client.request("next");
        const requests = await router.receive(4);
        assert.deepEqual(
          requests.map((request) => request.at(-1)),
          ["'lost'", "'lost'", "'lost'", "'next'"],
        );
        await router.send([reply(requests[3] as MessageReport, "answer")]);
        assert.equal(textOf(await answer), "answer");
        assertLaw(client.stats());
      },
      unless(skip),
    );

    it(
      `our ${type}: of two of their processes one hangs, then dies`,
      async (scope) => {
        const { socket, client } = await open(scope, type);
        const peers = [scope.launch("their"), scope.launch("their")] as const;
        const routers = [await peers[0].open("ROUTER"), await peers[1].open("ROUTER")] as const;
        for (const router of routers) await scope.join(router, socket, "tcp");
        await client.waitForPeers(2);
        peers[0].process.freeze();
        for (let i = 0; i < 2; i++) {
          const answer = client.request(`${i}`, { timeoutMs: 700, retries: 1 });
          await routers[1].send([reply((await routers[1].receive(1))[0] as MessageReport, `re ${i}`)]);
          assert.equal(textOf(await answer), `re ${i}`);
        }
        // The one that hangs is next; its death is told by its connection.
        const answer = client.request("last", { timeoutMs: 15_000, retries: 1 });
        await sleep(100);
        await peers[0].kill();
        await routers[1].send([reply((await routers[1].receive(1))[0] as MessageReport, "at once")]);
        assert.equal(textOf(await answer), "at once");
        assertLaw(client.stats());
      },
      unless(aboutProcesses),
    );
  }

  it(
    "our DEALER: a thousand requests at once, answered in the opposite order",
    async (scope) => {
      const { socket, client } = await open(scope, "DEALER");
      const router = await scope.their("ROUTER");
      await scope.join(router, socket);
      await client.waitForPeers();
      const texts = Array.from({ length: 1000 }, (_, index) => `${index}`);
      const limits: RetryOptions = { timeoutMs: 15_000, retries: 0 };
      const answers = Promise.all(texts.map((text) => client.request(text, limits)));
      const requests = await router.receive(1000);
      assert.equal(requests.length, 1000);
      await router.send(requests.reverse().map((request) => reply(request, request.at(-1) as string)));
      assert.deepEqual(
        (await answers).map(textOf),
        texts.map((text) => `'${text}'`),
      );
      assertLaw(client.stats());
      assert.equal(client.stats().received.delivered, 1000);
    },
    unless(skip),
  );
});
