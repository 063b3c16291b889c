import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { Context, context, Push, Reply } from "../../../../src/index.ts";
import { ownRuntime } from "../../services/inspect/rig.ts";
import { zmq } from "../fake-io.ts";
import { KeyFiles } from "../messaging/key-files.ts";

const skip = process.platform === "win32" ? "Windows has no ipc" : false;

async function openHere(t: TestContext): Promise<string> {
  ownRuntime(t);
  const inspection = await context.inspect();
  t.after(() => inspection.close());
  return String(process.pid);
}

/** A socket that lost a message when it closed. */
async function lose(t: TestContext, endpoint: string): Promise<void> {
  const own = new Context();
  t.after(() => own.terminate());
  const keep = new Push({ context: own });
  const push = new Push({ context: own, linger: 1 });
  push.connect(endpoint);
  await push.send("lost");
  await push.close();
  assert.ok(!keep.closed);
}

test("a healthy process is told so, with 0", { skip }, async (t) => {
  const pid = await openHere(t);
  const run = await zmq(t, "doctor", pid).ends(0);
  assert.match(
    run.out.text,
    new RegExp(`^doctor\\.test\\.js \\(${pid}\\): 0 sockets, 0 peers, up .*: all is well\n$`),
  );
});

test("errors are shown with their remedy and end with 1", { skip }, async (t) => {
  const pid = await openHere(t);
  await lose(t, "tcp://127.0.0.1:1");
  const run = await zmq(t, "doctor", pid).ends(1);
  assert.match(run.out.text, /1 error/);
  assert.match(run.out.text, / {2}error linger-cut {2}Push tcp:\/\/127\.0\.0\.1:1/);
  assert.match(run.out.text, / {4}> \w/);
  const json = await zmq(t, "doctor", pid, "--json").ends(1);
  const [value] = json.out.values as { findings: { code: string; pid: number }[] }[];
  assert.deepEqual(
    value?.findings.map((finding) => [finding.code, finding.pid]),
    [["linger-cut", process.pid]],
  );
});

test("--watch tells what is new, once, and ends with 0 on Ctrl-C", { skip }, async (t) => {
  const pid = await openHere(t);
  const run = zmq(t, "doctor", pid, "--watch", "--interval", "100", "--json");
  await lose(t, "tcp://127.0.0.1:2");
  await run.out.said(/"state":"new".*linger-cut.*127\.0\.0\.1:2/);
  await new Promise((resolve) => setTimeout(resolve, 400));
  run.io.interrupt();
  await run.ends(0);
  assert.equal(run.out.lines.filter((line) => /linger-cut.*127\.0\.0\.1:2/.test(line)).length, 1);
});

test("an endpoint is examined: its type, and whether another fits", async (t) => {
  const own = new Context();
  t.after(() => own.terminate());
  const reply = new Reply({ context: own });
  await reply.bind("tcp://127.0.0.1:*");
  const endpoint = reply.lastEndpoint as string;
  const run = await zmq(t, "doctor", endpoint).ends(0);
  assert.match(run.out.text, /^up tcp.*\n {2}A REP socket/);
  assert.match((await zmq(t, "doctor", endpoint, "--as", "req").ends(0)).out.text, /^up/);
  const unfit = await zmq(t, "doctor", endpoint, "--as", "PUB", "--json").ends(1);
  assert.match(String(unfit.out.values[0]?.trouble), /PUB socket cannot talk to a REP/);
  assert.match(
    (await zmq(t, "doctor", endpoint, "--mechanism", "curve").ends(1)).out.text,
    /mechanism is NULL, not CURVE/,
  );
});

test("where nobody is, it ends with 1; what is no endpoint, with 2", async (t) => {
  const nobody = await zmq(t, "doctor", "tcp://127.0.0.1:1", "--json").ends(1);
  assert.equal((nobody.out.values as { error: { code: string } }[])[0]?.error.code, "ECONNREFUSED");
  for (const wrong of [["tcp://127.0.0.1"], ["inproc://x"], ["udp://a:1"], ["tcp://a:1", "tcp://b:2"]])
    await zmq(t, "doctor", ...wrong).ends(2);
  assert.match(
    (await zmq(t, "doctor", "tcp://127.0.0.1:1", "--as", "rub").ends(2)).err.text,
    /--as takes one of/,
  );
});

test("with credentials it finishes the handshake of a secure endpoint, and says what is wrong with them", async (t) => {
  const files = new KeyFiles(t);
  const { publicKey } = await files.pair("server");
  const args = ["--curve-server", "--curve-cert", files.path("server")];
  const rep = zmq(t, "rep", "@tcp://127.0.0.1:*", ...args);
  const endpoint = await rep.endpoint();
  const without = await zmq(t, "doctor", endpoint, "--json").ends(1);
  assert.deepEqual([without.out.values[0]?.mechanism, without.out.values[0]?.socketType], ["CURVE", null]);
  const key = ["--curve-server-key", publicKey];
  const run = await zmq(t, "doctor", endpoint, ...key, "--as", "req").ends(0);
  assert.match(run.out.text, /A REP socket is at .*, CURVE\), and accepts our\s+credentials/);
  await zmq(t, "doctor", endpoint, ...key, "--as", "sub").ends(1);
  const wrong = (await files.pair("other")).publicKey;
  const other = await zmq(t, "doctor", endpoint, "--curve-server-key", wrong).ends(1);
  assert.match(other.out.text, /refused us.\s+It ended the connection at our HELLO/);
  const plain = ["--plain-username", "joe", "--plain-password", "sesame"];
  const unlike = await zmq(t, "doctor", endpoint, ...plain, "--json").ends(1);
  assert.match(String(unlike.out.values[0]?.trouble), /mechanism is CURVE, not PLAIN/);
  assert.doesNotMatch(unlike.out.text + unlike.err.text, /sesame/);
  for (const useless of [
    [endpoint, ...key, "--mechanism", "plain"],
    [String(process.pid), ...key],
  ])
    await zmq(t, "doctor", ...useless).ends(2);
});
