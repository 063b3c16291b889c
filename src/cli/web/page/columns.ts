// Which column each box is in, and in which order they stand there.
import type { Box, Topology } from "./topology.ts";

export const HEAD_HEIGHT = 30;
export const ROW_HEIGHT = 46;
export const MARGIN = 8;
const BOX_PADDING = 6;
const BOX_GAP = 22;
const LANE_HEIGHT = 26;

/** A box, or the place that an arrow keeps free in a column that it crosses. */
export interface Item {
  readonly key: string;
  readonly height: number;
  readonly box: Box | null;
  /** What leads here from the column before, and on to the next. */
  readonly before: Neighbour[];
  readonly after: Neighbour[];
  column: number;
  y: number;
}

/** The other end of an arrow: so far below the top of its item. */
interface Neighbour {
  readonly item: Item;
  readonly offset: number;
}

/** An arrow with what it goes through. */
export interface Route {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly isTwoWay: boolean;
  readonly through: Item[];
}

/** Items in columns from left to right, each below the one before, and what each arrow goes through. */
export interface Arrangement {
  readonly columns: readonly Item[][];
  readonly routes: readonly Route[];
}

export function arrange(topology: Topology): Arrangement {
  const items = new Map<string, Item>();
  for (const box of [...topology.boxes].sort((a, b) => (a.key < b.key ? -1 : 1)))
    items.set(box.key, newItem(box.key, boxHeight(box), box));
  const owners = new Map(
    topology.boxes.flatMap((box) => box.ports.map((port) => [port.key, box.key] as const)),
  );
  const links = topology.arrows.flatMap(({ key, from, to, isTwoWay }) => {
    const source = items.get(owners.get(from) ?? "");
    const target = items.get(owners.get(to) ?? "");
    return source === undefined || target === undefined ? [] : [{ key, from, to, isTwoWay, source, target }];
  });
  putInColumns(
    [...items.values()],
    links.filter(({ source, target }) => source !== target),
  );
  const lanes: Item[] = [];
  const routes: Route[] = links.map(({ key, from, to, isTwoWay, source, target }) => ({
    key,
    from,
    to,
    isTwoWay,
    through: passThrough(key, toPort(source, from), toPort(target, to), lanes),
  }));
  const columns = toColumns([...items.values(), ...lanes]);
  for (const column of columns) order(column, "before");
  for (const column of [...columns].reverse()) order(column, "after");
  for (const column of columns) order(column, "before");
  return { columns, routes };
}

function newItem(key: string, height: number, box: Box | null): Item {
  return { key, height, box, before: [], after: [], column: 0, y: 0 };
}

function boxHeight(box: Box): number {
  return HEAD_HEIGHT + Math.max(1, box.ports.length) * ROW_HEIGHT + BOX_PADDING;
}

interface Link {
  readonly source: Item;
  readonly target: Item;
}

/** The longest way from a source decides; an arrow that closes a circle does not count. */
function putInColumns(items: readonly Item[], links: readonly Link[]): void {
  const leaving = new Map<Item, Item[]>();
  for (const { source, target } of links) leaving.set(source, [...(leaving.get(source) ?? []), target]);
  const visited = new Set<Item>();
  const path = new Set<Item>();
  const ordered: Item[] = [];
  const kept = new Map<Item, Item[]>();
  const visit = (item: Item): void => {
    visited.add(item);
    path.add(item);
    for (const next of leaving.get(item) ?? []) {
      if (path.has(next)) continue;
      kept.set(item, [...(kept.get(item) ?? []), next]);
      if (!visited.has(next)) visit(next);
    }
    path.delete(item);
    ordered.unshift(item);
  };
  const targets = new Set(links.map(({ target }) => target));
  for (const item of items) if (!targets.has(item)) visit(item);
  for (const item of items) if (!visited.has(item)) visit(item);
  for (const item of ordered)
    for (const next of kept.get(item) ?? []) next.column = Math.max(next.column, item.column + 1);
  // A source stands beside the first that it feeds.
  for (const item of ordered) {
    const nexts = kept.get(item) ?? [];
    if (!targets.has(item) && nexts.length > 0)
      item.column = Math.max(0, Math.min(...nexts.map(({ column }) => column)) - 1);
  }
}

function toPort(item: Item, key: string): Neighbour {
  const index = item.box?.ports.findIndex((port) => port.key === key) ?? 0;
  return { item, offset: portOffset(index) };
}

/** Where the arrows of a box's socket begin, below the top of the box. */
export function portOffset(index: number): number {
  return HEAD_HEIGHT + index * ROW_HEIGHT + ROW_HEIGHT / 2;
}

/** Keeps a place free in each column between two boxes. */
function passThrough(key: string, source: Neighbour, target: Neighbour, lanes: Item[]): Item[] {
  const through: Item[] = [];
  let before = source;
  for (let column = source.item.column + 1; column < target.item.column; column++) {
    const item = newItem(`${key} ${column}`, LANE_HEIGHT, null);
    const lane = { item, offset: LANE_HEIGHT / 2 };
    item.column = column;
    item.before.push(before);
    before.item.after.push(lane);
    through.push(item);
    lanes.push(item);
    before = lane;
  }
  if (source.item.column < target.item.column) {
    before.item.after.push(target);
    target.item.before.push(before);
  }
  return through;
}

function toColumns(items: readonly Item[]): Item[][] {
  const columns: Item[][] = [];
  for (const item of items) (columns[item.column] ??= []).push(item);
  const filled = columns.filter((column) => column !== undefined);
  for (const column of filled) putBelowEachOther(column);
  return filled;
}

/** Each stands where those are that it is connected with. */
function order(column: Item[], side: "before" | "after"): void {
  const middle = ({ y, height }: Item): number => y + height / 2;
  const wish = new Map(
    column.map((item) => {
      const others = item[side];
      const sum = others.reduce((total, other) => total + other.item.y + other.offset, 0);
      // What is connected to nothing stands below all others.
      if (item.before.length + item.after.length === 0) return [item, Infinity] as const;
      return [item, others.length === 0 ? middle(item) : sum / others.length] as const;
    }),
  );
  column.sort((a, b) => (wish.get(a) as number) - (wish.get(b) as number) || (a.key < b.key ? -1 : 1));
  putBelowEachOther(column);
}

/** Answers the height of all together. */
export function putBelowEachOther(column: readonly Item[]): number {
  let y = MARGIN;
  for (const item of column) {
    item.y = y;
    y += item.height + BOX_GAP;
  }
  return column.length === 0 ? 0 : y - BOX_GAP + MARGIN;
}
