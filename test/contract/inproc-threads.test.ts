// inproc between real threads, through the public API: what one thread promises holds with the peers in several.

import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { totalDropped } from "../../src/core/ledger.ts";
import { Dealer, Pull, Push } from "../../src/index.ts";
import { closing, until } from "../peers/sockets.ts";
import type { FarSocket } from "./inproc-far.ts";
import { dismiss, FarWorld } from "./inproc-far.ts";

const NAME = "inproc://name";
const TEXT = "x".repeat(100);

after(dismiss);

/** Joins a binder and a connector in either order, and waits until both know it. */
async function join(binder: FarSocket, connector: FarSocket, isBoundFirst: boolean): Promise<void> {
  if (isBoundFirst) await binder.call("bind", NAME);
  await connector.call("connect", NAME);
  if (!isBoundFirst) await binder.call("bind", NAME);
  await Promise.all([binder.call("waitForPeers", 1), connector.call("waitForPeers", 1)]);
}

for (const isBoundFirst of [true, false]) {
  describe(`inproc between threads, ${isBoundFirst ? "bind" : "connect"} first`, () => {
    for (const [sender, receiver] of [
      ["Push", "Pull"],
      ["Pair", "Pair"],
      ["Dealer", "Dealer"],
      ["Publisher", "Subscriber"],
      ["XPublisher", "XSubscriber"],
    ] as const) {
      for (const isSenderBound of [true, false]) {
        it(`${sender} ${isSenderBound ? "bound" : "connected"} reaches ${receiver}`, async (t) => {
          const world = new FarWorld(t);
          const [from, to] = [await world.open(sender), await world.open(receiver)];
          if (receiver === "Subscriber") await to.call("subscribe");
          if (receiver === "XSubscriber") await to.call("send", ["\u0001"]);
          if (isSenderBound) await join(from, to, isBoundFirst);
          else await join(to, from, isBoundFirst);
          if (sender === "XPublisher") assert.deepEqual(await from.receive(), ["\u0001"]);
          if (sender === "Publisher") await subscribed(from, to);
          await from.call("send", ["first", "more"]);
          await from.call("send", [TEXT.repeat(5000)]);
          if (sender !== "Publisher") assert.deepEqual(await to.receive(), ["first", "more"]);
          else while ((await to.receive())[0] !== "first");
          assert.deepEqual(await to.receive(), [TEXT.repeat(5000)]);
        });
      }
    }

    it("Request and Reply take turns", async (t) => {
      const world = new FarWorld(t);
      const [client, server] = [await world.open("Request"), await world.open("Reply")];
      await join(server, client, isBoundFirst);
      for (let i = 0; i < 20; i++) {
        await client.call("send", [`question ${i}`]);
        assert.deepEqual(await server.receive(), [`question ${i}`]);
        await server.call("send", [`answer ${i}`]);
        assert.deepEqual(await client.receive(), [`answer ${i}`]);
      }
    });

    it("Router knows Dealers by their identities (libzmq behaviour B25)", async (t) => {
      const world = new FarWorld(t);
      const [router, dealer] = [await world.open("Router"), await world.open("Dealer", { routingId: "d" })];
      await join(router, dealer, isBoundFirst);
      await router.call("send", ["d", "hello"]);
      assert.deepEqual(await dealer.receive(), ["hello"]);
      await dealer.call("send", ["there"]);
      assert.deepEqual(await router.receive(), ["d", "there"]);
      const [peer] = await router.peers();
      assert.deepEqual(
        [peer?.routingId, peer?.socketType, peer?.live, peer?.outgoing],
        ["d", "DEALER", true, false],
      );
    });

    it("takes the sum of both marks: 1000 and 1000 take 2000 (libzmq behaviour B1)", async (t) => {
      const world = new FarWorld(t);
      const [push, pull] = [await world.open("Push"), await world.open("Pull")];
      await join(pull, push, isBoundFirst);
      assert.equal(await push.call("fill", 5000), 2000);
      for (let i = 0; i < 2000; i++) assert.deepEqual(await pull.call("tryReceive"), [`m${i}`]);
    });

    it("carries a flood: all, once and in order", async (t) => {
      const world = new FarWorld(t);
      const [push, pull] = [await world.open("Push"), await world.open("Pull")];
      await join(pull, push, isBoundFirst);
      const [count] = await Promise.all([pull.call("drain", 100_000), push.call("flood", 100_000, TEXT)]);
      assert.equal(count, 100_000);
      const { sent } = await push.stats();
      assert.deepEqual([sent.accepted, sent.delivered, totalDropped(sent.dropped)], [100_000, 100_000, 0]);
    });
  });
}

