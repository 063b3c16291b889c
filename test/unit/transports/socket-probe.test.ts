import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { hasIpc } from "../../../src/transports/ipc.ts";
import { probeSocket, probeSocketSync } from "../../../src/transports/socket-probe.ts";
import { freePath } from "../../contract/stream-rig.ts";
import { runScript } from "./script-run.ts";
import { makeStale } from "./stale-socket.ts";

const probe = (path: string) => new Promise((resolve) => probeSocket(path, resolve));

describe("a socket file", { skip: !hasIpc && "there are no socket files here" }, () => {
  it("where somebody listens is live, whether one may sleep or not", async () => {
    const path = freePath();
    const server = createServer((socket) => socket.on("error", () => undefined).resume());
    await new Promise<void>((resolve) => server.listen(path, resolve));
    assert.equal(await probe(path), "live");
    assert.equal(probeSocketSync(path), "live");
    await new Promise((resolve) => server.close(resolve));
    assert.equal(await probe(path), "gone");
    assert.equal(probeSocketSync(path), "gone");
  });

  it("that its owner left behind is stale", async () => {
    const path = freePath();
    makeStale(path);
    try {
      assert.equal(await probe(path), "stale");
      assert.equal(probeSocketSync(path), "stale");
    } finally {
      rmSync(path);
    }
  });

  it("with a full backlog is live", { skip: process.platform !== "linux" && "backlogs differ" }, async () => {
    const path = freePath();
    // Nothing is accepted while this script sleeps: a backlog of 1 is full with 2.
    const { lines } = await runScript(`
      import { createServer, connect } from "node:net";
      const { probeSocket } = await import("${new URL("../../../src/transports/socket-probe.js", import.meta.url).href}");
      const server = createServer(() => undefined).listen({ path: ${JSON.stringify(path)}, backlog: 1 }, () => {
        for (let i = 0; i < 5; i++) connect(${JSON.stringify(path)}).on("error", ignore);
        probeSocket(${JSON.stringify(path)}, (result) => { say(result); process.exit(); });
      });
    `);
    rmSync(path, { force: true });
    assert.deepEqual(lines, ["live"]);
  });
});
