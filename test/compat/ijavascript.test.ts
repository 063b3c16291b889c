// IJavascript 5.2.1, a Jupyter kernel on jmp, driven as a notebook drives it: shell, iopub and heartbeat.

import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Dealer, Request, Subscriber } from "../../src/index.ts";
import { install, runRedirected } from "./packages.ts";

const DELIMITER = "<IDS|MSG>";
const KEY = "a key that both sides know";
const PATIENCE_MS = 60_000;

interface JupyterMessage {
  readonly header: { readonly msg_type: string };
  readonly content: Record<string, unknown>;
}

function encode(type: string, content: object): string[] {
  const header = { msg_id: randomUUID(), username: "test", session: "test", msg_type: type, version: "5.1" };
  const parts = [header, {}, {}, content].map((part) => JSON.stringify(part));
  const signature = createHmac("sha256", KEY).update(parts.join("")).digest("hex");
  return [DELIMITER, signature, ...parts];
}

function decode(frames: readonly Buffer[]): JupyterMessage {
  const begin = frames.findIndex((frame) => frame.toString() === DELIMITER);
  const [signature, ...parts] = frames.slice(begin + 1).map((frame) => frame.toString());
  assert.equal(createHmac("sha256", KEY).update(parts.join("")).digest("hex"), signature, "the signature");
  return { header: JSON.parse(parts[0] as string), content: JSON.parse(parts[3] as string) };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

test("the IJavascript kernel beats, computes and says farewell", async (t) => {
  const installed = install("ijavascript", ["ijavascript@5.2.1"]);
  if ("missing" in installed) return t.skip(`the kernel was not run: ${installed.missing}`);
  const [shell, iopub, stdin, control, beat] = (await freePorts(5)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const folder = await mkdtemp(join(tmpdir(), "zeromq-ts-kernel-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const connection = {
    transport: "tcp",
    ip: "127.0.0.1",
    key: KEY,
    signature_scheme: "hmac-sha256",
    shell_port: shell,
    iopub_port: iopub,
    stdin_port: stdin,
    control_port: control,
    hb_port: beat,
  };
  writeFileSync(join(folder, "connection.json"), JSON.stringify(connection));
  const kernel = join(installed.folder, "node_modules", "ijavascript", "lib", "kernel.js");
  const end = new AbortController();
  const { signal } = end;
  const ended = runRedirected([kernel, join(folder, "connection.json")], { cwd: folder, signal });
  t.after(async () => {
    // It leaves its stdin socket open, and so does not end by itself: Jupyter ends it, too.
    end.abort();
    await ended;
  });

  const options = { linger: 0, receiveTimeout: PATIENCE_MS };
  await using requests = new Dealer(options);
  await using orders = new Dealer(options);
  await using output = new Subscriber(options);
  await using heart = new Request(options);
  output.subscribe("");
  output.connect(`tcp://127.0.0.1:${iopub}`);
  heart.connect(`tcp://127.0.0.1:${beat}`);
  orders.connect(`tcp://127.0.0.1:${control}`);
  requests.connect(`tcp://127.0.0.1:${shell}`);

  await heart.send("beat");
  assert.deepEqual(await heart.receive(), [Buffer.from("beat")]);
  await output.waitForPeers(1, { timeoutMs: PATIENCE_MS });

  await requests.send(encode("execute_request", { code: "6 * 7", silent: false, store_history: true }));
  const reply = decode(await requests.receive());
  assert.equal(reply.header.msg_type, "execute_reply");
  assert.equal(reply.content["status"], "ok");
  let result = decode(await output.receive());
  while (result.header.msg_type !== "execute_result") result = decode(await output.receive());
  assert.equal((result.content["data"] as Record<string, string>)["text/plain"], "42");

  await orders.send(encode("shutdown_request", { restart: false }));
  assert.equal(decode(await orders.receive()).header.msg_type, "shutdown_reply");
});
