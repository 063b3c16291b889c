// One context in several threads that were given its handle: options, counts, names and one end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { ContextHandle } from "../../src/core/context-share.ts";
import { Context, context, Dealer, Pair, Pull, Push, Reply, type ZmqError } from "../../src/index.ts";
import { Directory } from "../../src/threads/seat/directory.ts";
import { closing, codeOf, textOf, turns, until } from "../peers/sockets.ts";
import type { Zmq } from "./program.ts";
import type { Parent, Thread } from "./thread.ts";
import { startThread } from "./thread.ts";

/** Attaches, and does what it is told: makes sockets, closes them, sets and tells options, terminates, ends. */
async function obey(zmq: Zmq, parent: Parent, handle: ContextHandle): Promise<void> {
  const own = zmq.Context.attach(handle);
  const sockets: InstanceType<Zmq["Pair"]>[] = [];
  parent.say("attached");
  for (;;) {
    const [what, ...args] = (await parent.heard()) as [string, ...unknown[]];
    try {
      if (what === "open") sockets.push(new zmq.Pair({ context: own }));
      else if (what === "close") await sockets.pop()?.close();
      else if (what === "bind") await sockets.at(-1)?.bind(args[0] as string);
      else if (what === "set") Object.assign(own, args[0]);
      else if (what === "terminate") await own.terminate();
      else if (what === "exit") process.exit();
      else if (what === "end") return;
      const { ipv6, maxSockets, ioThreads, ioMode, blocky, closed } = own;
      parent.say({ ipv6, maxSockets, ioThreads, ioMode, blocky, closed });
    } catch (error) {
      parent.say((error as ZmqError).code);
    }
  }
}

async function obedient(t: Parameters<typeof startThread>[0], own: Context): Promise<Thread> {
  const thread = startThread(t, obey, own.handle);
  assert.equal(await thread.said(), "attached");
  return thread;
}

function ask(thread: Thread, ...words: unknown[]): Promise<unknown> {
  thread.tell(words);
  return thread.said();
}

test("threads see one another's options at once", async (t) => {
  const own = new Context({ ipv6: true, maxSockets: 50, ioThreads: 3 });
  const thread = await obedient(t, own);
  const seen = { ipv6: true, maxSockets: 50, ioThreads: 3, ioMode: "loop", blocky: true, closed: false };
  assert.deepEqual(await ask(thread, "look"), seen);
  own.blocky = false;
  own.ioMode = "background";
  assert.deepEqual(await ask(thread, "look"), { ...seen, blocky: false, ioMode: "background" });
  await ask(thread, "set", { ipv6: false, maxSockets: 7, ioMode: "loop" });
  assert.deepEqual([own.ipv6, own.maxSockets, own.ioMode], [false, 7, "loop"]);
  assert.equal(await ask(thread, "set", { maxSockets: 0 }), "EINVAL");
  assert.equal(own.maxSockets, 7);
  assert.equal(closing(t, new Push({ context: own })).linger, 0);
  // Another context has its own.
  assert.deepEqual([new Context().maxSockets, context.maxSockets], [1023, 1023]);
});

test("ioMode stays once a socket was made in any thread", async (t) => {
  const own = new Context({ ioMode: "background" });
  const thread = await obedient(t, own);
  own.ioMode = "loop";
  await ask(thread, "open");
  await ask(thread, "close");
  assert.throws(() => (own.ioMode = "background"), { code: "EINVAL", message: /has made sockets/ });
  assert.equal(await ask(thread, "set", { ioMode: "background" }), "EINVAL");
  const other = new Context();
  closing(t, new Pull({ context: other }));
  assert.throws(() => (other.ioMode = "background"), { code: "EINVAL" });
});