/** Publishes until something comes: a publisher knows of a subscription once its thread has handled it. */
async function subscribed(publisher: FarSocket, subscriber: FarSocket): Promise<void> {
  for (;;) {
    await publisher.call("send", ["probe"]);
    if ((await subscriber.call("tryReceive")) !== undefined) return;
  }
}

describe("names", () => {
  it("have one owner, whoever tries at once, and are free when the owner's thread is gone", async (t) => {
    const world = new FarWorld(t);
    const names = Array.from({ length: 200 }, (_, i) => `name ${i}`);
    const threads = Array.from({ length: 4 }, () => world.start());
    const racers = await Promise.all(threads.map((thread) => world.openIn(thread, "Pull")));
    const won = (await Promise.all(racers.map((racer) => racer.call("race", 4, names)))) as string[][];
    assert.deepEqual(won.flat().sort(), [...names].sort(), "each name was got once");
    const heir = closing(t, new Pull({ context: world.context }));
    for (const name of names) assert.throws(() => heir.bindSync(`inproc://${name}`), { code: "EADDRINUSE" });
    await Promise.all(threads.map((thread) => thread.terminate()));
    const isFree = (name: string) => {
      try {
        heir.bindSync(`inproc://${name}`);
        return true;
      } catch (error) {
        assert.equal((error as { code?: string }).code, "EADDRINUSE");
        return false;
      }
    };
    const left = new Set(names);
    await until(
      "all names are free",
      () => {
        for (const name of left) if (isFree(name)) left.delete(name);
        return left.size === 0;
      },
      1000,
    );
  });

  it("that go from thread to thread take those along who wait", async (t) => {
    const world = new FarWorld(t);
    const push = closing(t, new Push({ context: world.context, linger: 0 }));
    for (let i = 0; i < 3; i++) {
      const pull = await world.open("Pull");
      push.connect(NAME);
      const sent = push.send("to whom it may concern");
      await pull.call("bind", NAME);
      await sent;
      assert.deepEqual(await pull.receive(), ["to whom it may concern"]);
      await pull.call("unbind", NAME);
      push.disconnect(NAME);
    }
  });

  it("are those of one context", async (t) => {
    const [one, other] = [new FarWorld(t), new FarWorld(t)];
    const [pull, push] = [await one.open("Pull"), await other.open("Push")];
    await pull.call("bind", NAME);
    await push.call("connect", NAME);
    await (await other.open("Pull")).call("bind", NAME);
    await push.call("waitForPeers", 1);
    assert.deepEqual(await pull.peers(), []);
  });
});

