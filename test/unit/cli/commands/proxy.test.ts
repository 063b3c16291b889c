import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../../../../src/cli/command.ts";
import { ANY, FakeIo, PATIENCE_MS, zmq, zmqWith } from "../fake-io.ts";
import { KeyFiles } from "../messaging/key-files.ts";

const BOUND = ANY.slice(1);

/** Where a proxy's sockets listen, in order. */
async function endpoints(run: ReturnType<typeof zmq>, count: number): Promise<string[]> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = [...run.err.text.matchAll(/listening at (\S+?)["\n]/g)].map(
      ([, endpoint]) => endpoint as string,
    );
    if (found.length >= count) return found;
    if (performance.now() > deadline) assert.fail(run.err.text);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("a queue carries requests and replies, and shows a copy of each", async (t) => {
  const seen = zmq(t, "pull", ANY, "-n", "2", "-d", "|");
  const proxy = zmq(t, "proxy", "queue", BOUND, BOUND, "--capture", `push>${await seen.endpoint()}`);
  const [front, back] = (await endpoints(proxy, 2)) as [string, string];
  zmq(t, "rep", back, "--reply", "pong");
  const req = await zmq(t, "req", front, "ping").ends(EXIT.ok);
  assert.deepEqual(req.out.lines, ["pong"]);
  await seen.ends(EXIT.ok);
  assert.deepEqual(
    seen.out.lines.map((line) => line.split("|").at(-1)),
    ["ping", "pong"],
  );
  proxy.io.interrupt();
  await proxy.ends(EXIT.ok);
  assert.match(
    proxy.err.text,
    /frontend received 1, sent 1; backend received 1, sent 1; capture received 0, sent 2/,
  );
});

test("a forwarder carries subscriptions and what is published", async (t) => {
  const proxy = zmq(t, "proxy", "forwarder", BOUND, BOUND);
  const [front, back] = (await endpoints(proxy, 2)) as [string, string];
  const sub = zmq(t, "sub", back, "-t", "A", "-n", "1");
  await zmq(t, "pub", front, "A1").ends(EXIT.ok);
  await sub.ends(EXIT.ok);
  assert.deepEqual(sub.out.lines, ["A1"]);
});

test("the sides are named one by one; with --json the rates come each second", async (t) => {
  const pull = zmq(t, "pull", ANY, "-n", "1");
  const args = ["--json", "-f", `pull${ANY}`, "-b", `push>${await pull.endpoint()}`];
  const proxy = zmq(t, "proxy", ...args);
  const [front] = (await endpoints(proxy, 1)) as [string];
  await zmq(t, "push", front, "x").ends(EXIT.ok);
  await pull.ends(EXIT.ok);
  await proxy.out.said(/"rates".*\n/);
  const [{ rates }] = proxy.out.values as [{ rates: { name: string }[] }];
  assert.deepEqual(
    rates.map(({ name }) => name),
    ["frontend", "backend"],
  );
});

test("on a terminal the rates stand in a line that changes", async (t) => {
  const io = new FakeIo();
  io.stderr.isTerminal = true;
  const proxy = zmqWith(t, io, "proxy", "streamer", BOUND, BOUND);
  await io.stderr.said(/frontend 0\/s in, 0\/s out; backend/);
  io.interrupt();
  await proxy.ends(EXIT.ok);
});

test("what is no proxy is a usage error", async (t) => {
  for (const args of [
    [],
    ["queue", BOUND],
    ["queue", BOUND, BOUND, BOUND],
    ["nonsense", BOUND, BOUND],
    ["-f", BOUND, "-b", BOUND],
    ["-f", "sub@tcp://*:1", "-b", `pub${ANY}`],
    ["queue", "tcp://127.0.0.1:none", BOUND],
    ["queue", BOUND, BOUND, "--set", "nonsense=1"],
  ]) {
    await zmq(t, "proxy", ...args).ends(EXIT.usage);
  }
});

test("what is bound is a server, what connects a client, and --secure leaves other sides in clear text", async (t) => {
  const files = new KeyFiles(t);
  const { publicKey } = await files.pair("server");
  const own = ["--curve-cert", files.path("server")];
  const far = zmq(t, "pull", ANY, "-n", "1", "--curve-server", ...own);
  const sides = ["-f", `pull@${BOUND}`, "-b", `push>${await far.endpoint()}`];
  const client = ["--curve-server-key", publicKey];
  const both = zmq(t, "proxy", ...sides, "--curve-server", ...client, ...own);
  const [front] = (await endpoints(both, 1)) as [string];
  await zmq(t, "push", front, "sealed", ...client).ends(EXIT.ok);
  await far.ends(EXIT.ok);
  assert.deepEqual(far.out.lines, ["sealed"]);

  const unsure = await zmq(t, "proxy", ...sides, "--curve-server", ...own).ends(EXIT.usage);
  assert.match(unsure.err.text, /The backend is connected, and needs --curve-server-key/);
  for (const wrong of [
    ["--secure", "frontend"],
    ["--secure", "nothing", "--curve-server", ...own],
  ])
    await zmq(t, "proxy", ...sides, ...wrong).ends(EXIT.usage);

  const half = zmq(t, "proxy", "streamer", BOUND, BOUND, "--secure", "frontend", "--curve-server", ...own);
  const [secure, clear] = (await endpoints(half, 2)) as [string, string];
  const near = zmq(t, "pull", clear, "-n", "1");
  await zmq(t, "push", secure, "half", ...client).ends(EXIT.ok);
  await near.ends(EXIT.ok);
  assert.deepEqual(near.out.lines, ["half"]);
});

test("a proxy with a control is paused, asked, and ended from outside", async (t) => {
  const proxy = zmq(t, "proxy", "streamer", BOUND, BOUND, "--control", BOUND);
  const [front, back, control] = (await endpoints(proxy, 3)) as [string, string, string];
  const ask = async (command: string): Promise<string[]> => {
    const { out } = await zmq(t, "req", control, command, "--json").ends(EXIT.ok);
    return (out.values as [{ frames: string[] }])[0].frames;
  };
  const pull = zmq(t, "pull", back, "-n", "2");
  await zmq(t, "push", front, "1").ends(EXIT.ok);
  await pull.out.said(/1\n/);
  assert.deepEqual(await ask("PAUSE"), [""]);
  await zmq(t, "push", front, "2").ends(EXIT.ok);
  // Of 64 bits in this machine's order, and small enough to be text: what came since waits in the front end.
  const counts = Buffer.from((await ask("STATISTICS")).join(""));
  const [frameCount, size] = new BigUint64Array(Uint8Array.from(counts).buffer);
  assert.deepEqual([frameCount, size], [1n, 1n]);
  assert.deepEqual(pull.out.lines, ["1"]);
  assert.deepEqual(await ask("RESUME"), [""]);
  await pull.ends(EXIT.ok);
  assert.deepEqual(pull.out.lines, ["1", "2"]);
  assert.deepEqual(await ask("TERMINATE"), [""]);
  await proxy.ends(EXIT.ok);
  assert.match(proxy.err.text, /frontend received 2, sent 0; backend received 0, sent 2\n/);
});

test("the control may be of another type, connect, and show the rates while it lasts", async (t) => {
  const push = zmq(t, "push", ANY, "PAUSE", "nonsense", "TERMINATE");
  const control = `pull>${await push.endpoint()}`;
  const proxy = zmq(t, "proxy", "queue", BOUND, BOUND, "--control", control, "--json");
  await proxy.ends(EXIT.ok);
  await push.ends(EXIT.ok);

  const pub = zmq(t, "pub", ANY, "TERMINATE");
  const of = zmq(t, "proxy", "queue", BOUND, BOUND, "--control", `sub>${await pub.endpoint()}`);
  await of.ends(EXIT.ok);
});

test("what cannot steer a proxy is a usage error, and a control is secured like the other sides", async (t) => {
  const wrong = await zmq(t, "proxy", "queue", BOUND, BOUND, "--control", `router${ANY}`).ends(EXIT.usage);
  assert.match(wrong.err.text, /no control of a proxy: .* one of rep, pair, dealer, pull, sub/);
  await zmq(t, "proxy", "queue", BOUND, BOUND, "--control", "nonsense").ends(EXIT.usage);
  const files = new KeyFiles(t);
  const { publicKey } = await files.pair("server");
  const server = ["--curve-server", "--curve-cert", files.path("server")];
  const args = ["queue", BOUND, BOUND, "--control", BOUND, "--secure", "control", ...server];
  const proxy = zmq(t, "proxy", ...args);
  const [, , control] = (await endpoints(proxy, 3)) as [string, string, string];
  await zmq(t, "req", control, "TERMINATE", "--curve-server-key", publicKey).ends(EXIT.ok);
  await proxy.ends(EXIT.ok);
});