// libzmq behaviour B110.
test("maxSockets counts the sockets of all threads", async (t) => {
  const own = new Context({ maxSockets: 3 });
  const first = closing(t, new Dealer({ context: own }));
  const thread = await obedient(t, own);
  await ask(thread, "open");
  const third = new Dealer({ context: own });
  assert.throws(() => new Dealer({ context: own }), { code: "EMFILE", message: /has 3 sockets/ });
  assert.equal(await ask(thread, "open"), "EMFILE");
  await third.close();
  assert.notEqual(await ask(thread, "open"), "EMFILE");
  assert.throws(() => new Dealer({ context: own }), { code: "EMFILE" });
  await ask(thread, "close");
  await closing(t, new Dealer({ context: own })).close();
  await first.close();
});

for (const how of ["end", "exit", "terminate()"]) {
  test(`a thread that left sockets open takes them out of the count and frees their names: ${how}`, async (t) => {
    const own = new Context({ maxSockets: 2 });
    const pair = closing(t, new Pair({ context: own }));
    const thread = await obedient(t, own);
    await ask(thread, "open");
    await ask(thread, "bind", "inproc://left");
    assert.equal(await codeOf(pair.bind("inproc://left")), "EADDRINUSE");
    assert.throws(() => new Pair({ context: own }), { code: "EMFILE" });
    if (how === "terminate()") await thread.worker.terminate();
    else thread.tell([how]);
    await thread.ended;
    let other: Pair | undefined;
    await until("room", () => {
      try {
        other = closing(t, new Pair({ context: own }));
      } catch {
        return false;
      }
      return true;
    });
    await other?.bind("inproc://left");
  });
}

test("two contexts never see one another's names, in whatever threads they are bound", async (t) => {
  const [one, two] = [new Context(), new Context()];
  const threads = [await obedient(t, one), await obedient(t, two)];
  for (const [i, thread] of threads.entries()) {
    await ask(thread, "open");
    assert.equal(typeof (await ask(thread, "bind", "inproc://same-name")), "object", `${i}`);
  }
  for (const own of [one, two]) {
    assert.equal(
      await codeOf(closing(t, new Pair({ context: own })).bind("inproc://same-name")),
      "EADDRINUSE",
    );
  }
  await closing(t, new Pair()).bind("inproc://same-name");
});

test("a handle goes by workerData and by postMessage, and on from there", async (t) => {
  const own = new Context();
  const reply = closing(t, new Reply({ context: own }));
  await reply.bind("inproc://greeting");
  const body = async (zmq: Zmq, parent: Parent, given: ContextHandle | null): Promise<void> => {
    const handle = given ?? ((await parent.heard()) as ContextHandle);
    const request = new zmq.Request({ context: zmq.Context.attach(handle) });
    request.connect("inproc://greeting");
    await request.send("hello");
    parent.say(String(await request.receive()));
    parent.say(zmq.Context.attach(handle).handle);
  };
  const greet = async (thread: Thread): Promise<ContextHandle> => {
    assert.equal(textOf(await reply.receive()), "hello");
    await reply.send("and hello");
    assert.equal(await thread.said(), "and hello");
    return (await thread.said()) as ContextHandle;
  };
  const handle = await greet(startThread(t, body, own.handle));
  const posted = startThread(t, body, null);
  posted.tell(handle);
  assert.equal(Context.attach(await greet(posted)), own);
});

// libzmq behaviour B107.
test("terminate in one thread ends what waits in another, and resolves when all have closed", async (t) => {
  const own = new Context();
  const thread = await obedient(t, own);
  const waiter = startThread(
    t,
    async (zmq: Zmq, parent: Parent, handle: ContextHandle) => {
      const pull = new zmq.Pull({ context: zmq.Context.attach(handle) });
      const received = pull.receive();
      parent.say("waits");
      await received.catch((error) => parent.say([error.code, pull.closed, pull.context.closed]));
      try {
        new zmq.Pull({ context: pull.context });
      } catch (error) {
        parent.say((error as ZmqError).code);
      }
    },
    own.handle,
  );
  assert.equal(await waiter.said(), "waits");
  const pull = new Pull({ context: own });
  const received = codeOf(pull.receive());
  await ask(thread, "open");
  assert.equal(((await ask(thread, "terminate")) as Context).closed, true);
  assert.equal(own.closed, true);
  assert.deepEqual(await waiter.said(), ["ETERM", true, true]);
  assert.equal(await waiter.said(), "ETERM");
  assert.equal(await waiter.ended, 0);
  assert.equal(await received, "ETERM");
  assert.throws(() => new Pull({ context: own }), { code: "ETERM" });
  assert.equal(pull.closed, true);
  await own.terminate();
});

