// The examples of Jupyter: our client drives Python's kernel, and Python's client drives our kernel, over tcp and ipc.

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { sourcePath } from "./peer-process.ts";

const run = promisify(execFile);
const extension = import.meta.url.slice(-3);
const example = (name: string): string =>
  fileURLToPath(new URL(`../../examples/${name}${extension}`, import.meta.url));
const DRIVER = sourcePath("jupyter-driver.py");

const pythons = [process.env.PYTHON, "/usr/bin/python3", "python3"].filter((name) => name !== undefined);
const pythonWith = (module: string): string | undefined =>
  pythons.find((python) => spawnSync(python, ["-c", `import ${module}`], { timeout: 30_000 }).status === 0);
const kernelPython = pythonWith("ipykernel");
const clientPython = pythonWith("jupyter_client");
const isWindows = process.platform === "win32";

/** Of a program and what it starts, on a machine that has others to serve. */
const limits = { timeout: 60_000 };

/** A folder for what kernels and clients keep; nothing of the user's is looked at. */
function place(t: TestContext): { folder: string; options: object } {
  // A socket's path has little room.
  const folder = mkdtempSync(join(tmpdir(), "jup-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const env = {
    ...process.env,
    TMPDIR: folder,
    IPYTHONDIR: join(folder, "ipython"),
    JUPYTER_CONFIG_DIR: join(folder, "config"),
    JUPYTER_DATA_DIR: join(folder, "data"),
    JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
  };
  return { folder, options: { env, timeout: 50_000 } };
}

test(
  "our kernel ends with 1 and the reason where it cannot listen, in either of its threads",
  limits,
  async (t) => {
    const { folder, options } = place(t);
    const taken = createServer().listen(0, "127.0.0.1");
    t.after(() => taken.close());
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    for (const channel of ["shell", "stdin", "iopub", "hb", "control"]) {
      const file = join(folder, `${channel}.json`);
      const names = ["shell", "stdin", "iopub", "hb", "control"].map((name) => [`${name}_port`, 0]);
      const connection = { transport: "tcp", ip: "127.0.0.1", key: "", signature_scheme: "hmac-sha256" };
      const ports = { ...Object.fromEntries(names), [`${channel}_port`]: port };
      writeFileSync(file, JSON.stringify({ ...connection, ...ports }));
      const ended = run(process.execPath, [example("jupyter-kernel"), file], options);
      await assert.rejects(ended, (error: Error & { code?: unknown; stderr?: string }) => {
        assert.equal(error.code, 1, channel);
        assert.match(error.stderr ?? "", new RegExp(`EADDRINUSE|tcp://127\\.0\\.0\\.1:${port}`), channel);
        return true;
      });
    }
  },
);

for (const transport of isWindows ? ["tcp"] : ["tcp", "ipc"]) {
  test(`our client and ipykernel, over ${transport}`, {
    ...limits,
    skip: kernelPython === undefined && "no Python has ipykernel (Debian: python3-ipykernel)",
  }, async (t) => {
    const args = [example("jupyter-client"), transport, kernelPython as string, "-m", "ipykernel_launcher"];
    const { stdout } = await run(process.execPath, args, place(t).options);
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      "the kernel speaks python, and version 5.3 of the protocol",
      "its heart beats: true",
      "stdout: hello",
      "result: 42",
      "ok",
      "the kernel asks: Your name? ",
      "result: 'Ada was here'",
      "ok",
      "ZeroDivisionError: division by zero",
      "error",
      "the kernel ended with 0",
    ]);
  });

  test(`jupyter_client and our kernel, over ${transport}`, {
    ...limits,
    skip:
      (clientPython === undefined && "no Python has jupyter_client (Debian: python3-jupyter-client)") ||
      (isWindows && "Windows has no SIGINT that ends a cell"),
  }, async (t) => {
    const { folder, options } = place(t);
    const command = [process.execPath, example("jupyter-kernel")];
    const { stdout, stderr } = await run(
      clientPython as string,
      [DRIVER, transport, folder, ...command],
      options,
    );
    const { info, complete, ...said } = JSON.parse(stdout) as Record<string, Record<string, unknown>>;
    assert.deepEqual(
      [info?.status, info?.implementation, info?.protocol_version],
      ["ok", "zeromq-ts", "5.3"],
    );
    assert.deepEqual([complete?.matches, complete?.cursor_start, complete?.cursor_end], [["max"], 9, 11]);
    const interrupted = ["Interrupt", "Script execution was interrupted by `SIGINT`"];
    assert.deepEqual(said, {
      cell: {
        status: "ok",
        count: 1,
        outputs: [
          ["stdout", "out\n"],
          ["stderr", "err\n"],
          ["result", "42"],
        ],
      },
      later: { status: "ok", count: 2, outputs: [["result", "7"]] },
      awaited: { status: "ok", count: 3, outputs: [["stdout", "waited\n"]] },
      error: { status: "error", count: 4, outputs: [["ReferenceError", "undefinedName is not defined"]] },
      syntax: { status: "error", count: 5, outputs: [["SyntaxError", "Unexpected token '='"]] },
      large: 300_001,
      input: {
        status: "ok",
        count: 7,
        outputs: [
          ["input", "Your name? "],
          ["stdout", "hello, Ada\n"],
        ],
      },
      busy: { status: "error", count: 8, outputs: [["stdout", "busy\n"], interrupted] },
      chatty: { status: "error", count: 9, outputs: interrupted },
      asleep: {
        status: "error",
        count: 10,
        outputs: [
          ["stdout", "asleep\n"],
          ["Interrupt", "The cell was interrupted."],
        ],
      },
      nothing: [],
      beating: [true],
      after: { status: "ok", count: 11, outputs: [["result", "6"]] },
      checks: ["complete", "incomplete", "invalid"],
      history: [
        [0, 10, "console.log('asleep'); await new Promise(() => undefined)"],
        [0, 11, "setTimeout(() => { throw new Error('late') }, 0); six"],
      ],
      search: [[0, 2, "six + 1"]],
      still: { status: "ok", count: 12, outputs: [["result", "12"]] },
      shutdown: true,
    });
    assert.equal(stderr, "A message was not signed with the key of the connection file.\n");
  });
}
