// A request() under way keeps the process alive, and nothing of it does afterwards.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProgramEnd } from "./program.ts";
import { run } from "./program.ts";

function assertEnded(end: ProgramEnd, lines: readonly string[], fromMs: number, toMs: number): void {
  assert.deepEqual([end.status, end.signal, end.stderr], [0, null, ""]);
  assert.deepEqual(end.lines, lines);
  assert.ok(end.tookMs >= fromMs && end.tookMs < toMs, `${end.tookMs} ms`);
}

for (const type of ["Request", "Dealer"] as const) {
  test(`${type}: a program that awaits nothing else ends when its attempts are used up`, async () => {
    const end = await run(
      (zmq, say, type) => {
        const client = new zmq[type]({ linger: 0 });
        client.connect("tcp://127.0.0.1:9");
        client.request("a", { timeoutMs: 200, retries: 1 }).catch((error) => say(error.code));
      },
      [type] as ["Request" | "Dealer"],
    );
    assertEnded(end, ["EAGAIN"], 400, 3000);
  });

  test(`${type}: after the reply, an abort or close() no timer is left`, async () => {
    const end = await run(
      async (zmq, say, type) => {
        const server = new zmq.Reply();
        await server.bind("tcp://127.0.0.1:*");
        const client = new zmq[type]();
        client.connect(server.lastEndpoint as string);
        const answer = client.request("a", { timeoutMs: 60_000 });
        await server.send((await server.receive())[0] as Buffer);
        say(String(await answer));
        const controller = new AbortController();
        const aborted = client.request("b", { timeoutMs: 60_000, signal: controller.signal });
        controller.abort();
        await aborted.catch((error) => say(error.code));
        // Dropped promises bring nothing down.
        void client.request("c", { timeoutMs: 60_000 });
        void client.request("d", { timeoutMs: 60_000 });
        await client.close();
        say("closed");
      },
      [type] as ["Request" | "Dealer"],
    );
    assertEnded(end, ["a", "ABORT_ERR", "closed"], 0, 2000);
  });
}
