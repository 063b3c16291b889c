import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { EXIT } from "../../../../src/cli/command.ts";
import { context, Push } from "../../../../src/index.ts";
import { ownRuntime } from "../../services/inspect/rig.ts";
import { zmq } from "../fake-io.ts";

const skip = process.platform === "win32" ? "Windows has no ipc" : false;
const PID = String(process.pid);

/** This process can be inspected, and has a socket that is bound there. */
async function open(t: TestContext): Promise<string> {
  ownRuntime(t);
  const inspection = await context.inspect();
  const push = new Push({ linger: 0 });
  t.after(async () => {
    await push.close();
    await inspection.close();
  });
  await push.bind("tcp://127.0.0.1:*");
  return push.lastEndpoint as string;
}

test("the sockets of a process as a table, and all that is known of them as JSON", { skip }, async (t) => {
  const endpoint = await open(t);
  const text = await zmq(t, "inspect", PID).ends(EXIT.ok);
  assert.match(
    text.out.text,
    new RegExp(`\\(${PID}\\): 1 sockets\n\nsocket .*lost\n-.*\n${endpoint} +\\d+ +PUSH +0 `),
  );
  const json = await zmq(t, "inspect", "--json", PID).ends(EXIT.ok);
  const [value] = json.out.values as [
    { pid: number; threads: unknown[]; sockets: { type: string; options: object }[] },
  ];
  assert.equal(json.out.lines.length, 1);
  assert.deepEqual([value.pid, value.threads.length, value.sockets.length], [process.pid, 1, 1]);
  assert.ok("sendHighWaterMark" in (value.sockets[0]?.options ?? {}));
});

test("--web prints the address with its token, lets nobody in without it, and ends with Ctrl-C", {
  skip,
}, async (t) => {
  await open(t);
  const run = zmq(t, "inspect", "--web", "--no-open", PID);
  const [, address = ""] = await run.out.said(/^(http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43})\n/);
  assert.equal((await fetch(address.split("?")[0] as string)).status, 403);
  const entered = await fetch(address, { redirect: "manual" });
  assert.equal(entered.status, 303);
  const cookie = (entered.headers.get("set-cookie") ?? "").split(";")[0] as string;
  const answer = await fetch(new URL("/state", address), { headers: { cookie } });
  const { processes } = (await answer.json()) as {
    processes: { pid: number; sockets: { type: string }[] }[];
  };
  assert.deepEqual(
    processes.map(({ pid, sockets }) => [pid, sockets.map(({ type }) => type)]),
    [[process.pid, ["PUSH"]]],
  );
  run.io.interrupt();
  await run.ends(EXIT.ok);
  await assert.rejects(fetch(address));
});

test("with --json the address is a value", { skip }, async (t) => {
  const run = zmq(t, "inspect", "--web", "--no-open", "--json");
  await run.out.said(/\n/);
  assert.match(String(run.out.values[0]?.["address"]), /^http:/);
});

test("what is no process is called wrong; a process that is not there is a failure", { skip }, async (t) => {
  ownRuntime(t);
  await zmq(t, "inspect", "nonsense").ends(EXIT.usage);
  await zmq(t, "inspect", "--web", "--port", "65536").ends(EXIT.usage);
  await zmq(t, "inspect", "--web", "ipc:///tmp/x/1-0.ipc").ends(EXIT.usage);
  const none = await zmq(t, "inspect", "999999999").ends(EXIT.failure);
  assert.match(none.err.text, /ENOENT/);
});
