// How long programs of version 5's API live: as long as an open socket has endpoints, and not for what nobody takes.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { messages, v5Sockets } from "../peers/v5.ts";

const LAYER = fileURLToPath(new URL("../../src/v5-compat.js", import.meta.url));
const PATIENCE_MS = 20_000;

interface End {
  readonly status: number | null;
  readonly output: string;
}

/** Runs the text of a program that has `zmq`. */
function run(code: string): Promise<End> {
  const text = `const zmq = require(${JSON.stringify(LAYER)}); ${code}`;
  const env = { ...process.env, ZEROMQ_TS_WARNINGS: "0" };
  const child = spawn(process.execPath, ["--input-type=commonjs", "-e", text], { env });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (some) => (output += some));
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      clearTimeout(timer);
      resolve({ status, output });
    });
  });
}

async function ends(code: string, output = ""): Promise<void> {
  assert.deepEqual(await run(code), { status: 0, output });
}

test("a socket with an endpoint keeps the process alive until it is closed", () =>
  ends(
    `for (const type of ["rep", "push", "pub"]) {
      const socket = zmq.socket(type);
      socket.bindSync("tcp://127.0.0.1:*");
      setTimeout(() => { console.log("closing"); socket.close(); }, 200).unref();
    }`,
    "closing\nclosing\nclosing\n",
  ));

test("a socket that lost its last endpoint, never had one, or was unref'd lets the process end", () =>
  ends(
    `const idle = zmq.socket("rep");
    const freed = zmq.socket("rep");
    freed.bindSync("tcp://127.0.0.1:*");
    freed.unbindSync(freed.last_endpoint);
    const unreferenced = zmq.socket("pull");
    unreferenced.bindSync("tcp://127.0.0.1:*");
    unreferenced.unref();`,
  ));

test("ref takes unref back", () =>
  ends(
    `const socket = zmq.socket("pull");
    socket.bindSync("tcp://127.0.0.1:*");
    socket.unref();
    socket.ref();
    setTimeout(() => { console.log("closing"); socket.close(); }, 200).unref();`,
    "closing\n",
  ));

test("a closed socket does not keep the process for what nobody takes, though its linger is for ever", () =>
  ends(
    `const socket = zmq.socket("push");
    socket.connect("tcp://127.0.0.1:9");
    socket.send("to nobody");
    setTimeout(() => socket.close(), 100);`,
  ));

test("what a program sent before it closed and ended arrives", async (t) => {
  const [pull] = v5Sockets(t, "pull");
  pull?.bindSync("tcp://127.0.0.1:*");
  const address = String(pull?.["last_endpoint"]);
  const arrived = messages(pull!, 100);
  await ends(
    `const socket = zmq.socket("push");
    socket.connect(${JSON.stringify(address)});
    for (let i = 0; i < 100; i++) socket.send(String(i));
    socket.close();`,
  );
  assert.deepEqual(
    (await arrived).map(([text]) => Number(text)),
    Array.from({ length: 100 }, (_, i) => i),
  );
});

test("an error that nobody listens for ends the process, as an uncaught exception", async () => {
  const { status, output } = await run(
    `const [pull, push] = [zmq.socket("pull"), zmq.socket("push")];
    process.on("uncaughtException", (error) => { console.log("caught", error.message); pull.close(); push.close(); });
    pull.bindSync("inproc://a");
    push.connect("inproc://a");
    pull.on("message", () => { throw new Error("of the application"); });
    push.send("a");`,
  );
  assert.deepEqual([status, output], [0, "caught of the application\n"]);
});
