// What users see when messages do not arrive, and where it is shown that they are told why: one row for each symptom and
// each box of the flowchart of ZeroMQ's guide. A test that is gone or renamed fails here.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readText } from "./sources.ts";

const RULES = "test/unit/services/explain/rules";
const INTEROP = "test/interop/explain.test.ts";
const INTEROP_SECURITY = "test/interop/explain-security.test.ts";

interface Row {
  readonly symptom: string;
  /** Files, and how the titles of their tests begin. */
  readonly tests: readonly (readonly [string, string])[];
  /** Why there is none. */
  readonly later?: string;
}

const SYMPTOMS: readonly Row[] = [
  {
    symptom: "1. the first messages are lost after bind",
    tests: [
      [`${RULES}/publishing.test.ts`, "late-subscriber: what was lost before the first subscription"],
      [`${RULES}/publishing.test.ts`, "publisher-connects: the count that was sent"],
      [`${RULES}/publishing.test.ts`, "no-subscriber: nobody so far"],
      [INTEROP, "late-subscriber: their SUB comes late"],
    ],
  },
  {
    symptom: "2. gaps when it goes fast",
    tests: [
      [`${RULES}/queues.test.ts`, "hwm-drop: 5,000 messages to a stalled subscriber"],
      [INTEROP, "hwm-drop: 5,000 messages and their stalled SUB"],
    ],
  },
  {
    symptom: "3. a high-water mark has no effect",
    tests: [
      [`${RULES}/usage.test.ts`, "late-option: an option that was set after bind or connect"],
      [`${RULES}/usage.test.ts`, "late-option: high-water marks and linger count at once"],
      [
        `${RULES}/queues.test.ts`,
        "hwm-drop: a ROUTER and its peer that does not receive, over inproc, where the marks add up",
      ],
    ],
  },
  {
    symptom: "4. it connects, then silence",
    tests: [
      [`${RULES}/handshakes.test.ts`, "incompatible-type: both ends say what the other is"],
      [`${RULES}/handshakes.test.ts`, "wrong-protocol: something else connects"],
      [`${RULES}/handshakes.test.ts`, "mechanism-mismatch: the peer wants CURVE"],
      [INTEROP, "incompatible-type: their PUB connects to our PULL"],
    ],
  },
  {
    symptom: "5. a SUB gets nothing",
    tests: [
      [`${RULES}/publishing.test.ts`, "no-subscription: a SUB that subscribed to nothing"],
      [`${RULES}/publishing.test.ts`, "topic-mismatch: subscriptions, and nothing that matches"],
      [INTEROP, "no-subscription: our SUB at their PUB"],
    ],
  },
  {
    symptom: "6. a ROUTER's reply vanishes",
    tests: [
      [`${RULES}/lockstep.test.ts`, "unroutable: how many, the first id"],
      [INTEROP, "unroutable: their DEALER has left"],
    ],
  },
  {
    symptom: "7. a second client with one id is ignored",
    tests: [
      [`${RULES}/handshakes.test.ts`, "duplicate-routing-id: which id, who has it"],
      [INTEROP, "duplicate-routing-id: their second DEALER"],
    ],
  },
  {
    symptom: "8. a REQ is dead after one lost reply",
    tests: [
      [`${RULES}/lockstep.test.ts`, "no-reply: a server that does not answer"],
      [`${RULES}/lockstep.test.ts`, "no-reply: a server that died with the request"],
      [INTEROP, "no-reply and lost-connection: their REP dies"],
    ],
  },
  {
    symptom: "9. nobody answers a DEALER",
    tests: [
      [
        `${RULES}/lockstep.test.ts`,
        "no-reply: a DEALER whose REP answers nothing, and the REP that dropped it all: missing-delimiter",
      ],
      [`${RULES}/lockstep.test.ts`, "missing-delimiter: a ROUTER that answers a REQ"],
      [INTEROP, "missing-delimiter: their DEALER sends to our REP"],
    ],
  },
  {
    symptom: "10. it stops after hours, without an event",
    tests: [
      [`${RULES}/connections.test.ts`, "quiet-peer: a peer that falls silent"],
      [INTEROP, "quiet-peer: their DEALER hangs, half-open"],
    ],
  },
  {
    symptom: "11. connected to nothing, and no error",
    tests: [
      [`${RULES}/connections.test.ts`, "never-connected: the endpoint, the attempts"],
      [`${RULES}/connections.test.ts`, "never-connected: a name that does not exist"],
      [`${RULES}/connections.test.ts`, "bind-failed: a bind whose error nobody looked at"],
      [INTEROP, "never-connected: their PULL is not there yet"],
    ],
  },
  {
    symptom: "12. lost at exit",
    tests: [
      [`${RULES}/losses.test.ts`, "linger-cut: a close that did not wait"],
      ["test/process/linger.test.ts", "with linger "],
    ],
  },
  {
    symptom: "13. all work went to one worker, or to a dead one",
    tests: [
      [`${RULES}/queues.test.ts`, "unfair-share: the first PULL had all"],
      [`${RULES}/losses.test.ts`, "peer-gone: what waited for a worker when it left"],
      [INTEROP, "peer-gone: their PULL dies with what waits for it"],
    ],
  },
  {
    symptom: "14. CURVE or ZAP: silence",
    tests: [
      [`${RULES}/security.test.ts`, "wrong-server-key: the server knows it, and the client guesses it"],
      [`${RULES}/authentication.test.ts`, "access-denied: PLAIN, 400: whom the server refused"],
      [`${RULES}/authentication.test.ts`, "access-denied: CURVE, 400: the client's public key on both sides"],
      [`${RULES}/authentication.test.ts`, "no-authenticator: a domain, or a server of PLAIN, and no handler"],
      [`${RULES}/authentication.test.ts`, "authenticator-fails: it never answers"],
      [`${RULES}/security.test.ts`, "same-role: two servers wait for each other"],
      [INTEROP_SECURITY, "wrong-server-key: our client at their server closes after HELLO"],
      [INTEROP_SECURITY, "wrong-server-key: their client and our server"],
      [INTEROP_SECURITY, "mechanism-mismatch: our "],
      [INTEROP_SECURITY, "mechanism-mismatch: their "],
      [INTEROP_SECURITY, "access-denied: our server of PLAIN refuses their client"],
      [INTEROP_SECURITY, "access-denied: their server of PLAIN refuses our client"],
      [INTEROP_SECURITY, "handshake-stalled: 300 of their server"],
    ],
  },
  {
    symptom: "15. nothing arrives over inproc",
    tests: [
      [`${RULES}/connections.test.ts`, "inproc-not-bound: nobody has the name"],
      [`${RULES}/connections.test.ts`, "inproc-not-bound: another context has the name"],
      [`${RULES}/connections.test.ts`, "inproc-not-bound: a name that another thread has bound is bound"],
    ],
  },
  {
    symptom: "16. a cancelled receive eats a message",
    tests: [
      ["test/unit/sockets/readable.test.ts", "an aborted receive takes no message: the next call gets it"],
    ],
  },
  {
    symptom: "17. subscribers must count sequence numbers",
    tests: [["test/unit/services/sequence-gaps.test.ts", "as Bitcoin Core publishes"]],
  },
];

