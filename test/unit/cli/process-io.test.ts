import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const PROCESS_IO = new URL("../../../src/cli/process-io.js", import.meta.url).href;

/** What a program of these lines says, with an `io` of its own. */
function said(lines: string, env: NodeJS.ProcessEnv = {}): { status: number | null; stdout: string } {
  const text = `const { processIo } = await import(${JSON.stringify(PROCESS_IO)}); const io = processIo();\n${lines}`;
  const args = ["--input-type=module", "-e", text];
  return spawnSync(process.execPath, args, {
    encoding: "utf8",
    timeout: 20_000,
    env: { ...process.env, ...env },
  });
}

test("what is no terminal has no colours and 80 columns", () => {
  const { stdout } = said(
    "await io.stdout.write(JSON.stringify([io.stdout.isTerminal, io.stdout.isColoured, io.stdout.columns]));",
  );
  assert.equal(stdout, "[false,false,80]");
});

test("a terminal has colours, unless NO_COLOR is set or it is dumb", () => {
  const lines = "process.stdout.isTTY = true; await io.stdout.write(String(io.stdout.isColoured));";
  assert.equal(said(lines, { NO_COLOR: "", TERM: "xterm" }).stdout, "true");
  assert.equal(said(lines, { NO_COLOR: "1", TERM: "xterm" }).stdout, "false");
  assert.equal(said(lines, { NO_COLOR: "", TERM: "dumb" }).stdout, "false");
});

test("Ctrl-C aborts the signal, and the second one ends the process", () => {
  const lines = `
    process.emit("SIGINT");
    await io.stdout.write(io.signal.aborted + " " + io.signal.reason.exitCode);
    setInterval(() => process.emit("SIGINT"), 10);`;
  const { stdout, status } = said(lines);
  assert.equal(stdout, "true 130");
  assert.equal(status, 130);
});

test("an output that nobody reads is an interruption with exit code 0", () => {
  const lines = `
    process.stdout._write = (chunk, encoding, done) => done(Object.assign(new Error("EPIPE"), { code: "EPIPE" }));
    const first = await io.stdout.write("x").catch((error) => error);
    const second = await io.stdout.write("x").catch((error) => error);
    process.exitCode = first.exitCode === 0 && first === second && io.signal.reason === first ? 9 : 1;`;
  assert.equal(said(lines).status, 9);
});
