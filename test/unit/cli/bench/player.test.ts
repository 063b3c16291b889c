import assert from "node:assert/strict";
import { test } from "node:test";
import type { Part, Said } from "../../../../src/cli/bench/part.ts";
import { makePlayer } from "../../../../src/cli/bench/player.ts";
import * as ours from "../../../../src/index.ts";

const PART: Omit<Part, "role" | "endpoint"> = {
  library: "zeromq-ts",
  size: 10,
  mode: "await",
  mechanism: "NULL",
};

for (const mode of ["await", "batch"] as const) {
  test(`push and pull, ${mode}: the puller counts all but the first message, from which its time counts`, async (t) => {
    const pull = await makePlayer(ours, { ...PART, mode, role: "pull", endpoint: "tcp://127.0.0.1:*" });
    const push = await makePlayer(ours, { ...PART, mode, role: "push", endpoint: pull.endpoint });
    t.after(() => {
      pull.close();
      push.close();
    });
    const heard: Said[] = [];
    const say = async (said: Said): Promise<void> => void heard.push(said);
    for (const count of [600, 2]) {
      const [result, sent] = await Promise.all([pull.run(count, say), push.run(count, say)]);
      assert.ok(result.event === "result" && result.count === count - 1 && result.ns > 0);
      assert.deepEqual(sent, { event: "sent" });
    }
    assert.deepEqual(heard, [{ event: "armed" }, { event: "armed" }]);
  });
}

test("req and rep time each round trip", async (t) => {
  const rep = await makePlayer(ours, { ...PART, role: "rep", endpoint: "tcp://127.0.0.1:*" });
  const req = await makePlayer(ours, { ...PART, role: "req", endpoint: rep.endpoint });
  t.after(() => {
    rep.close();
    req.close();
  });
  const result = await req.run(50, async () => undefined);
  assert.ok(result.event === "result" && result.count === 50);
  assert.ok(
    (result.p50 ?? 0) > 0 && (result.p50 ?? 0) <= (result.p99 ?? 0) && (result.p99 ?? 0) <= result.ns,
  );
});

test("with CURVE both ends have the pair of the measurement", async (t) => {
  const { secretKey } = ours.curveKeyPair();
  const part = { ...PART, mechanism: "CURVE" } as const;
  const rep = await makePlayer(ours, { ...part, role: "rep", endpoint: "tcp://127.0.0.1:*" }, secretKey);
  const req = await makePlayer(ours, { ...part, role: "req", endpoint: rep.endpoint }, secretKey);
  t.after(() => {
    rep.close();
    req.close();
  });
  const result = await req.run(5, async () => undefined);
  assert.ok(result.event === "result" && result.count === 5);
});

test("over inproc both ends are one", async (t) => {
  for (const role of ["inproc-push-pull", "inproc-req-rep"] as const) {
    const both = await makePlayer(ours, { ...PART, role, endpoint: `inproc://${role}` });
    t.after(() => both.close());
    const result = await both.run(20, async () => undefined);
    assert.equal(result.event, "result");
  }
});
