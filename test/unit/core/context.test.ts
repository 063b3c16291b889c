import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Context as ContextCore, defaultContext } from "../../../src/core/context.ts";
import {
  Context,
  context,
  Dealer,
  Publisher,
  Pull,
  Push,
  Reply,
  Router,
  Subscriber,
  ZmqError,
} from "../../../src/index.ts";
import { closing, codeOf, join, TRANSPORTS, textOf, turns, until } from "../../peers/sockets.ts";

test("the default context is the one of the index", () => {
  assert.equal(defaultContext(), context);
  assert.ok(context instanceof ContextCore && context instanceof Context);
  assert.equal(context.closed, false);
});

test("options are checked when they are given and when they are set; a misspelt one throws", () => {
  for (const options of [null, 5, { maxSockets: 0 }, { maxSocket: 5 }, { maxSocketsLimit: 5 }]) {
    assert.throws(
      () => new Context(options as never),
      (error) => error instanceof ZmqError && error.code === "EINVAL",
      JSON.stringify(options),
    );
  }
  const own = new Context({ maxSockets: 7, ipv6: true });
  assert.deepEqual([own.maxSockets, own.ipv6, own.blocky, own.maxSocketsLimit], [7, true, true, 65535]);
  assert.throws(() => Object.assign(own, { maxSocket: 5 }), TypeError);
  assert.throws(() => Object.assign(own, { maxSocketsLimit: 5 }), TypeError);
});

test("sockets made later take ipv6 and, without blocky, a linger of 0", async (t) => {
  const own = new Context({ ipv6: true, blocky: false });
  const push = closing(t, new Push({ context: own }));
  assert.deepEqual([push.ipv6, push.linger], [true, 0]);
  own.blocky = true;
  const other = closing(t, new Push({ context: own }));
  assert.equal(other.linger, -1);
  assert.equal(push.linger, 0);
  assert.equal(closing(t, new Push({ context: own, linger: 5 })).linger, 5);
});

// libzmq behaviour B110.
test("beyond maxSockets a new socket is EMFILE; a closed one makes room", async (t) => {
  const own = new Context({ maxSockets: 3 });
  const sockets = [0, 1, 2].map(() => closing(t, new Dealer({ context: own })));
  assert.throws(() => new Dealer({ context: own }), { code: "EMFILE", message: /has 3 sockets/ });
  await sockets[0]?.close();
  closing(t, new Dealer({ context: own }));
  assert.throws(() => new Dealer({ context: own }), { code: "EMFILE" });
  own.maxSockets = 4;
  closing(t, new Dealer({ context: own }));
});

test("a closed socket that lingers still counts", async (t) => {
  const own = new Context({ maxSockets: 1 });
  const push = new Push({ context: own, linger: 50 });
  push.connect("tcp://127.0.0.1:9");
  await push.send("a");
  const closed = push.close();
  assert.throws(() => new Push({ context: own }), { code: "EMFILE" });
  await closed;
  closing(t, new Push({ context: own }));
});

test("inproc names belong to a context", async (t) => {
  const [one, two] = [new Context(), new Context()];
  const pulls = [one, two].map((own) => closing(t, new Pull({ context: own })));
  const pushes = [one, two].map((own) => closing(t, new Push({ context: own })));
  for (const [i, pull] of pulls.entries()) {
    await pull.bind("inproc://same-name");
    pushes[i]?.connect("inproc://same-name");
    await pushes[i]?.send(`${i}`);
  }
  for (const [i, pull] of pulls.entries()) assert.equal(textOf(await pull.receive()), `${i}`);
  assert.equal(await codeOf(closing(t, new Pull({ context: one })).bind("inproc://same-name")), "EADDRINUSE");
});