const BOXES: readonly Row[] = [
  {
    symptom: "SUB: is there a subscription?",
    tests: [[`${RULES}/publishing.test.ts`, "no-subscription: a SUB that subscribed to nothing"]],
  },
  {
    symptom: "SUB: was it started after the PUB?",
    tests: [[`${RULES}/publishing.test.ts`, "late-subscriber: what was lost before the first subscription"]],
  },
  {
    symptom: "SUB: slow joiners, and a PUB that connects",
    tests: [[`${RULES}/publishing.test.ts`, "publisher-connects: the count that was sent"]],
  },
  {
    symptom: "REQ and REP: send and receive in turn, and look at errors",
    tests: [
      [`${RULES}/lockstep.test.ts`, "out-of-step: calls that failed with EFSM"],
      [`${RULES}/lockstep.test.ts`, "reply-owed: a REP that received and did not reply"],
    ],
  },
  {
    symptom: "PUSH: the first PULL takes more than its share",
    tests: [[`${RULES}/queues.test.ts`, "unfair-share: the first PULL had all"]],
  },
  {
    symptom: "is every call's error looked at?",
    tests: [
      [`${RULES}/connections.test.ts`, "bind-failed: a bind whose error nobody looked at"],
      [`${RULES}/lockstep.test.ts`, "out-of-step: calls that failed with EFSM"],
      [`${RULES}/queues.test.ts`, "send-waits: no peer, or one that is full"],
    ],
  },
  {
    symptom: "one socket in several threads",
    tests: [[`${RULES}/usage.test.ts`, "socket-posted: a socket that was to go to another thread"]],
  },
  {
    symptom: "inproc: several contexts",
    tests: [[`${RULES}/connections.test.ts`, "inproc-not-bound: another context has the name"]],
  },
  {
    symptom: "inproc: bind before connect",
    tests: [[`${RULES}/connections.test.ts`, "inproc-not-bound: nobody has the name"]],
  },
  {
    symptom: "ROUTER: is the address valid?",
    tests: [[`${RULES}/lockstep.test.ts`, "unroutable: how many, the first id"]],
  },
  {
    symptom: "ROUTER: identities are set before connect",
    tests: [[`${RULES}/usage.test.ts`, "late-option: a routing id that was set after connect"]],
  },
];

for (const [what, rows, rowCount] of [
  ["symptoms", SYMPTOMS, 17],
  ["boxes of the flowchart", BOXES, 11],
] as const) {
  test(`${rowCount} ${what} are each provoked by a test, or say why not`, () => {
    assert.equal(rows.length, rowCount);
    for (const { symptom, tests, later } of rows) {
      assert.equal(tests.length === 0, later !== undefined, symptom);
      for (const [file, title] of tests) {
        const isThere = ['"', "`"].some((quote) => readText(file).includes(quote + title));
        assert.ok(isThere, `${symptom}: ${file} has no test that begins with ${JSON.stringify(title)}`);
      }
    }
  });
}