describe("the end", () => {
  it("of a socket that connected, wrote and closed: a later binder in another thread has it all (B4)", async (t) => {
    const world = new FarWorld(t);
    const push = closing(t, new Push({ context: world.context }));
    push.connect(NAME);
    await push.send("left behind");
    await push.send(TEXT.repeat(5000));
    await push.close();
    const pull = await world.open("Pull");
    await pull.call("bind", NAME);
    assert.deepEqual(await pull.receive(), ["left behind"]);
    assert.deepEqual(await pull.receive(), [TEXT.repeat(5000)]);
  });

  it("of a thread right after it sent: what was sent is received", async (t) => {
    const world = new FarWorld(t);
    const pull = closing(t, new Pull({ context: world.context }));
    await pull.bind(NAME);
    for (let i = 0; i < 5; i++) {
      const thread = world.start();
      const push = await world.openIn(thread, "Push");
      await push.call("connect", NAME);
      await push.call("send", [`from ${i}`]);
      await push.call("send", [TEXT.repeat(5000)]);
      await (i % 2 === 0 ? thread.exit() : thread.terminate());
      assert.equal(String(await pull.receive()), `from ${i}`);
      assert.equal(String(await pull.receive()), TEXT.repeat(5000));
    }
    await until("nobody is left", () => pull.peers.length === 0, 1000);
  });

  it("of a thread in a flood: nothing torn or doubled, and its peer knows within a second", async (t) => {
    const world = new FarWorld(t);
    for (const isFarBound of [true, false]) {
      const thread = world.start();
      const push = await world.openIn(thread, "Push");
      const pull = closing(t, new Pull({ context: world.context }));
      const name = `${NAME} ${isFarBound}`;
      if (isFarBound) await push.call("bind", name);
      else await pull.bind(name);
      if (isFarBound) pull.connect(name);
      else await push.call("connect", name);
      await push.call("floodForEver", TEXT);
      let next = 0;
      const check = ([body]: readonly Buffer[]) => assert.equal(String(body), `${next++} ${TEXT}`);
      while (next < 20_000) for (const message of await pull.receiveMany()) check(message);
      const end = thread.terminate();
      await until("gone", () => pull.peers.every(({ live }) => !live), 1000);
      await end;
      for (let message = pull.tryReceive(); message !== undefined; message = pull.tryReceive())
        check(message);
      const { received } = pull.stats();
      assert.deepEqual([received.accepted, received.delivered, received.queued], [next, next, 0]);
    }
  });

  it("of a thread that reads: what it had not read is counted, and the next binder is another matter", async (t) => {
    const world = new FarWorld(t);
    const thread = world.start();
    const pull = await world.openIn(thread, "Pull");
    await pull.call("bind", NAME);
    const push = closing(t, new Push({ context: world.context, linger: 0 }));
    push.connect(NAME);
    await push.waitForPeers();
    for (let i = 0; i < 10; i++) await push.send(`m${i}`);
    assert.deepEqual(await pull.receive(), ["m0"]);
    await thread.terminate();
    await until("gone", () => push.peers.length === 0, 1000);
    const { sent } = push.stats();
    assert.deepEqual([sent.accepted, sent.delivered, sent.queued, sent.dropped["peer-gone"]], [10, 1, 0, 9]);
  });

  it("of a thread that was asked and cannot answer: the connection waits for the next binder", async (t) => {
    const world = new FarWorld(t);
    const thread = world.start();
    const blocked = await world.openIn(thread, "Pull");
    await blocked.call("bind", NAME);
    await thread.block(60_000);
    const push = closing(t, new Push({ context: world.context, linger: 0 }));
    push.connect(NAME);
    await push.send("kept");
    await thread.terminate();
    const pull = await world.open("Pull");
    await until("the name is free", () => push.peers.length === 1 && push.peers[0]?.live === false);
    await bindWhenFree(pull);
    assert.deepEqual(await pull.receive(), ["kept"]);
    await push.waitForPeers(1, { timeoutMs: 1000 });
  });
});

async function bindWhenFree(socket: FarSocket): Promise<void> {
  const start = performance.now();
  for (;;) {
    try {
      await socket.call("bind", NAME);
      return;
    } catch (error) {
      assert.equal((error as { code?: string }).code, "EADDRINUSE");
      assert.ok(performance.now() - start < 1000, "a name is free within a second");
    }
  }
}

describe("two threads", () => {
  it("that connect to each other at once, again and again, both get there", async (t) => {
    const world = new FarWorld(t);
    const [a, b] = [await world.open("Dealer"), await world.open("Dealer")];
    for (let i = 0; i < 50; i++) {
      const [nameOfA, nameOfB] = [`inproc://a${i}`, `inproc://b${i}`];
      await Promise.all([a.call("bind", nameOfA), b.call("bind", nameOfB)]);
      await Promise.all([a.call("connect", nameOfB), b.call("connect", nameOfA)]);
      await Promise.all([a.call("send", [`from a ${i}`]), b.call("send", [`from b ${i}`])]);
      assert.deepEqual(await Promise.all([a.receive(), b.receive()]), [[`from b ${i}`], [`from a ${i}`]]);
      await Promise.all([a.call("disconnect", nameOfB), b.call("disconnect", nameOfA)]);
      await Promise.all([a.call("unbind", nameOfA), b.call("unbind", nameOfB)]);
    }
  });

  it("and one that refuses: a Pair that has its peer sends the next away, and takes one when it is free", async (t) => {
    const world = new FarWorld(t);
    const pair = await world.open("Pair");
    await pair.call("bind", NAME);
    const [first, second] = [closing(t, new Dealer({ context: world.context })), await world.open("Pair")];
    first.connect(NAME);
    await first.waitForPeers(1, { timeoutMs: 5000 });
    await second.call("connect", NAME);
    while ((await second.peers()).length > 0);
    await first.close();
    while ((await pair.peers()).length > 0);
    await second.call("connect", NAME);
    await Promise.all([pair.call("waitForPeers", 1), second.call("waitForPeers", 1)]);
  });
});
