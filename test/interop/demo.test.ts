import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { availability } from "./launch.ts";

const run = promisify(execFile);
const main = fileURLToPath(new URL(`../../tools/demo/main${import.meta.url.slice(-3)}`, import.meta.url));
const scenes = [
  "REQ and REP",
  "DEALER and ROUTER",
  "PUSH and PULL",
  "PUB and SUB",
  "XSUB, Proxy and XPUB",
  "PAIR",
  "STREAM",
];

/** The demo judges itself; here it must come to a good end, and say what it talks to. A non-zero exit code rejects. */
async function play(environment: Record<string, string>): Promise<string> {
  const options = { env: { ...process.env, ...environment }, timeout: 25_000 };
  const { stdout, stderr } = await run(process.execPath, [main, "--quick"], options);
  assert.equal(stderr, "");
  for (const scene of scenes) assert.ok(stdout.includes(`\n${scene}\n`), `no scene ${scene}`);
  assert.match(stdout, /every ledger balances/);
  assert.ok(!stdout.includes("\u001b"), "colours are for a terminal");
  return stdout;
}

const { missing } = availability("native");

test("the demo with libzmq", {
  timeout: 30_000,
  ...(missing === undefined ? {} : { skip: missing }),
}, async () => {
  assert.match(await play({}), /zeromq-ts talks to libzmq 4\.\d+\.\d+/);
});

test("the demo without libzmq says so", { timeout: 30_000 }, async () => {
  assert.match(
    await play({ INTEROP_WITHOUT: "native" }),
    /zeromq-ts talks to itself[\s\S]*no libzmq: not wanted/,
  );
});
