import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Contender, Plan } from "../../../../src/cli/bench/exchange.ts";
import { Exchange } from "../../../../src/cli/bench/exchange.ts";

const OURS: Contender = { name: "zeromq-ts", library: "zeromq-ts", mode: "await" };
const PLAN: Plan = {
  kind: "throughput",
  transport: "ipc",
  size: 10,
  mechanism: "NULL",
  count: 100,
  roundMs: 1_000,
};
const hasIpc = process.platform !== "win32";

test("rounds run between two processes, which leave nothing behind", {
  skip: !hasIpc && "no ipc here",
}, async (t) => {
  // A place of its own: other tests measure at the same time.
  const { TMPDIR } = process.env;
  const place = mkdtempSync(join(tmpdir(), "zeromq-ts-cli-"));
  process.env.TMPDIR = place;
  t.after(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    rmSync(place, { recursive: true });
  });
  for (const kind of ["throughput", "latency"] as const) {
    const exchange = await Exchange.start({ ...PLAN, kind }, OURS);
    const { value, p99 } = await exchange.run();
    assert.ok(value > 0);
    assert.equal(p99 === undefined, kind === "throughput");
    assert.equal(readdirSync(place).length, 1);
    exchange.end();
  }
  assert.deepEqual(readdirSync(place), []);
});

test("without a count a round is made to last as long as it shall", async () => {
  const exchange = await Exchange.start(
    { ...PLAN, transport: "inproc", count: undefined, roundMs: 200 },
    OURS,
  );
  const tookMs: number[] = [];
  for (let round = 0; round < 4; round++) {
    const beganAt = performance.now();
    await exchange.run();
    tookMs.push(performance.now() - beganAt);
  }
  exchange.end();
  // The machine may be busy, and become free: within a factor of twenty. 2,000 messages take a millisecond.
  assert.ok(Math.max(...tookMs) > 10 && Math.min(...tookMs) < 4_000, `${tookMs} ms`);
});

test("who cannot start is an error", async () => {
  await assert.rejects(Exchange.start({ ...PLAN, size: -1 }, OURS), /process of the measurement ended/);
});
