import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../../../../../src/cli/web/page/history.ts";
import type { Topology } from "../../../../../src/cli/web/page/topology.ts";
import { placeOf, topologyOf } from "../../../../../src/cli/web/page/topology.ts";
import type { PageState, ProcessState } from "../../../../../src/cli/web/page-state.ts";
import { endpoint, fanOut, flow, PLACE, peer, process, socket, state } from "../states.ts";

function draw(...states: PageState[]): Topology {
  const history = new History();
  for (const one of states) history.add(one);
  return topologyOf(states.at(-1) as PageState, history);
}

/** `from > to`, and what was delivered. */
function arrowsOf({ arrows }: Topology): [string, number][] {
  return arrows.map(({ key, forth }): [string, number] => [key, forth.delivered]).sort();
}

test("both ends of a connection are one arrow, from the sender to the receiver", () => {
  const { boxes, arrows } = draw(state(0, ...fanOut(1)));
  assert.deepEqual(
    boxes.map(({ key }) => key),
    ["push", "pull0"],
  );
  assert.equal(arrows.length, 1);
  const [arrow] = arrows;
  assert.deepEqual(
    [arrow?.from, arrow?.to, arrow?.live, arrow?.isTwoWay],
    ["push/1", "pull0/1", true, false],
  );
});

test("who accepted whom is known by the moment of the handshake", () => {
  const { boxes, arrows } = draw(state(0, ...fanOut(3)));
  assert.equal(boxes.length, 4, "no peer is left over");
  // Each PULL has received as many as its number.
  assert.deepEqual(arrowsOf({ boxes, arrows }), [
    ["push/1 > pull0/1", 0],
    ["push/1 > pull1/1", 1],
    ["push/1 > pull2/1", 2],
  ]);
});

test("of handshakes at one moment the counts tell which is which", () => {
  assert.deepEqual(arrowsOf(draw(state(0, ...fanOut(3, 0)))), [
    ["push/1 > pull0/1", 0],
    ["push/1 > pull1/1", 1],
    ["push/1 > pull2/1", 2],
  ]);
});

test("an arrow has the rate of either end, and the losses of both", () => {
  const at = (atMs: number, count: number): PageState => {
    const pub = socket("1", "PUB", {
      endpoints: [endpoint(PLACE, "bind")],
      peers: [
        peer({
          address: "tcp://127.0.0.1:4",
          type: "SUB",
          outgoing: false,
          sent: flow({ delivered: count, queued: 10, dropped: { hwm: count * 2 } }),
          sendHighWaterMark: 10,
        }),
      ],
    });
    const sub = socket("1", "SUB", {
      endpoints: [endpoint(PLACE, "connect")],
      peers: [peer({ type: "PUB", received: flow({ delivered: count, queued: 3 }) })],
    });
    return state(atMs, process("pub", { sockets: [pub] }), process("sub", { sockets: [sub] }));
  };
  const [arrow] = draw(at(0, 0), at(2000, 100)).arrows;
  assert.deepEqual([arrow?.from, arrow?.to], ["pub/1", "sub/1"]);
  assert.deepEqual(arrow?.forth, {
    perSecond: 50,
    droppedPerSecond: 100,
    dropped: 200,
    queued: 13,
    hwm: 10,
    delivered: 100,
  });
});

test("peers that are not looked into have boxes; many of one socket share one", () => {
  const [push] = fanOut(2) as [ProcessState];
  const few = draw(state(0, push));
  assert.deepEqual(
    few.boxes.map(({ kind }) => kind),
    ["process", "foreign", "foreign"],
  );
  const [crowded] = fanOut(9) as [ProcessState];
  const many = draw(state(0, crowded));
  assert.deepEqual(
    many.boxes.map(({ title }) => title),
    ["push.js", "9 other peers"],
  );
  assert.deepEqual(
    many.arrows.map(({ connectionCount }) => connectionCount),
    [9],
  );
});

test("where nobody answers, there is a box that says so", () => {
  const pull = fanOut(1)[1] as ProcessState;
  const alone = {
    ...pull,
    sockets: pull.sockets.map((one) => ({ ...one, peers: [peer({ live: false, type: null })] })),
  };
  const { boxes, arrows } = draw(state(0, alone));
  assert.deepEqual(
    boxes.map(({ kind, title }) => [kind, title]),
    [
      ["process", "pull0.js"],
      ["absent", "no answer"],
    ],
  );
  // What a PULL connects to sends.
  assert.deepEqual([arrows[0]?.to, arrows[0]?.live], ["pull0/1", false]);
});

test("names over inproc are those of the own process", () => {
  const both = (key: string): ProcessState =>
    process(key, {
      sockets: [
        socket("1", "PAIR", {
          endpoints: [endpoint("inproc://a", "bind")],
          peers: [peer({ endpoint: "inproc://a", address: "inproc://a", type: "PAIR", outgoing: false })],
        }),
        socket("2", "PAIR", {
          endpoints: [endpoint("inproc://a", "connect")],
          peers: [peer({ endpoint: "inproc://a", address: "inproc://a", type: "PAIR" })],
        }),
      ],
    });
  const { boxes, arrows } = draw(state(0, both("a"), both("b")));
  assert.equal(boxes.length, 2);
  assert.deepEqual(
    arrows.map(({ key, isTwoWay }) => [key, isTwoWay]),
    [
      ["a/2 > a/1", true],
      ["b/2 > b/1", true],
    ],
  );
});

test("a process that has ended is shown, its connections are not live", () => {
  const [push, pull] = fanOut(1) as [ProcessState, ProcessState];
  const { boxes, arrows } = draw(state(0, push, { ...pull, status: "ended" }));
  assert.deepEqual(
    boxes.map(({ status }) => status),
    ["live", "ended"],
  );
  assert.deepEqual(
    arrows.map(({ live }) => live),
    [false],
  );
  const alone = draw(state(0, { ...push, status: "ended" }));
  assert.equal(alone.boxes.length, 1, "nobody knows whom it is connected to now");
});

test("of very many sockets those with connections are drawn, and the number of all is told", () => {
  const [push, pull] = fanOut(1) as [ProcessState, ProcessState];
  const idle = Array.from({ length: 40 }, (_, index) => socket(`i${index}`, "DEALER"));
  const { boxes, arrows } = draw(state(0, process("push", { sockets: [...idle, ...push.sockets] }), pull));
  assert.deepEqual([boxes[0]?.ports.length, boxes[0]?.socketCount, arrows.length], [12, 41, 1]);
  assert.equal(boxes[0]?.ports.at(-1)?.key, "push/1");
});

test("a place is the first endpoint, and how many more", () => {
  assert.equal(placeOf(socket("1", "SUB")), "no endpoint");
  assert.equal(placeOf(socket("1", "SUB", { isClosed: true })), "closed");
  assert.equal(
    placeOf(socket("1", "SUB", { endpoints: [endpoint("a", "bind"), endpoint("b", "bind")] })),
    "a +1",
  );
});
