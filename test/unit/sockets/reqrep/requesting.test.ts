import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Context, Dealer, Reply, Request, Router } from "../../../../src/index.ts";
import { anyEndpoint, assertLaw, closing, codeOf, join, TRANSPORTS, textOf } from "../../../peers/sockets.ts";
import { serve, served } from "./serving.ts";

const CLIENTS = [Request, Dealer] as const;

/** Late replies are looked for while a request is under way. */
async function untilDropped(client: Request | Dealer, count: number): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (client.stats().received.dropped.protocol < count && performance.now() < deadline) {
    assert.equal(textOf(await client.request("another")), "re another");
    await sleep(5);
  }
  assert.equal(client.stats().received.dropped.protocol, count);
}

for (const ClientClass of CLIENTS) {
  const { name } = ClientClass;

  for (const transport of TRANSPORTS) {
    test(`${name}: a REP answers over ${transport}, and send and receive go on beside it`, async (t) => {
      const rep = closing(t, new Reply());
      const client = closing(t, new ClientClass());
      await join(rep, client, transport);
      const serving = (async () => {
        for await (const frames of rep) await rep.send(["re", ...frames]);
      })();
      for (const frames of [["a"], ["a", "b"], ["", "c", ""], [Buffer.alloc(10_000, 7)]]) {
        const reply = await client.request(frames);
        assert.deepEqual(
          reply,
          ["re", ...frames].map((frame) => Buffer.from(frame)),
        );
      }
      await client.send(client instanceof Dealer ? ["", "plain"] : "plain");
      const reply = await client.receive();
      assert.equal(String(reply.at(-1)), "plain");
      assertLaw(client.stats());
      assert.equal(client.stats().received.delivered, 5);
      await rep.close();
      await serving;
    });
  }

  test(`${name}: a server that comes late gets what is waited for, once`, async (t) => {
    const client = closing(t, new ClientClass({ reconnectInterval: 10 }));
    const probe = new Router();
    await probe.bind("tcp://127.0.0.1:*");
    const endpoint = probe.lastEndpoint as string;
    await probe.close();
    client.connect(endpoint);
    assert.equal(await codeOf(client.request("nobody", { timeoutMs: 30, retries: 1 })), "EAGAIN");
    const promise = client.request("patient", { timeoutMs: 400, retries: 20 });
    await sleep(500);
    const router = closing(t, new Router());
    await router.bind(endpoint);
    const asked = serve(router, () => 0);
    assert.equal(textOf(await promise), "re patient");
    assert.deepEqual(asked, ["patient"]);
    assertLaw(client.stats());
  });

  test(`${name}: a late reply answers the attempt after, and is dropped once the request is over`, async (t) => {
    const { client, asked } = await served(t, new ClientClass(), (text) =>
      text === "slow" ? 150 : text === "late" ? 200 : 0,
    );
    assert.equal(textOf(await client.request("slow", { timeoutMs: 100, retries: 20 })), "re slow");
    const attemptCount = asked.length;
    assert.ok(attemptCount > 1);
    assert.equal(await codeOf(client.request("late", { timeoutMs: 30, retries: 0 })), "EAGAIN");
    assert.equal(textOf(await client.request("next")), "re next");
    // All replies to `slow` but the first, and the one to `late`.
    await untilDropped(client, attemptCount);
    assertLaw(client.stats());
  });

  test(`${name}: a server that never answers costs all attempts, and the socket can be used at once`, async (t) => {
    const { client, asked } = await served(t, new ClientClass(), (text) => (text === "lost" ? -1 : 0));
    const startMs = performance.now();
    await assert.rejects(client.request("lost", { timeoutMs: 60, retries: 2 }), (error: Error) => {
      const { message } = error;
      assert.match(
        message,
        new RegExp(`^${name} got no reply to 3 attempts in \\d+ ms from tcp://127.0.0.1`),
      );
      assert.match(message, /\(1 peer connected\)\. Look at the server/);
      assert.equal((error as { code?: string }).code, "EAGAIN");
      return true;
    });
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs >= 175 && tookMs < 5000, `${tookMs} ms`);
    assert.equal(textOf(await client.request("next", { timeoutMs: 5000 })), "re next");
    assert.deepEqual(asked, ["lost", "lost", "lost", "next"]);
    assertLaw(client.stats());
  });

  test(`${name}: a dead server costs one attempt, and another one answers`, async (t) => {
    const client = closing(t, new ClientClass());
    const dead = closing(t, new Router());
    const alive = closing(t, new Router());
    await join(dead, client);
    await join(alive, client);
    serve(alive, () => 0);
    const texts = await Promise.all(
      Array.from({ length: 10 }, (_, i) => client.request(`${i}`, { timeoutMs: 300, retries: 1 })),
    );
    assert.deepEqual(
      texts.map(textOf),
      Array.from({ length: 10 }, (_, i) => `re ${i}`),
    );
    assertLaw(client.stats());
  });

  test(`${name}: when the server's connection breaks the request is sent again at once`, async (t) => {
    const client = closing(t, new ClientClass({ reconnectInterval: 10 }));
    const first = new Router();
    const endpoint = await join(first, client);
    const promise = client.request("a", { timeoutMs: 20_000, retries: 1 });
    await first.receive();
    await first.close();
    const second = closing(t, new Router());
    await second.bind(endpoint);
    const asked = serve(second, () => 0);
    assert.equal(textOf(await promise), "re a");
    assert.deepEqual(asked, ["a"]);
    assertLaw(client.stats());
  });

  test(`${name}: an aborted call ends at once, its late reply is dropped, and the socket is free`, async (t) => {
    const { client } = await served(t, new ClientClass(), (text) => (text === "slow" ? 60 : 0));
    const controller = new AbortController();
    const promise = client.request("slow", { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await assert.rejects(promise, { code: "ABORT_ERR", name: "AbortError" });
    assert.equal(textOf(await client.request("next")), "re next");
    assert.equal(await codeOf(client.request("x", { signal: controller.signal })), "ABORT_ERR");
    await untilDropped(client, 1);
    assertLaw(client.stats());
  });

  test(`${name}: closing and terminating reject what waits, and what comes`, async (t) => {
    const open = closing(t, new ClientClass());
    open.connect(anyEndpoint("inproc"));
    const waiting = [open.request("a"), open.request("b")];
    await open.close();
    assert.deepEqual(await Promise.all(waiting.map(codeOf)), ["EAGAIN", "EAGAIN"]);
    assert.equal(await codeOf(open.request("c")), "EBADF");
    const context = new Context();
    const ended = new ClientClass({ context, linger: 0 });
    ended.connect("tcp://127.0.0.1:9");
    const terminated = [ended.request("a"), ended.request("b")];
    const codes = Promise.all(terminated.map(codeOf));
    await context.terminate();
    assert.deepEqual(await codes, ["ETERM", "ETERM"]);
    assert.equal(await codeOf(ended.request("c")), "ETERM");
  });
}

test("Dealer: a thousand requests at once, answered in another order", async (t) => {
  const { client, asked } = await served(t, new Dealer(), (text) => 1 + ((Number(text) * 7919) % 50));
  const replies = await Promise.all(Array.from({ length: 1000 }, (_, i) => client.request(`${i}`)));
  assert.deepEqual(
    replies.map(textOf),
    Array.from({ length: 1000 }, (_, i) => `re ${i}`),
  );
  assert.equal(asked.length, 1000);
  assertLaw(client.stats());
  assert.equal(client.stats().received.delivered, 1000);
});

test("Dealer: messages that are no replies come out of receive and for await, all, in order", async (t) => {
  const router = closing(t, new Router());
  const client = closing(t, new Dealer({ routingId: "client" }));
  await join(router, client);
  void (async () => {
    for await (const message of router) {
      await router.send(["client", `news ${message.at(-1)}`]);
      await router.send(message.with(-1, Buffer.from(`re ${message.at(-1)}`)));
    }
  })();
  const news: string[] = [];
  const reading = (async () => {
    for await (const [text] of client) if (news.push(String(text)) === 100) break;
  })();
  for (let i = 0; i < 200; i += 10) {
    const replies = await Promise.all(Array.from({ length: 10 }, (_, at) => client.request(`${i + at}`)));
    assert.deepEqual(
      replies.map(textOf),
      Array.from({ length: 10 }, (_, at) => `re ${i + at}`),
    );
  }
  await reading;
  while (news.length < 200) news.push(textOf(await client.receive()) as string);
  assert.deepEqual(
    news,
    Array.from({ length: 200 }, (_, i) => `news ${i}`),
  );
  assertLaw(client.stats());
  assert.equal(client.stats().received.delivered, 400);
});

test("Dealer: a request does not wait behind messages that nobody receives, but says so when they are too many", async (t) => {
  const router = closing(t, new Router());
  const client = closing(t, new Dealer({ routingId: "client", receiveHighWaterMark: 5 }));
  await join(router, client);
  serve(router, () => 0);
  for (let i = 0; i < 4; i++) await router.send(["client", `${i}`]);
  assert.equal(textOf(await client.request("a")), "re a");
  for (let i = 4; i < 20; i++) await router.send(["client", `${i}`]);
  await assert.rejects(client.request("b", { timeoutMs: 100, retries: 0 }), {
    code: "EAGAIN",
    message: /Call receive\(\): 5 messages that are no replies/,
  });
  for (let i = 0; i < 20; i++) assert.equal(textOf(await client.receive()), `${i}`);
  assert.equal(textOf(await client.request("c")), "re c");
  assertLaw(client.stats());
});
