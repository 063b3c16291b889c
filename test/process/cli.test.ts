// The command in a shell: pairs of processes, pipes, signals, exit codes.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { test } from "node:test";
import type { CommandEnd } from "./command.ts";
import { MAIN, shell, start, zmq } from "./command.ts";

const isWindows = process.platform === "win32";
const noShell = { skip: isWindows && "there is no sh here" };
const noSignals = { skip: isWindows && "there are no signals here" };

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "zeromq-ts-cli-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function endpointsOf(t: TestContext): string[] {
  return ["tcp://127.0.0.1:*", ...(isWindows ? [] : [`ipc://${join(folder(t), "socket")}`])];
}

/** It ended with this code, and said nothing that is not expected. */
function assertEnd(end: CommandEnd, status: number, stderr: RegExp = /^(listening at \S+\n)?$/): void {
  assert.deepEqual([end.status, end.signal], [status, null], end.stderr);
  assert.match(end.stderr, stderr);
}

test("push to pull, over every transport: lines of stdin arrive as lines", async (t) => {
  for (const endpoint of endpointsOf(t)) {
    const pull = zmq(t, "pull", "-b", endpoint, "-n", "1000");
    const push = zmq(t, "push", await pull.endpoint());
    const lines = Array.from({ length: 1_000 }, (_, at) => `line ${at}\n`).join("");
    push.stdin.end(lines);
    assertEnd(await push.ended, 0);
    const end = await pull.ended;
    assertEnd(end, 0);
    assert.equal(end.stdout.toString(), lines);
  }
});

test("pub to sub: the only message arrives", async (t) => {
  const pub = zmq(t, "pub", "@tcp://127.0.0.1:*", "-t", "weather", "sunny");
  const sub = zmq(t, "sub", await pub.endpoint(), "-t", "wea", "-n", "1", "--json");
  // It says that it waits where that takes a while.
  assertEnd(await pub.ended, 0, /^listening at \S+\n(waiting for a subscriber at \S+\n)?$/);
  const end = await sub.ended;
  assertEnd(end, 0);
  assert.equal(end.stdout.toString(), '{"frames":["weather","sunny"]}\n');
});

test("req to rep; a file of any octets goes through as it is", async (t) => {
  const path = join(folder(t), "body");
  const body = randomBytes(300_000);
  writeFileSync(path, body);
  const rep = zmq(t, "rep", "@tcp://127.0.0.1:*", "-n", "1", "--raw");
  const req = zmq(t, "req", await rep.endpoint(), "--file", path, "--raw");
  const asked = await req.ended;
  assertEnd(asked, 0);
  assert.ok(asked.stdout.equals(body));
  assertEnd(await rep.ended, 0);
});

test("commands make pipes: what one prints as JSON another sends on", noShell, async (t) => {
  const last = zmq(t, "pull", "@tcp://127.0.0.1:*", "-n", "2", "-d", "|");
  const first = shell(
    t,
    `zmq pull @tcp://127.0.0.1:* -n 2 --json | zmq push ${await last.endpoint()} --json`,
  );
  const push = zmq(t, "push", await first.endpoint(), "-f", "a", "-f", "b", "--count", "2");
  assertEnd(await push.ended, 0);
  assert.equal((await first.ended).status, 0);
  const end = await last.ended;
  assertEnd(end, 0);
  assert.equal(end.stdout.toString(), "a|b\na|b\n");
});

test("| head -1 ends it quietly", noShell, async (t) => {
  const push = zmq(t, "push", "@tcp://127.0.0.1:*", "x", "--count", "0", "--interval", "5ms");
  const line = shell(t, `{ zmq pull ${await push.endpoint()}; echo "exit code $?" >&2; } | head -1`);
  const end = await line.ended;
  assert.equal(end.stdout.toString(), "x\n");
  assert.equal(end.stderr, "exit code 0\n");
  assert.equal(end.status, 0);
  push.kill("SIGINT");
  assert.equal((await push.ended).status, 0);
});

