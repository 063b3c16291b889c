import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../../../../../src/cli/web/page/history.ts";
import type { Row } from "../../../../../src/cli/web/page/table-rows.ts";
import {
  PEER_COLUMNS,
  peerRows,
  SOCKET_COLUMNS,
  socketRows,
  sortRows,
} from "../../../../../src/cli/web/page/table-rows.ts";
import { fanOut, flow, process, socket, state } from "../states.ts";

const history = new History();

function texts(rows: readonly Row[]): string[] {
  return rows.map(({ cells }) => cells.map(([text]) => text).join(" | "));
}

test("a row for each socket and for each peer, with a cell for each column", () => {
  const now = state(0, ...fanOut(2));
  const sockets = socketRows(now, history);
  const peers = peerRows(now, history);
  assert.deepEqual(texts(sockets.slice(0, 2)), [
    "push.js (100) | PUSH | tcp://127.0.0.1:5555 | 2 | 0/s | – | 0 | – | 0 | 0",
    "pull0.js (200) | PULL | tcp://127.0.0.1:5555 | 1 | – | 0/s | – | 0 | 0 | 0",
  ]);
  assert.equal(
    texts(peers)[1],
    "push.js (100) | PUSH tcp://127.0.0.1:5555 | PULL | tcp://127.0.0.1:40000 | connected | 0/s | – | 0 / 1,000 | – | 0",
  );
  for (const { cells } of sockets) assert.equal(cells.length, SOCKET_COLUMNS.length);
  for (const { cells } of peers) assert.equal(cells.length, PEER_COLUMNS.length);
  assert.equal(new Set(peers.map(({ key }) => key)).size, 4);
});

test("losses and ends are marked", () => {
  const lossy = socket("1", "PUB", { sent: flow({ dropped: { hwm: 3 } }) });
  const [row] = socketRows(state(0, process("a", { sockets: [lossy], status: "ended" })), history);
  assert.deepEqual([row?.isLossy, row?.isOver, row?.cells.at(-1)?.[0]], [true, true, "3"]);
});

test("rows are sorted by numbers as numbers, and equals stay in their order", () => {
  const rows = [2, 10, 1, 10].map(
    (value, index): Row => ({
      key: String(index),
      cells: [[String(value), value]],
      isLossy: false,
      isOver: false,
    }),
  );
  const keys = (column: number | null, isDescending: boolean): string =>
    sortRows(rows, column, isDescending)
      .map(({ key }) => key)
      .join("");
  assert.equal(keys(0, true), "1302");
  assert.equal(keys(0, false), "2013");
  assert.equal(keys(null, true), "0123");
  const names = ["b", "a"].map(
    (name): Row => ({ key: name, cells: [[name, name]], isLossy: false, isOver: false }),
  );
  assert.deepEqual(
    sortRows(names, 0, false).map(({ key }) => key),
    ["a", "b"],
  );
});
