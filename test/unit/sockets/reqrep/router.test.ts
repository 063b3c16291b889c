import assert from "node:assert/strict";
import { test } from "node:test";
import { Dealer, Router } from "../../../../src/index.ts";
import { anyEndpoint, closing, textOf } from "../../../peers/sockets.ts";

test("connect names the peer at once: messages to it wait for the connection", async (t) => {
  const [router, dealer] = [closing(t, new Router()), closing(t, new Dealer({ routingId: "its own name" }))];
  const endpoint = anyEndpoint("inproc");
  router.connect(endpoint, { routingId: "worker" });
  await router.send(["worker", "early"]);
  await dealer.bind(endpoint);
  assert.equal(textOf(await dealer.receive()), "early");
  await dealer.send("answer");
  const [id, body] = await router.receive();
  assert.deepEqual([`${id}`, `${body}`], ["worker", "answer"]);
});

test("the name may be octets, and two peers cannot have one name", (t) => {
  const router = closing(t, new Router());
  const routingId = Buffer.from([0xff, 1]);
  router.connect(anyEndpoint("inproc"), { routingId });
  assert.throws(() => router.connect(anyEndpoint("inproc"), { routingId }), { code: "EADDRINUSE" });
  router.connect(anyEndpoint("inproc"), { routingId: Buffer.from([0xfe, 1]) });
});

test("a name that no peer may have is refused, and nothing is connected", (t) => {
  const router = closing(t, new Router());
  for (const routingId of ["", "\0reserved", "x".repeat(256)]) {
    assert.throws(
      () => router.connect(anyEndpoint("inproc"), { routingId }),
      { code: "EINVAL" },
      JSON.stringify(routingId),
    );
  }
  assert.deepEqual(router.peers, []);
});

test("without a name the peer has its own", async (t) => {
  const [router, dealer] = [closing(t, new Router()), closing(t, new Dealer({ routingId: "its own name" }))];
  const endpoint = anyEndpoint("inproc");
  await dealer.bind(endpoint);
  router.connect(endpoint);
  await dealer.send("hello");
  assert.equal(textOf(await router.receive()), "its own name");
});
