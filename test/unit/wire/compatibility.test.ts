import assert from "node:assert/strict";
import { test } from "node:test";
import { SOCKET_TYPE_NAMES } from "../../../src/base/socket-type.ts";
import { legalPeers, mayMeet } from "../../../src/wire/compatibility.ts";

/** 37/ZMTP, The Socket-Type Property, and the draft types of libzmq, as unordered pairs. */
const PAIRS = [
  "REQ-REP",
  "REQ-ROUTER",
  "REP-DEALER",
  "DEALER-DEALER",
  "DEALER-ROUTER",
  "ROUTER-ROUTER",
  "PUB-SUB",
  "PUB-XSUB",
  "XPUB-SUB",
  "XPUB-XSUB",
  "PUSH-PULL",
  "PAIR-PAIR",
  "CLIENT-SERVER",
  "RADIO-DISH",
  "SCATTER-GATHER",
  "PEER-PEER",
  "CHANNEL-CHANNEL",
];

test("exactly the pairs of the RFC may meet, in either role", () => {
  for (const ours of SOCKET_TYPE_NAMES) {
    for (const theirs of SOCKET_TYPE_NAMES) {
      const isLegal = PAIRS.includes(`${ours}-${theirs}`) || PAIRS.includes(`${theirs}-${ours}`);
      assert.equal(mayMeet(ours, theirs), isLegal, `${ours} and ${theirs}`);
    }
  }
});

test("no other name may meet anything", () => {
  for (const ours of SOCKET_TYPE_NAMES) {
    for (const name of ["", "BOGUS", "pub", "PUB ", "PUB\0", "__proto__", "constructor", "client"]) {
      assert.equal(mayMeet(ours, name), false);
    }
  }
});

test("STREAM and DGRAM meet nobody", () => {
  assert.deepEqual([legalPeers("STREAM"), legalPeers("DGRAM")], [[], []]);
});
