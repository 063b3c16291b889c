// Blocking calls with other threads that the test plays; with real ones: test/process/blocking.test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ZmqError } from "../../../src/base/errors.ts";
import type { BlockingHost, BlockingReach, Obstacle } from "../../../src/core/blocking.ts";
import { Blocking, blockUntil, checkedTimeout } from "../../../src/core/blocking.ts";
import type { Pipe } from "../../../src/pipe/pipe.ts";
import { Pair } from "../../../src/sockets/pair.ts";
import { Pull } from "../../../src/sockets/pipeline/pull.ts";
import { Push } from "../../../src/sockets/pipeline/push.ts";
import { Dealer } from "../../../src/sockets/reqrep/dealer.ts";
import { Reply } from "../../../src/sockets/reqrep/rep.ts";
import { Request } from "../../../src/sockets/reqrep/req.ts";
import { Router } from "../../../src/sockets/reqrep/router.ts";
import { codeOf, textOf } from "../../peers/sockets.ts";
import { Far, read, ScriptShare, takes, throwsCode, write } from "./blocking-rig.ts";

test("a message that is there is received without a look at other threads", (t) => {
  const far = new Far(t);
  const pull = new Pull({ context: far.context });
  pull.connect("far://a");
  write(far.end, "a", "b");
  assert.deepEqual(pull.receiveSync().map(String), ["a", "b"]);
  assert.deepEqual(far.share.blocks, []);
});

test("receiveSync blocks until another thread sends, and news of no use lets it block on for what is left", (t) => {
  const far = new Far(t);
  const pull = new Pull({ context: far.context });
  pull.connect("far://a");
  far.share.later(30, () => undefined).later(20, () => write(far.end, "late"));
  takes(50, () => assert.equal(textOf(pull.receiveSync({ timeoutMs: 200 })), "late"));
  assert.deepEqual(far.share.blocks, [200, 170]);
  far.share.later(1e9, () => write(far.end, "much later"));
  assert.equal(textOf(pull.receiveSync()), "much later", "by default it waits for ever");
  assert.equal(far.share.blocks.at(-1), -1);
});

test("receiveSync throws EAGAIN after its time, the option's or the call's own, and takes no message later", (t) => {
  const far = new Far(t);
  const pull = new Pull({ context: far.context, receiveTimeout: 80 });
  pull.connect("far://a");
  for (const [timeoutMs, expected] of [
    [undefined, 80],
    [25.5, 25.5],
    [0, 0],
  ] as const) {
    takes(expected, () =>
      assert.throws(() => pull.receiveSync({ timeoutMs }), {
        code: "EAGAIN",
        message: new RegExp(`Pull far://a received nothing within ${expected} ms`),
      }),
    );
  }
  write(far.end, "a");
  assert.equal(textOf(pull.receiveSync({ timeoutMs: 0 })), "a");
});

test("the message that comes in the last moment is received", (t) => {
  const far = new Far(t);
  const pull = new Pull({ context: far.context });
  pull.connect("far://a");
  far.share.later(50, () => undefined).later(0, () => write(far.end, "just in time"));
  assert.equal(textOf(pull.receiveSync({ timeoutMs: 50 })), "just in time");
  far.share.later(0, () => write(far.end, "not waited for"));
  assert.equal(textOf(pull.receiveSync({ timeoutMs: 0 })), "not waited for", "0 takes what has come");
});

test("sendSync blocks until another thread makes room, or its time is over", (t) => {
  const far = new Far(t, { hwm: 2 });
  const push = new Push({ context: far.context, sendTimeout: 70 });
  push.connect("far://a");
  push.sendSync("0");
  push.sendSync("1");
  assert.deepEqual(far.share.blocks, []);
  takes(70, () =>
    assert.throws(() => push.sendSync("never"), {
      code: "EAGAIN",
      message: /Push far:\/\/a could not send within 70 ms/,
    }),
  );
  far.share.later(10, () => undefined);
  far.share.later(10, () => {
    for (let i = 0; i < 2; i++) assert.deepEqual(read(far.end), [`${i}`]);
  });
  push.sendSync(["2", "b"], { timeoutMs: -1 });
  assert.deepEqual(far.share.blocks, [70, 0, -1, -1]);
  assert.deepEqual(read(far.end), ["2", "b"]);
  assert.equal(read(far.end), undefined);
  assert.equal(push.stats().sent.accepted, 3);
});

