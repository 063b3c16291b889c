import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../../../../../src/cli/web/page/history.ts";
import type { Layout, PlacedBox } from "../../../../../src/cli/web/page/layout.ts";
import { layOut, shapeOf } from "../../../../../src/cli/web/page/layout.ts";
import type { Arrow, Box, Topology } from "../../../../../src/cli/web/page/topology.ts";
import { topologyOf } from "../../../../../src/cli/web/page/topology.ts";
import { fanOut, state } from "../states.ts";

function box(key: string, ...ports: string[]): Box {
  const made = ports.map((port) => ({
    key: `${key}/${port}`,
    type: "PUSH",
    text: "",
    socket: null,
    process: null,
  }));
  return {
    key,
    title: key,
    note: "",
    kind: "process",
    status: "live",
    socketCount: made.length,
    ports: made,
  };
}

const STILL = { perSecond: 0, droppedPerSecond: 0, dropped: 0, queued: 0, hwm: 0, delivered: 0 };

function arrow(from: string, to: string, isTwoWay = false): Arrow {
  return {
    key: `${from} > ${to}`,
    from,
    to,
    live: true,
    isTwoWay,
    connectionCount: 1,
    forth: STILL,
    back: STILL,
  };
}

function at({ boxes }: Layout, key: string): PlacedBox {
  return boxes.find((one) => one.key === key) as PlacedBox;
}

function assertApart({ boxes, width, height }: Layout): void {
  for (const [index, a] of boxes.entries()) {
    assert.ok(
      a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height,
      `${a.key} is outside`,
    );
    for (const b of boxes.slice(index + 1)) {
      const isApart =
        a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      assert.ok(isApart, `${a.key} and ${b.key} overlap`);
    }
  }
}

const LINE: Topology = {
  boxes: [box("c", "in"), box("b", "in", "out"), box("a", "out"), box("lonely")],
  arrows: [arrow("a/out", "b/in"), arrow("b/out", "c/in"), arrow("a/out", "c/in")],
};

test("columns go from those who send to those who receive", () => {
  const layout = layOut(LINE, 1200);
  assertApart(layout);
  assert.ok(at(layout, "a").x < at(layout, "b").x && at(layout, "b").x < at(layout, "c").x);
  assert.equal(at(layout, "lonely").x, at(layout, "a").x);
});

test("an arrow that passes a column has a place of its own there", () => {
  const layout = layOut(LINE, 1200);
  const long = layout.arrows.find(({ key }) => key === "a/out > c/in");
  const passed = at(layout, "b");
  const [y] = [...(long?.path ?? "").matchAll(/ ([\d.]+),([\d.]+)(?=C|$)/g)]
    .filter(([, x]) => Number(x) >= passed.x && Number(x) <= passed.x + passed.width)
    .map(([, , found]) => Number(found));
  assert.ok(y !== undefined && (y < passed.y || y > passed.y + passed.height), `${y} crosses ${passed.y}`);
});

test("a circle, a socket that talks to itself and a stranger end too", () => {
  const round: Topology = {
    boxes: [box("a", "x"), box("b", "x"), box("c", "x", "y")],
    arrows: [
      arrow("a/x", "b/x", true),
      arrow("b/x", "c/x"),
      arrow("c/x", "a/x"),
      arrow("c/x", "c/y"),
      arrow("c/x", "gone/x"),
    ],
  };
  const layout = layOut(round, 1000);
  assertApart(layout);
  assert.equal(layout.arrows.length, 4, "an arrow without an end is left out");
  for (const { path } of layout.arrows) assert.doesNotMatch(path, /NaN|undefined/);
  assert.equal(layout.arrows.filter(({ tail }) => tail !== null).length, 1);
});

test("in a narrow window all boxes stand below each other, and arrows beside them", () => {
  const layout = layOut(LINE, 374);
  assertApart(layout);
  assert.equal(layout.width, 374);
  assert.equal(new Set(layout.boxes.map(({ x }) => x)).size, 1);
  for (const { label } of layout.arrows) assert.ok(label.x > at(layout, "a").width && label.x < 374);
});

test("labels do not lie on each other", () => {
  const { arrows } = layOut(topologyOf(state(0, ...fanOut(6)), new History()), 1200);
  for (const [index, a] of arrows.entries())
    for (const b of arrows.slice(index + 1))
      assert.ok(
        Math.abs(a.label.x - b.label.x) >= 76 || Math.abs(a.label.y - b.label.y) >= 19.9,
        `${a.key} ${b.key}`,
      );
});

test("nothing moves while only numbers change, nor by the order in which processes are told", () => {
  const processes = fanOut(5);
  const before = topologyOf(state(0, ...processes), new History());
  const history = new History();
  history.add(state(0, ...processes));
  const busier = processes.map((one) => ({
    ...one,
    sockets: one.sockets.map((socket) => ({
      ...socket,
      peers: socket.peers.map((peer) => ({
        ...peer,
        sent: { ...peer.sent, queued: 9, dropped: { hwm: 3 } },
      })),
    })),
  }));
  history.add(state(1000, ...busier));
  const after = topologyOf(state(1000, ...busier), history);
  assert.equal(shapeOf(after, 1200), shapeOf(before, 1200));
  const turned = topologyOf(state(0, ...[...processes].reverse()), new History());
  const boxes = (topology: Topology) =>
    [...layOut(topology, 1200).boxes].sort((a, b) => (a.key < b.key ? -1 : 1));
  assert.deepEqual(boxes(turned), boxes(before));
  assert.notEqual(shapeOf(topologyOf(state(0, ...fanOut(4)), new History()), 1200), shapeOf(before, 1200));
});

test("no process is no picture", () => {
  const layout = layOut({ boxes: [], arrows: [] }, 1200);
  assert.deepEqual([layout.width, layout.height, layout.boxes.length], [1200, 0, 0]);
});