test(
  "Ctrl-C says what was done: 0 for what listens, 130 and 143 for what was not done",
  noSignals,
  async (t) => {
    const summary = /\nsent 0; received 0; dropped 0\n$/;
    const cases = [
      [["sub"], "SIGINT", 0],
      [["pull", "-n", "1"], "SIGINT", 130],
      [["pull", "-n", "1"], "SIGTERM", 143],
      [["rep", "-n", "1"], "SIGINT", 130],
      [["push", "x", "--wait", "-1"], "SIGINT", 130],
    ] as const;
    await Promise.all(
      cases.map(async ([args, signal, status]) => {
        const command = zmq(t, ...args, "-b", "tcp://127.0.0.1:*");
        await command.endpoint();
        command.kill(signal);
        assertEnd(await command.ended, status, summary);
      }),
    );
  },
);

test("Ctrl-C bounds the wait for what nobody takes, and says that it is lost", noSignals, async (t) => {
  const push = zmq(t, "push", "tcp://127.0.0.1:1", "x", "--wait", "0");
  await push.said(/waiting until 1 more/);
  const beganAt = performance.now();
  push.kill("SIGINT");
  assertEnd(await push.ended, 130, /warning: 1 message was lost: the command ended first/);
  assert.ok(performance.now() - beganAt < 5_000);
});

test("called wrongly it says how, and ends with 2; nothing in time is 3, a failure 1", async (t) => {
  for (const [args, status, sentence] of [
    [[], 2, /^zmq: ZeroMQ sockets on the command line\n/],
    [["nonsense"], 2, /^zmq: there is no command "nonsense"/],
    [
      ["pull", "tcp://127.0.0.1:5555", "--nonsense"],
      2,
      /^zmq pull: Unknown option '--nonsense'\. See: zmq pull --help\n$/,
    ],
    [["pull", "@tcp://127.0.0.1:*", "--timeout", "20"], 3, /^listening/],
    [["push", "@tcp://127.0.0.1:*", "x", "--wait", "20"], 3, /warning: No peer came/],
    [["push", "@ipc:///nonexistent/folder/x", "x"], 1, /^zmq push: E[A-Z]+: /],
  ] as const) {
    assertEnd(await zmq(t, ...args).ended, status, sentence);
  }
});

test("the help is printed on stdout, without colours where there is no terminal", async (t) => {
  for (const args of [["--help"], ["help", "pub"], ["sub", "-h"]]) {
    const end = await zmq(t, ...args).ended;
    assertEnd(end, 0);
    assert.match(end.stdout.toString(), /Usage: zmq/);
    assert.ok(!end.stdout.includes("\x1b"));
  }
});

test("on a terminal it has colours, unless NO_COLOR is set", async (t) => {
  const script = spawnSync("script", ["-qec", "true", "/dev/null"], { stdio: "ignore", timeout: 10_000 });
  if (script.status !== 0) return t.skip("there is no script(1) to make a terminal");
  const show = (env: object): string =>
    spawnSync("script", ["-qec", `"${process.execPath}" "${MAIN}" --help`, "/dev/null"], {
      encoding: "utf8",
      timeout: 10_000,
      env: { ...process.env, TERM: "xterm", ...env },
    }).stdout;
  assert.ok(show({ NO_COLOR: "" }).includes("\x1b[1m"));
  assert.ok(!show({ NO_COLOR: "1" }).includes("\x1b["));
});

test("what the package warns of is said as the command says things", async (t) => {
  const preload = `setTimeout(() => process.emitWarning("Beware.", { code: "ZMQ_EXAMPLE" }), 300)`;
  for (const [args, said] of [
    [[], /^warning: Beware\.$/m],
    [["--json"], /^\{"warning":"Beware\.","code":"ZMQ_EXAMPLE"\}$/m],
  ] as const) {
    const node = ["--import", `data:text/javascript,${encodeURIComponent(preload)}`, MAIN];
    const pull = start(t, process.execPath, [...node, "pull", "@tcp://127.0.0.1:*", ...args]);
    await pull.said(said);
    pull.kill("SIGKILL");
    assert.doesNotMatch((await pull.ended).stderr, /\(node:\d+\)/);
  }
});

test("the file that npm links to begins with its interpreter", () => {
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
    readonly bin: Record<string, string>;
  };
  assert.deepEqual(manifest.bin, { zmq: "./dist/cli/main.js" });
  assert.match(readFileSync(MAIN, "utf8"), /^#!\/usr\/bin\/env node\n/);
});