test("sendSync waits for a peer to come to a name that is bound", async (t) => {
  const far = new Far(t);
  const push = new Push({ context: far.context });
  await push.bind("far://a");
  far.share.later(10, () => far.arrive("a"));
  push.sendSync("a");
  assert.deepEqual(read(far.end), ["a"]);
});

test("a request and its reply, both sides blocking; state errors are thrown and nothing is waited for", async (t) => {
  const far = new Far(t);
  const request = new Request({ context: far.context });
  request.connect("far://a");
  throwsCode("EFSM", () => request.receiveSync());
  far.share.later(5, () => {
    assert.deepEqual(read(far.end), ["", "question"]);
    write(far.end, "", "answer");
  });
  request.sendSync("question");
  throwsCode("EFSM", () => request.sendSync("another"));
  assert.deepEqual(far.share.blocks, []);
  assert.equal(textOf(request.receiveSync()), "answer");
  const reply = new Reply({ context: far.context });
  await reply.bind("far://b");
  const client = far.arrive("b");
  far.share.later(5, () => write(client, "", "ping"));
  assert.equal(textOf(reply.receiveSync()), "ping");
  throwsCode("EFSM", () => reply.receiveSync());
  reply.sendSync("pong");
  assert.deepEqual(read(client), ["", "pong"]);
  const router = new Router({ context: far.context, mandatory: true });
  router.connect("far://c");
  throwsCode("EHOSTUNREACH", () => router.sendSync(["nobody", "a"]));
});

test("a wrong time or message is EINVAL", (t) => {
  const far = new Far(t);
  const pair = new Pair({ context: far.context });
  pair.connect("far://a");
  for (const timeoutMs of [-2, Number.NaN, Number.POSITIVE_INFINITY, "5" as never]) {
    if (typeof timeoutMs === "number")
      assert.throws(() => checkedTimeout(timeoutMs), { code: "EINVAL", message: /timeoutMs/ });
    throwsCode("EINVAL", () => pair.receiveSync({ timeoutMs }));
    throwsCode("EINVAL", () => pair.sendSync("a", { timeoutMs }));
  }
  throwsCode("EINVAL", () => pair.sendSync({} as never));
  assert.equal(checkedTimeout(-1), -1);
});

test("a call that waits with await comes first: EBUSY, for its own direction alone", async (t) => {
  const far = new Far(t, { hwm: 1 });
  const dealer = new Dealer({ context: far.context });
  dealer.connect("far://a");
  const first = dealer.receive();
  const second = dealer.receiveMany(2);
  for (const timeoutMs of [-1, 0])
    assert.throws(() => dealer.receiveSync({ timeoutMs }), {
      code: "EBUSY",
      message: /receiveSync\(\) would overtake 2 receive\(\) that wait on Dealer far:\/\/a/,
    });
  dealer.sendSync("other direction");
  const sending = dealer.send("waits");
  assert.throws(() => dealer.sendSync("overtakes"), { code: "EBUSY", message: /would overtake 1 send\(\)/ });
  assert.deepEqual(read(far.end), ["other direction"]);
  await sending;
  for (const text of ["1", "2"]) {
    write(far.end, text);
    assert.equal(textOf(text === "1" ? await first : (await second)[0]), text);
  }
  far.share.later(1, () => write(far.end, "3"));
  assert.equal(textOf(dealer.receiveSync()), "3");
});

test("what other threads send to other sockets meanwhile is kept, and settles when the loop turns", async (t) => {
  const far = new Far(t);
  const pull = new Pull({ context: far.context });
  const other = new Pull({ context: far.context });
  pull.connect("far://a");
  other.connect("far://b");
  const [toPull, toOther] = far.ends as [Pipe, Pipe];
  const order: string[] = [];
  const waiting = other.receive().then((message) => order.push(`await ${textOf(message)}`));
  far.share.later(1, () => {
    for (const text of ["1", "2"]) write(toOther, text);
  });
  far.share.later(1, () => write(toPull, "a"));
  order.push(`sync ${textOf(pull.receiveSync())}`);
  assert.equal(textOf(other.tryReceive()), "2");
  await waiting;
  assert.deepEqual(order, ["sync a", "await 1"]);
});

test("a context that another thread terminates ends the wait with ETERM, a closed socket is EBADF", async (t) => {
  const far = new Far(t, { hwm: 1 });
  const pair = new Pair({ context: far.context });
  pair.connect("far://a");
  pair.sendSync("fills");
  const closed = new Pair({ context: far.context });
  await closed.close();
  throwsCode("EBADF", () => closed.receiveSync());
  throwsCode("EBADF", () => closed.sendSync("a", { timeoutMs: 0 }));
  far.share.later(10, () => void far.context.terminate());
  takes(10, () => throwsCode("ETERM", () => pair.receiveSync()));
  throwsCode("ETERM", () => pair.sendSync("a"));
  assert.equal(far.share.blocks.length, 1);
});

