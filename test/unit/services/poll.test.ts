// pollSync with other threads that the test plays; with real ones: test/process/blocking.test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pipe } from "../../../src/pipe/pipe.ts";
import type { PollResult } from "../../../src/services/poll.ts";
import { pollSync } from "../../../src/services/poll.ts";
import { Pair } from "../../../src/sockets/pair.ts";
import { Pull } from "../../../src/sockets/pipeline/pull.ts";
import { Push } from "../../../src/sockets/pipeline/push.ts";
import { Request } from "../../../src/sockets/reqrep/req.ts";
import { textOf } from "../../peers/sockets.ts";
import { Far, read, takes, throwsCode, write } from "../core/blocking-rig.ts";

/** What was found of each: `r`, `w` or `rw`. */
function shown(results: readonly PollResult[]): string[] {
  return results.map(({ readable, writable }) => `${readable ? "r" : ""}${writable ? "w" : ""}`);
}

/** Sockets of one type, each with a peer in another thread, whose ends follow. */
function several<S extends Pair | Pull>(far: Far, count: number, make: () => S): [S[], Pipe[]] {
  const sockets = Array.from({ length: count }, make);
  const ends = sockets.map((socket, i) => {
    socket.connect(`far://${i}`);
    return far.end;
  });
  return [sockets, ends];
}

test("pollSync gives the sockets that are ready, in order, and leaves their messages there", (t) => {
  const far = new Far(t);
  const [pulls, ends] = several(far, 3, () => new Pull({ context: far.context }));
  write(ends[2] as Pipe, "c");
  write(ends[0] as Pipe, "a");
  for (const timeoutMs of [-1, 0, 100]) {
    const results = pollSync(pulls, { timeoutMs });
    assert.deepEqual(
      results.map(({ socket }) => pulls.indexOf(socket)),
      [0, 2],
    );
    assert.deepEqual(shown(results), ["r", "r"]);
  }
  assert.deepEqual(
    pollSync(pulls).map(({ socket }) => textOf(socket.receiveSync())),
    ["a", "c"],
  );
  assert.ok(!far.share.blocks.includes(-1), "it never had to wait");
});

test("pollSync blocks until one is ready, whatever else comes meanwhile", (t) => {
  const far = new Far(t);
  const [pulls, ends] = several(far, 2, () => new Pull({ context: far.context }));
  far.share
    .later(1e6, () => undefined)
    .later(10, () => undefined)
    .later(30, () => write(ends[1] as Pipe, "b"));
  let results: PollResult<Pull>[] = [];
  takes(1e6 + 40, () => {
    results = pollSync(pulls);
  });
  assert.deepEqual(
    results.map(({ socket }) => socket),
    [pulls[1]],
  );
});

test("pollSync gives nothing when its time is over; 0 looks once", (t) => {
  const far = new Far(t);
  const [pulls, ends] = several(far, 2, () => new Pull({ context: far.context }));
  takes(40, () => assert.deepEqual(pollSync(pulls, { timeoutMs: 40 }), []));
  takes(0, () => assert.deepEqual(pollSync(pulls, { timeoutMs: 0 }), []));
  far.share.later(0, () => write(ends[0] as Pipe, "a"));
  assert.deepEqual(shown(pollSync(pulls, { timeoutMs: 0 })), ["r"], "0 takes what has come");
});

test("a socket that is ready hides no news of the others", (t) => {
  const far = new Far(t);
  const [pulls, ends] = several(far, 2, () => new Pull({ context: far.context }));
  write(ends[0] as Pipe, "busy");
  far.share.later(0, () => write(ends[1] as Pipe, "quiet"));
  assert.deepEqual(shown(pollSync(pulls)), ["r", "r"]);
  assert.deepEqual(far.share.blocks, [0], "one look for all sockets of a context");
});

test("pollSync tells room to send from messages to receive, as it was asked", (t) => {
  const far = new Far(t, { hwm: 1 });
  const [[pair], [end]] = several(far, 1, () => new Pair({ context: far.context })) as [[Pair], [Pipe]];
  const asked = { socket: pair, readable: true, writable: true };
  assert.deepEqual(pollSync([asked]), [{ socket: pair, readable: false, writable: true }]);
  assert.deepEqual(shown(pollSync([{ socket: pair, writable: true }])), ["w"], "readable is the default");
  assert.deepEqual(pollSync([pair], { timeoutMs: 0 }), []);
  pair.sendSync("fills");
  write(end, "a");
  assert.deepEqual(shown(pollSync([asked])), ["r"]);
  assert.deepEqual(pollSync([{ ...asked, readable: false }], { timeoutMs: 5 }), []);
  far.share.later(5, () => read(end));
  assert.deepEqual(shown(pollSync([{ ...asked, readable: false }])), ["w"]);
  assert.deepEqual(shown(pollSync([asked])), ["rw"]);
  const request = new Request({ context: far.context });
  request.connect("far://request");
  const both = { socket: request, writable: true };
  assert.deepEqual(shown(pollSync([both])), ["w"]);
  request.sendSync("question");
  far.share.later(5, () => write(far.end, "", "answer"));
  assert.deepEqual(shown(pollSync([both])), ["r"], "a request is owed its reply");
});