test("terminate waits for what lingers in another thread", async (t) => {
  const own = new Context();
  const lingering = startThread(
    t,
    async (zmq: Zmq, parent: Parent, handle: ContextHandle) => {
      const push = new zmq.Push({ context: zmq.Context.attach(handle), linger: 300 });
      push.connect("tcp://127.0.0.1:9");
      await push.send("a");
      parent.say("sent");
      await parent.heard();
    },
    own.handle,
  );
  assert.equal(await lingering.said(), "sent");
  const begun = performance.now();
  await own.terminate();
  const tookMs = performance.now() - begun;
  assert.ok(tookMs >= 290 && tookMs < 5000, `${tookMs} ms`);
});

test("terminate does not wait for a thread that is gone, nor for one that goes meanwhile", async (t) => {
  const own = new Context();
  const stuck = startThread(
    t,
    (zmq: Zmq, parent: Parent, handle: ContextHandle) => {
      void new zmq.Pull({ context: zmq.Context.attach(handle) }).receive();
      parent.say("stuck");
      for (;;);
    },
    own.handle,
  );
  assert.equal(await stuck.said(), "stuck");
  let isDone = false;
  const terminated = own.terminate().then(() => (isDone = true));
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(isDone, false, "its socket is open");
  await stuck.worker.terminate();
  const begun = performance.now();
  await terminated;
  assert.ok(performance.now() - begun < 1000);
});

test("a thread that attaches to a context that was terminated finds it so", async (t) => {
  const own = new Context();
  const { handle } = own;
  await own.terminate();
  const thread = await obedient(t, own);
  assert.equal(((await ask(thread, "look")) as Context).closed, true);
  assert.equal(await ask(thread, "open"), "ETERM");
  assert.equal(Context.attach(handle).closed, true);
});

test("threads that terminate one context at the same time all see it end", async (t) => {
  const own = new Context();
  const threads = await Promise.all([1, 2, 3].map(() => obedient(t, own)));
  for (const thread of threads) await ask(thread, "open");
  const codes = codeOf(closing(t, new Pull({ context: own })).receive());
  const asked = threads.map((thread) => ask(thread, "terminate"));
  await own.terminate();
  for (const answer of await Promise.all(asked)) assert.equal((answer as Context).closed, true);
  assert.equal(await codes, "ETERM");
});

test("a handle that is read after sockets were made counts them and knows their names", async (t) => {
  const own = new Context({ maxSockets: 1 });
  const pair = closing(t, new Pair({ context: own }));
  await pair.bind("inproc://before");
  const thread = await obedient(t, own);
  assert.equal(await ask(thread, "open"), "EMFILE");
  own.maxSockets = 2;
  await ask(thread, "open");
  assert.equal(await ask(thread, "bind", "inproc://before"), "EADDRINUSE");
});

test("a context that was shared is forgotten with its sockets too", async () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const made = (() => {
    const own = new Context();
    const { handle } = own;
    const pull = new Pull({ context: Context.attach(handle) });
    const push = new Push({ context: own });
    const done = (async () => {
      await pull.bind("inproc://forgotten");
      push.connect("inproc://forgotten");
      await push.send("a");
      await pull.receive();
      await Promise.all([pull.close(), push.close()]);
    })();
    return { context: new WeakRef(own), directory: new Directory(handle.memory), done };
  })();
  await made.done;
  (made as { done: unknown }).done = null;
  assert.equal(made.directory.threads().length, 1);
  await until("left", () => made.directory.threads().length === 0);
  for (let i = 0; i < 50 && made.context.deref() !== undefined; i++) {
    await turns(2);
    gc();
  }
  assert.equal(made.context.deref(), undefined);
});