test("a socket that is closed meanwhile ends the wait with EBADF", (t) => {
  const far = new Far(t);
  const pull = new Pull({ context: far.context });
  pull.connect("far://a");
  far.share.later(10, () => void pull.close());
  throwsCode("EBADF", () => pull.receiveSync());
});

test("a call that need not wait looks for news at times: a busy peer does not hide the others, nor the end", (t) => {
  const far = new Far(t, { hwm: 0 });
  const pull = new Pull({ context: far.context });
  pull.connect("far://busy");
  pull.connect("far://quiet");
  const [busy, quiet] = far.ends as [Pipe, Pipe];
  for (let i = 0; i < 1000; i++) write(busy, "busy");
  far.share.later(0, () => write(quiet, "quiet"));
  const until = (text: string): number => {
    for (let count = 1; ; count++) if (textOf(pull.receiveSync()) === text) return count;
  };
  assert.ok(until("quiet") <= 70);
  assert.deepEqual(far.share.blocks, [0]);
  far.share.later(0, () => void far.context.terminate());
  throwsCode("ETERM", () => until("never"));
  assert.ok(pull.stats().received.delivered < 200);
});

test("of a peer that left all is received, then the wait keeps its time, or ends where it would be for ever", (t) => {
  const far = new Far(t);
  const pull = new Pull({ context: far.context });
  pull.connect("far://a");
  const end = far.end;
  for (const text of ["1", "2"]) write(end, text);
  far.share.later(10, () => {
    write(end, "3");
    end.close("peer-gone");
  });
  for (const text of ["1", "2", "3"]) assert.equal(textOf(pull.receiveSync()), text);
  assert.throws(() => pull.receiveSync(), {
    code: "EDEADLK",
    message: /not bound, and connected to nobody or only to peers that left/,
  });
  pull.connect("far://b");
  far.share.later(10, () => far.end.close("peer-gone"));
  takes(100, () => throwsCode("EAGAIN", () => pull.receiveSync({ timeoutMs: 100 })));
  pull.connect("far://c");
  far.share.later(10, () => far.end.close("peer-gone"));
  throwsCode("EDEADLK", () => pull.receiveSync());
  const push = new Push({ context: far.context });
  push.connect("far://d");
  far.end.close("peer-gone");
  throwsCode("EDEADLK", () => push.sendSync("a"));
});

test("the place of a peer that left is free for the next, though the loop never turns", async (t) => {
  const far = new Far(t);
  const pair = new Pair({ context: far.context });
  await pair.bind("far://a");
  for (let i = 0; i < 5; i++) {
    far.share.later(1, () => {
      const end = far.arrive("a");
      write(end, `${i}`);
      end.close("peer-gone");
    });
    assert.equal(textOf(pair.receiveSync()), `${i}`);
    throwsCode("EAGAIN", () => pair.receiveSync({ timeoutMs: 5 }));
    assert.equal(pair.stats().peers.length, 0);
  }
});

test("EDEADLK where this thread serves the socket, whether it would wait or not; 0 does not wait", async (t) => {
  const far = new Far(t);
  const pull = new Pull({ context: far.context });
  pull.connect("far://a");
  await pull.bind("tcp://127.0.0.1:*");
  write(far.end, "a");
  write(far.end, "b");
  assert.throws(() => pull.receiveSync(), {
    code: "EDEADLK",
    message:
      /^Pull tcp:\S+ must not block this thread, which has to serve tcp:\S+\d\. Use the call with await/,
  });
  assert.equal(textOf(pull.receiveSync({ timeoutMs: 0 })), "a");
  await pull.unbind(pull.lastEndpoint as string);
  assert.equal(textOf(pull.receiveSync()), "b");
  pull.connect("tcp://127.0.0.1:9");
  throwsCode("EDEADLK", () => pull.receiveSync({ timeoutMs: 5 }));
  pull.disconnect("tcp://127.0.0.1:9");
  throwsCode("EAGAIN", () => pull.receiveSync({ timeoutMs: 5 }));
});

