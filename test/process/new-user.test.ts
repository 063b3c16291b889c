// The way of a new user: the tarball installed into an empty folder, and the commands of the README from there to the
// sentence that says why a late subscriber lost messages. Under a minute, with nothing fetched.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../tidy/sources.ts";

const folder = mkdtempSync(join(tmpdir(), "zeromq-ts-new-user-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const npm = process.env.npm_execpath;
const quiet = { ...process.env, ZEROMQ_TS_WARNINGS: "", NO_COLOR: "1", npm_config_update_notifier: "false" };

function runNpm(cwd: string, ...args: string[]): void {
  const command = npm === undefined ? "npm" : process.execPath;
  const result = spawnSync(command, [...(npm === undefined ? [] : [npm]), ...args], {
    cwd,
    env: quiet,
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.equal(result.status, 0, result.stderr);
}

/** Starts the installed command; gives what it said, and how it ended. */
function zmq(...args: string[]) {
  const child = spawn(join(folder, "node_modules", ".bin", "zmq"), args, { cwd: folder, env: quiet });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return {
    get said() {
      return said;
    },
    ended,
    async until(wanted: RegExp): Promise<void> {
      for (const start = performance.now(); !wanted.test(said); await sleep(20))
        assert.ok(performance.now() - start < 20_000, `not said: ${wanted}\n${said}`);
    },
    stop: () => child.kill("SIGINT"),
  };
}

test("three commands lead from npm install to why a late subscriber lost messages", async (t) => {
  const start = performance.now();
  runNpm(root, "pack", "--ignore-scripts", "--pack-destination", folder);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) as string;
  writeFileSync(join(folder, "package.json"), "{}");
  runNpm(folder, "install", "--offline", "--no-audit", "--no-fund", join(folder, tarball));

  const endpoint = `ipc://${join(folder, "ticks")}`;
  const publisher = zmq("pub", `@${endpoint}`, "tick", "--count", "0", "--interval", "50", "--wait", "0");
  t.after(() => publisher.stop());
  await publisher.until(/listening at/);
  await sleep(500);
  const subscriber = zmq("sub", endpoint, "-n", "1");
  assert.equal(await subscriber.ended, 0, subscriber.said);
  assert.match(subscriber.said, /^tick$/m);
  await publisher.until(
    /\d+ messages were sent in the \d+ ms before the first subscription .* arrived, and nobody could get them/,
  );
  assert.match(publisher.said, /waitForSubscribers/);
  publisher.stop();
  await publisher.ended;
  assert.match(publisher.said, /no-subscriber \d+/);
  const seconds = (performance.now() - start) / 1000;
  t.diagnostic(`${seconds.toFixed(1)} s, packing and installing included`);
  assert.ok(seconds < 60, `${seconds} s`);
});