// zmq_poll: "duplicates allowed (per-item revents)".
test("a socket may be named twice, and is looked at twice", (t) => {
  const far = new Far(t);
  const [[pair], [end]] = several(far, 1, () => new Pair({ context: far.context })) as [[Pair], [Pipe]];
  write(end, "a");
  const results = pollSync([pair, { socket: pair, readable: false, writable: true }, pair]);
  assert.deepEqual(shown(results), ["r", "w", "r"]);
  assert.ok(results.every(({ socket }) => socket === pair));
});

test("a socket on which calls wait is not ready: they come first", async (t) => {
  const far = new Far(t);
  const [[pull], [end]] = several(far, 1, () => new Pull({ context: far.context })) as [[Pull], [Pipe]];
  const waiting = pull.receiveMany();
  write(end, "a");
  assert.deepEqual(pollSync([pull], { timeoutMs: 0 }), []);
  assert.equal(textOf((await waiting)[0]), "a");
});

test("a context that is terminated meanwhile is ETERM, a closed socket EBADF", async (t) => {
  const far = new Far(t);
  const [pulls] = several(far, 2, () => new Pull({ context: far.context }));
  far.share.later(10, () => void pulls[1]?.close());
  throwsCode("EBADF", () => pollSync(pulls));
  throwsCode("EBADF", () => pollSync(pulls, { timeoutMs: 0 }));
  far.share.later(10, () => void far.context.terminate());
  throwsCode("ETERM", () => pollSync(pulls.slice(0, 1)));
});

test("what is no socket is EINVAL, and so is a wrong time", (t) => {
  const far = new Far(t);
  const pull = new Pull({ context: far.context });
  for (const wrong of [undefined, null, 5, {}, { socket: {} }, { readable: true }, "pull"]) {
    assert.throws(() => pollSync([pull, wrong as never], { timeoutMs: 0 }), {
      code: "EINVAL",
      message: /takes sockets of this package/,
    });
  }
  assert.throws(() => pollSync(pull as never), { code: "EINVAL", message: /takes an array/ });
  throwsCode("EINVAL", () => pollSync([pull], { timeoutMs: Number.NaN }));
});

test("EDEADLK where this thread serves one of the sockets, though others might be ready", async (t) => {
  const far = new Far(t);
  const [[pull], [end]] = several(far, 1, () => new Pull({ context: far.context })) as [[Pull], [Pipe]];
  const served = new Pull({ context: far.context });
  await served.bind("tcp://127.0.0.1:*");
  write(end, "a");
  assert.throws(() => pollSync([pull, served]), {
    code: "EDEADLK",
    message: new RegExp(`^Pull ${served.lastEndpoint} must not block`),
  });
  assert.deepEqual(shown(pollSync([pull, served], { timeoutMs: 0 })), ["r"]);
});

test("EDEADLK where none can be woken; one that can is enough", (t) => {
  const far = new Far(t);
  const [[pull], [end]] = several(far, 1, () => new Pull({ context: far.context })) as [[Pull], [Pipe]];
  const idle = new Pull({ context: far.context });
  const idler = new Push({ context: far.context });
  assert.throws(() => pollSync([idle, idler], { timeoutMs: 10 }), {
    code: "EDEADLK",
    message: /^Pull without an endpoint would wait for ever/,
  });
  assert.deepEqual(pollSync([idle, idler], { timeoutMs: 0 }), []);
  far.share.later(5, () => write(end, "a"));
  assert.deepEqual(shown(pollSync([idle, pull])), ["r"]);
  pull.receiveSync();
  far.share.later(5, () => end.close("peer-gone"));
  throwsCode("EDEADLK", () => pollSync([idle, pull]), "the last that could wake it has left");
});

test("an empty list sleeps for its time, and is EDEADLK for ever; so is a list that asks for nothing", (t) => {
  const start = performance.now();
  assert.deepEqual(pollSync([], { timeoutMs: 60 }), []);
  const sleptMs = performance.now() - start;
  assert.ok(sleptMs >= 59 && sleptMs < 5_000, `${sleptMs} ms`);
  assert.deepEqual(pollSync([], { timeoutMs: 0 }), []);
  assert.throws(() => pollSync([]), { code: "EDEADLK", message: /given nothing to wait for/ });
  const far = new Far(t);
  const [[pair], [end]] = several(far, 1, () => new Pair({ context: far.context })) as [[Pair], [Pipe]];
  write(end, "a");
  const nothing = { socket: pair, readable: false };
  assert.throws(() => pollSync([nothing]), { code: "EDEADLK", message: /given nothing to wait for/ });
  takes(30, () => assert.deepEqual(pollSync([nothing], { timeoutMs: 30 }), []));
});

test("sockets of several contexts are looked at, and not waited for together", (t) => {
  const [one, other] = [new Far(t), new Far(t)] as const;
  const [[pull]] = several(one, 1, () => new Pull({ context: one.context })) as [[Pull], [Pipe]];
  const [[second], [end]] = several(other, 1, () => new Pull({ context: other.context })) as [[Pull], [Pipe]];
  assert.throws(() => pollSync([pull, second]), { code: "ENOTSUP", message: /sockets of one context/ });
  other.share.later(0, () => write(end, "a"));
  assert.deepEqual(pollSync([pull, second], { timeoutMs: 0 }), [
    { socket: second, readable: true, writable: false },
  ]);
});
