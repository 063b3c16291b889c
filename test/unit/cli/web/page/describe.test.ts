import assert from "node:assert/strict";
import { test } from "node:test";
import {
  arrowName,
  boxName,
  boxNameOf,
  portName,
  statusText,
  subjectOf,
} from "../../../../../src/cli/web/page/describe.ts";
import { History } from "../../../../../src/cli/web/page/history.ts";
import type { Arrow, Box, Port } from "../../../../../src/cli/web/page/topology.ts";
import { topologyOf } from "../../../../../src/cli/web/page/topology.ts";
import type { ProcessState } from "../../../../../src/cli/web/page-state.ts";
import { endpoint, fanOut, flow, peer, process, socket, state } from "../states.ts";

const topology = topologyOf(state(0, ...fanOut(1)), new History());
const [push] = topology.boxes as [Box];
const [arrow] = topology.arrows as [Arrow];

test("what is seen has a name for those who do not see it", () => {
  assert.equal(boxName(push), "Process 100, push.js, 1 socket");
  assert.equal(boxName({ ...push, status: "ended" }), "Process 100, push.js, 1 socket, ended");
  assert.equal(portName(push, push.ports[0] as Port), "PUSH socket, tcp://127.0.0.1:5555, in push.js");
  assert.equal(arrowName(topology, arrow), "PUSH in push.js (100) to PULL in pull0.js (200), 0/s");
  const losing = {
    ...arrow,
    live: false,
    isTwoWay: true,
    forth: { ...arrow.forth, perSecond: 12, dropped: 4990 },
  };
  assert.equal(
    arrowName(topology, losing),
    "PUSH in push.js (100) to PULL in pull0.js (200), 12/s, 0/s back, 4,990 lost, not connected",
  );
  assert.equal(
    boxName({ ...push, kind: "foreign", title: "10.0.0.7" }),
    "10.0.0.7, a peer that is not looked into",
  );
  assert.equal(boxName({ ...push, kind: "absent" }), "Nobody answers at tcp://127.0.0.1:5555");
  assert.equal(boxNameOf({ title: "a.js", pid: 7 }), "a.js (7)");
  assert.equal(statusText("silent"), "does not answer");
});

test("everything that has a name has details", () => {
  for (const key of [push.key, push.ports[0]?.key as string, arrow.key]) {
    const subject = subjectOf(topology, key);
    assert.ok(subject !== undefined && subject.facts.length > 1, key);
    for (const [term, text] of subject.facts)
      assert.doesNotMatch(`${term} ${text}`, /undefined|NaN|\[object/);
  }
  assert.equal(subjectOf(topology, "gone"), undefined);
});

test("a socket's details are its endpoints, flows, waits, facts and peers", () => {
  const one: ProcessState = process("a", {
    sockets: [
      socket("1", "REQ", {
        endpoints: [
          {
            ...endpoint("tcp://10.0.0.7:5555", "connect"),
            lastError: "nobody listens there",
            unsentCount: 3,
          },
        ],
        sent: flow({ delivered: 12, queued: 3, dropped: { hwm: 2 } }),
        waitingSends: 1,
        waitingReceives: 2,
        facts: { replyOwed: true },
        peers: [peer({ type: null, live: false })],
        peerCount: 5,
      }),
    ],
  });
  const facts = subjectOf(topologyOf(state(0, one), new History()), "a/1")?.facts ?? [];
  assert.deepEqual(
    facts.map(([term, text]) => `${term}: ${text}`),
    [
      "Process: a.js (100)",
      "Connected: tcp://10.0.0.7:5555, 3 messages waiting for it",
      "Last error: nobody listens there",
      "Sent: 12 delivered, 3 waiting, lost: 2 hwm",
      "Received: 0 delivered, 0 waiting",
      "Sends that wait: 1",
      "Receives that wait: 2",
      "Reply owed: yes",
      "Peer: unknown at tcp://127.0.0.1:5555, not connected, 0 sent, 0 received, waiting 0 / 1,000",
      "Peers: and 4 more",
    ],
  );
});
