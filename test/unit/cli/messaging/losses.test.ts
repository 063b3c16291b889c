import assert from "node:assert/strict";
import { test } from "node:test";
import { Console } from "../../../../src/cli/console.ts";
import { hasFailed, tellLosses, tellSummary } from "../../../../src/cli/messaging/losses.ts";
import type { DropCounts, SocketStats } from "../../../../src/index.ts";
import { FakeIo } from "../fake-io.ts";

const NO_DROPS: DropCounts = {
  hwm: 0,
  "no-subscriber": 0,
  unroutable: 0,
  "peer-gone": 0,
  linger: 0,
  conflated: 0,
  orphaned: 0,
  protocol: 0,
};

function stats(sent: Partial<DropCounts>, received: Partial<DropCounts> = {}): SocketStats {
  const flow = { accepted: 0, delivered: 0, queued: 0 };
  return {
    sent: { ...flow, dropped: { ...NO_DROPS, ...sent } },
    received: { ...flow, dropped: { ...NO_DROPS, ...received } },
    peers: [],
  } as SocketStats;
}

async function told(tell: (console: Console) => void): Promise<string[]> {
  const io = new FakeIo();
  const console = new Console(io);
  tell(console);
  await console.flushed();
  return io.stderr.lines;
}

test("there is a line for each reason, and none where nothing was lost", async () => {
  assert.deepEqual(await told((console) => tellLosses(stats({}), console, true)), []);
  const lines = await told((console) =>
    tellLosses(stats({ hwm: 3, linger: 1 }, { orphaned: 2 }), console, true),
  );
  assert.equal(lines.length, 3);
  assert.match(lines[0] ?? "", /^warning: 3 messages were lost: a peer's queue was full/);
  assert.match(lines[1] ?? "", /^warning: 1 message was lost: .*--linger/);
  assert.match(lines[2] ?? "", /^warning: 2 messages had come and were not taken/);
  const [note] = await told((console) => tellLosses(stats({}, { orphaned: 1 }), console, false));
  assert.match(note ?? "", /^1 message had come/);
});

test("a publisher owes nothing to those who leave, all others do", () => {
  assert.equal(hasFailed(stats({ "peer-gone": 1 }), false), true);
  assert.equal(hasFailed(stats({ "peer-gone": 1 }), true), false);
  assert.equal(hasFailed(stats({ linger: 1 }), true), true);
  assert.equal(hasFailed(stats({ hwm: 1, "no-subscriber": 1 }), false), false);
});

test("the summary counts and names", async () => {
  assert.deepEqual(await told((console) => tellSummary(1, 2, stats({ hwm: 3 }, { orphaned: 1 }), console)), [
    "sent 1; received 2; dropped hwm 3, orphaned 1",
  ]);
});
