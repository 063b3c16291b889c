import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange, MARGIN, portOffset, putBelowEachOther } from "../../../../../src/cli/web/page/columns.ts";
import type { Box, Topology } from "../../../../../src/cli/web/page/topology.ts";

const STILL = { perSecond: 0, droppedPerSecond: 0, dropped: 0, queued: 0, hwm: 0, delivered: 0 };

/** Boxes with as many sockets, `a/0`, `a/1`, and arrows between them. */
function topology(sizes: Record<string, number>, ...arrows: [from: string, to: string][]): Topology {
  const boxes = Object.entries(sizes).map(([key, size]): Box => {
    const ports = Array.from({ length: size }, (_, index) => ({
      key: `${key}/${index}`,
      type: "PUSH",
      text: "",
      socket: null,
      process: null,
    }));
    return { key, title: key, note: "", kind: "process", status: "live", socketCount: size, ports };
  });
  const drawn = arrows.map(([from, to]) => ({
    key: `${from} > ${to}`,
    from,
    to,
    live: true,
    isTwoWay: false,
  }));
  return { boxes, arrows: drawn.map((one) => ({ ...one, connectionCount: 1, forth: STILL, back: STILL })) };
}

/** The boxes of each column, from above. */
function boxesOf(given: Topology): string[] {
  return arrange(given).columns.map((column) => column.flatMap(({ box }) => box?.key ?? []).join(" "));
}

test("the longest way decides the column, and a source stands beside the first that it feeds", () => {
  const line = topology(
    { a: 1, b: 2, c: 1, late: 1 },
    ["a/0", "b/0"],
    ["b/1", "c/0"],
    ["a/0", "c/0"],
    ["late/0", "c/0"],
  );
  assert.deepEqual(boxesOf(line), ["a", "b late", "c"]);
});

test("a circle has a beginning, the same each time", () => {
  const round = topology({ a: 1, b: 1, c: 1 }, ["b/0", "c/0"], ["c/0", "a/0"], ["a/0", "b/0"]);
  assert.deepEqual(boxesOf(round), ["a", "b", "c"]);
});

test("boxes stand in the order of the sockets that they are connected to", () => {
  const fan = topology({ hub: 3, x: 1, y: 1, z: 1 }, ["hub/0", "z/0"], ["hub/1", "x/0"], ["hub/2", "y/0"]);
  assert.deepEqual(boxesOf(fan), ["hub", "z x y"]);
});

test("what is connected to nothing stands below what is", () => {
  assert.deepEqual(boxesOf(topology({ alone: 1, b: 1, c: 1 }, ["b/0", "c/0"])), ["b alone", "c"]);
});

test("an arrow that passes a column goes through an item of its own there", () => {
  const long = topology(
    { a: 1, b: 1, c: 1, d: 1 },
    ["a/0", "b/0"],
    ["b/0", "c/0"],
    ["c/0", "d/0"],
    ["a/0", "d/0"],
  );
  const { columns, routes } = arrange(long);
  const passing = routes.find(({ key }) => key === "a/0 > d/0");
  assert.deepEqual(
    passing?.through.map(({ column }) => column),
    [1, 2],
  );
  assert.equal(columns.flat().length, 6);
});

test("items stand below each other with room between them", () => {
  const [, column = []] = arrange(topology({ a: 1, b: 1, c: 2 }, ["a/0", "b/0"], ["a/0", "c/0"])).columns;
  const height = putBelowEachOther(column);
  assert.equal(column[0]?.y, MARGIN);
  assert.ok((column[1]?.y ?? 0) > (column[0]?.y ?? 0) + (column[0]?.height ?? 0));
  assert.equal(height, (column[1]?.y ?? 0) + (column[1]?.height ?? 0) + MARGIN);
  assert.equal(putBelowEachOther([]), 0);
  assert.ok(portOffset(1) > portOffset(0));
});