test("EDEADLK where all peers are in this very thread, and not where one is elsewhere", async (t) => {
  const far = new Far(t);
  const pull = new Pull({ context: far.context });
  const push = new Push({ context: far.context });
  await pull.bind("inproc://a");
  throwsCode("EAGAIN", () => pull.receiveSync({ timeoutMs: 5 }), "somebody may connect");
  push.connect("inproc://a");
  for (const call of [() => pull.receiveSync(), () => push.sendSync("a")]) {
    assert.throws(call, { code: "EDEADLK", message: /would wait for peers in this very thread/ });
  }
  push.sendSync("a", { timeoutMs: 0 });
  assert.equal(textOf(pull.receiveSync({ timeoutMs: 0 })), "a");
  push.connect("far://a");
  push.sendSync("b");
});

test("EDEADLK without an endpoint, and in a context that no other thread has", async (t) => {
  const far = new Far(t);
  const pull = new Pull({ context: far.context });
  assert.throws(() => pull.receiveSync(), {
    code: "EDEADLK",
    message: /Pull without an endpoint would wait for ever: it is not bound/,
  });
  throwsCode("EAGAIN", () => pull.receiveSync({ timeoutMs: 0 }));
  await pull.bind("far://a");
  await pull.unbind("far://a");
  throwsCode("EDEADLK", () => pull.receiveSync());
  const alone = new Far(t, { canBlock: false });
  const pair = new Pair({ context: alone.context });
  await pair.bind("far://a");
  assert.throws(() => pair.sendSync("a"), { code: "EDEADLK", message: /no other thread has its context/ });
  assert.equal(await codeOf(pair.send("a", { timeoutMs: 0 })), "EAGAIN");
});

test("what keeps a call from blocking, of all that a socket may have", () => {
  const pipe = (facts: Partial<Pipe>): Pipe =>
    ({ crossesThreads: false, isClosed: false, isEnded: false, unreadCount: 0, ...facts }) as Pipe;
  const elsewhere = pipe({ crossesThreads: true });
  const here = pipe({});
  const leftUnread = pipe({ crossesThreads: true, isEnded: true, unreadCount: 1 });
  const left = pipe({ crossesThreads: true, isEnded: true });
  const closed = pipe({ crossesThreads: true, isClosed: true });
  const none: BlockingReach = { servedHere: null, isOpen: false };
  const open: BlockingReach = { servedHere: null, isOpen: true };
  const served: BlockingReach = { servedHere: "tcp://127.0.0.1:5555", isOpen: true };
  const cases: [
    BlockingReach,
    Pipe[],
    canBlock: boolean,
    reading: Obstacle | null,
    sending: Obstacle | null,
  ][] = [
    [none, [], true, "nobody", "nobody"],
    [none, [elsewhere], true, null, null],
    [none, [here, elsewhere], true, null, null],
    [none, [elsewhere, here], true, null, null],
    [none, [here], true, "peers-here", "peers-here"],
    [none, [left, closed], true, "nobody", "nobody"],
    [none, [leftUnread], true, null, "nobody"],
    [none, [here, leftUnread], true, null, "peers-here"],
    [open, [], true, null, null],
    [open, [left], true, null, null],
    [open, [here], true, "peers-here", "peers-here"],
    [open, [], false, "alone", "alone"],
    [none, [elsewhere], false, "alone", "alone"],
    [none, [], false, "nobody", "nobody"],
    [served, [elsewhere], true, "served-here", "served-here"],
    [served, [], false, "served-here", "served-here"],
  ];
  for (const [i, [reach, pipes, canBlock, reading, sending]] of cases.entries()) {
    const host = { context: { share: new ScriptShare(canBlock) } } as unknown as BlockingHost;
    const map = new Map(pipes.map((one) => [one, null]));
    const blocking = new Blocking(host, reach, map, { settle: () => undefined });
    assert.deepEqual([blocking.obstacle(true), blocking.obstacle(false)], [reading, sending], `case ${i}`);
  }
});

test("blockUntil gives the result, or undefined after a last look when the time is over", () => {
  const share = new ScriptShare(true);
  let attempts = 0;
  const look = (): undefined => void ++attempts;
  assert.equal(blockUntil(share, 30, look), undefined);
  assert.deepEqual([attempts, share.blocks], [2, [30, 0]]);
  assert.equal(blockUntil(share, 0, look), undefined);
  assert.equal(attempts, 3);
  share.later(5, () => undefined).later(5, () => undefined);
  let left = 2;
  assert.equal(
    blockUntil(share, -1, () => (--left === 0 ? "there" : undefined)),
    "there",
  );
  const failure = new ZmqError("ETERM", "Over.");
  share.later(1, () => undefined);
  assert.throws(
    () =>
      blockUntil(share, 10, () => {
        throw failure;
      }),
    failure,
  );
});
