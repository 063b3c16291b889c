import assert from "node:assert/strict";
import { test } from "node:test";
import { hostOf, leadsTo } from "../../../../../src/cli/web/page/endpoint-match.ts";

test("a connected endpoint leads to what is bound there", () => {
  for (const [connected, bound, expected] of [
    ["tcp://127.0.0.1:5555", "tcp://127.0.0.1:5555", true],
    ["tcp://127.0.0.1:5555", "tcp://0.0.0.0:5555", true],
    ["tcp://localhost:5555", "tcp://127.0.0.1:5555", true],
    ["tcp://[::1]:5555", "tcp://[::]:5555", true],
    ["tcp://10.0.0.7:5555", "tcp://*:5555", true],
    ["tcp://10.0.0.1:9;127.0.0.1:5555", "tcp://127.0.0.1:5555", true],
    ["tcp://127.0.0.1:5556", "tcp://127.0.0.1:5555", false],
    ["tcp://10.0.0.7:5555", "tcp://127.0.0.1:5555", false],
    ["ipc:///tmp/a", "ipc:///tmp/a", true],
    ["ipc:///tmp/a", "ipc:///tmp/b", false],
    ["ipc:///tmp/a:5555", "tcp://0.0.0.0:5555", false],
    ["inproc://a", "inproc://a", true],
    ["nonsense", "nonsense", false],
  ] as const)
    assert.equal(leadsTo(connected, bound), expected, `${connected} to ${bound}`);
});

test("the host of a tcp address, or all of another", () => {
  assert.deepEqual(["tcp://127.0.0.1:5555", "tcp://[::1]:5", "ipc:///tmp/a"].map(hostOf), [
    "127.0.0.1",
    "[::1]",
    "ipc:///tmp/a",
  ]);
});
