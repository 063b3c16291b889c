import assert from "node:assert/strict";
import { test } from "node:test";
import {
  fullest,
  levelOf,
  queuesOf,
  receives,
  sends,
  share,
} from "../../../../../src/cli/web/page/queues.ts";
import { flow, peer, process, socket, state } from "../states.ts";

const loaded = peer({ sent: flow({ queued: 10, dropped: { hwm: 4 } }), sendHighWaterMark: 10 });

test("a queue for each direction that a type has", () => {
  const kinds = ["PUSH", "SUB", "DEALER"].map((type) => socket(type, type, { peers: [loaded] }));
  const queues = queuesOf(state(0, process("a", { sockets: kinds })));
  assert.deepEqual(
    queues.map(({ socketType, direction, queued, hwm, dropped }) => [
      socketType,
      direction,
      queued,
      hwm,
      dropped,
    ]),
    [
      ["PUSH", "out", 10, 10, 4],
      ["SUB", "in", 0, 1000, 0],
      ["DEALER", "out", 10, 10, 4],
      ["DEALER", "in", 0, 1000, 0],
    ],
  );
  assert.equal(new Set(queues.map(({ key }) => key)).size, 4);
  assert.deepEqual(queuesOf(state(0, process("a", { sockets: kinds, status: "ended" }))), []);
  assert.deepEqual([sends("PULL"), receives("PUB"), sends("ROUTER")], [false, false, true]);
});

test("the fullest queue counts, by its share and not by its number", () => {
  const peers = [
    peer({ sent: flow({ queued: 400 }) }),
    loaded,
    peer({ sent: flow({ queued: 9000 }), sendHighWaterMark: 0 }),
  ];
  assert.deepEqual(fullest(socket("1", "PUSH", { peers })), { queued: 10, hwm: 10 });
  assert.equal(fullest(socket("1", "PUSH")), undefined);
});

test("levels: full, nearly, calm; without a limit nothing is full", () => {
  assert.deepEqual(
    [levelOf(10, 10), levelOf(8, 10), levelOf(7, 10), levelOf(1e9, 0)],
    ["full", "high", "calm", "calm"],
  );
  assert.deepEqual([share(20, 10), share(5, 10)], [1, 0.5]);
});
