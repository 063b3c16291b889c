import assert from "node:assert/strict";
import { test } from "node:test";
import { isSameTcpEndpoint } from "../../../src/transports/same-endpoint.ts";

const SAME: readonly (readonly [string, string])[] = [
  ["127.0.0.1:5555", "127.0.0.1:5555"],
  ["[::1]:5555", "::1:5555"],
  ["[::1]:5555", "[0:0:0:0:0:0:0:1]:5555"],
  ["[::ffff:192.0.2.1]:5555", "192.0.2.1:5555"],
  ["Example.org:5555", "example.ORG:5555"],
  ["localhost:5555", "127.0.0.1:5555"],
  ["[::1]:5555", "LocalHost:5555"],
  ["[fe80::1%eth0]:5555", "[FE80::1%eth0]:5555"],
  ["127.0.0.1:0;localhost:5555", "127.0.0.1:*;127.0.0.1:5555"],
  // Only what is the same text.
  ["*:5555", "*:5555"],
];

const DIFFERENT: readonly (readonly [string, string])[] = [
  ["127.0.0.1:5555", "127.0.0.1:5556"],
  ["127.0.0.1:5555", "127.0.0.2:5555"],
  ["*:5555", "0.0.0.0:5555"],
  ["127.0.0.1:*", "127.0.0.1:5555"],
  ["0.0.0.0:5555", "127.0.0.1:5555"],
  ["[::1]:5555", "127.0.0.1:5555"],
  ["localhost:5555", "127.0.0.2:5555"],
  ["localhost:5555", "example.org:5555"],
  ["[fe80::1%eth0]:5555", "[fe80::1%eth1]:5555"],
  ["127.0.0.1:1;127.0.0.1:5555", "127.0.0.1:5555"],
  ["127.0.0.1:1;127.0.0.1:5555", "127.0.0.1:2;127.0.0.1:5555"],
  ["nonsense", "127.0.0.1:5555"],
];

for (const [pairs, expected] of [
  [SAME, true],
  [DIFFERENT, false],
] as const) {
  for (const [a, b] of pairs) {
    test(`tcp://${a} and tcp://${b} are ${expected ? "one endpoint" : "two"}`, () => {
      assert.equal(isSameTcpEndpoint(`tcp://${a}`, `tcp://${b}`), expected);
      assert.equal(isSameTcpEndpoint(`tcp://${b}`, `tcp://${a}`), expected);
    });
  }
}