// libzmq behaviour B107.
test("terminate ends everything that waits with ETERM, and everything that comes after", async () => {
  const own = new Context();
  const pull = new Pull({ context: own });
  const push = new Push({ context: own, linger: 0 });
  const publisher = new Publisher({ context: own });
  const waiting = [
    pull.receive(),
    pull.receiveMany(),
    push.send("a"),
    push.sendMany(["a", "b"]),
    pull.waitForPeers(),
    pull.bind("tcp://127.0.0.1:*"),
    publisher.waitForSubscribers(),
    pull[Symbol.asyncIterator]().next(),
  ].map(codeOf);
  const terminated = own.terminate();
  assert.equal(own.terminate(), terminated);
  assert.equal(own.closed, true);
  assert.deepEqual(await Promise.all(waiting), Array(waiting.length).fill("ETERM"));
  assert.deepEqual([pull.closed, push.closed, publisher.closed], [true, true, true]);
  assert.throws(() => new Pull({ context: own }), { code: "ETERM" });
  assert.throws(() => push.connect("inproc://a"), { code: "ETERM" });
  assert.throws(() => push.disconnect("inproc://a"), { code: "ETERM" });
  assert.throws(() => push.trySend("a"), { code: "ETERM" });
  assert.throws(() => pull.tryReceive(), { code: "ETERM" });
  for (const call of [
    push.send("a"),
    pull.receive(),
    pull.bind("inproc://a"),
    pull.unbind("inproc://a"),
    pull.waitForPeers(),
  ]) {
    assert.equal(await codeOf(call), "ETERM");
  }
  await pull.close();
  await terminated;
  // A context without sockets too.
  const empty = new Context();
  await empty.terminate();
  assert.throws(() => new Pull({ context: empty }), { code: "ETERM" });
});

for (const transport of TRANSPORTS) {
  // libzmq behaviour B108.
  test(`over ${transport} terminate waits until what was sent is sent`, async (t) => {
    const [sender, receiver] = [new Context(), transport === "inproc" ? null : new Context()];
    const context = receiver ?? sender;
    const pull = closing(t, new Pull({ context, receiveHighWaterMark: 0 }));
    const push = new Push({ context: sender, sendHighWaterMark: 0 });
    await join(pull, push, transport);
    for (let i = 0; i < 20_000; i++) push.trySend(`${i}`);
    if (receiver === null) {
      await sender.terminate();
      assert.equal(await codeOf(pull.receive()), "ETERM");
      return;
    }
    await Promise.all([sender.terminate(), until("all", () => pull.stats().received.accepted === 20_000)]);
    assert.equal(push.stats().sent.delivered, 20_000);
  });
}

// libzmq behaviour B26.
test("connections that were never bound hold up neither close nor terminate", async () => {
  const own = new Context();
  const push = new Push({ context: own });
  push.connect("inproc://never-bound");
  push.trySend("a");
  const other = new Push({ context: own });
  other.connect("inproc://never-bound");
  await other.close();
  await own.terminate();
});

test("a context ends with its block", async () => {
  let pull: Pull;
  {
    const own = new Context();
    pull = new Pull({ context: own });
    await own[Symbol.asyncDispose]();
  }
  assert.equal(pull.closed, true);
});

test("many sockets of all kinds end with their context, whatever they are about", async () => {
  const own = new Context();
  const codes: Promise<string>[] = [];
  for (let i = 0; i < 30; i++) {
    const reply = new Reply({ context: own });
    const router = new Router({ context: own });
    const subscriber = new Subscriber({ context: own });
    subscriber.subscribe();
    codes.push(codeOf(reply.receive()), codeOf(subscriber.receive()), codeOf(router.receive()));
    codes.push(codeOf(router.bind("tcp://127.0.0.1:*")));
    reply.connect("tcp://127.0.0.1:9");
    subscriber.connect("inproc://nowhere");
  }
  await turns(1);
  await own.terminate();
  const counts = { ETERM: 0, resolved: 0 };
  for (const code of await Promise.all(codes)) counts[code as keyof typeof counts]++;
  // A bind may have been done in time.
  assert.ok(counts.ETERM >= 90 && counts.ETERM + counts.resolved === 120, JSON.stringify(counts));
});

test("a context that nobody knows any more is forgotten with its sockets", async () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const made = (() => {
    const own = new Context();
    const push = new Push({ context: own, linger: 0 });
    push.connect("tcp://127.0.0.1:9");
    void push.send("a");
    const pull = new Pull({ context: own });
    const binding = pull.bind("inproc://forgotten");
    return {
      context: new WeakRef(own),
      push: new WeakRef(push),
      closed: Promise.all([binding, push.close(), pull.close()]),
    };
  })();
  await made.closed;
  (made as { closed: unknown }).closed = null;
  for (let i = 0; i < 50 && made.context.deref() !== undefined; i++) {
    await turns(2);
    gc();
  }
  assert.equal(made.push.deref(), undefined);
  assert.equal(made.context.deref(), undefined);
});
