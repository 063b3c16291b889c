// Where boxes and arrows are. A function of who is connected to whom, never of how much flows: nothing moves while only
// numbers change.
import type { Item, Route } from "./columns.ts";
import { arrange, MARGIN, portOffset, putBelowEachOther } from "./columns.ts";
import type { Topology } from "./topology.ts";

const BOX_WIDTH_MIN = 200;
const BOX_WIDTH_MAX = 330;
const GAP_MIN = 120;
const GAP_MAX = 300;
const LABEL_HEIGHT = 20;
const LABEL_WIDTH = 104;
/** Narrower than this, all boxes stand below each other. */
const NARROW = 640;
const GUTTER = 104;
const LANE_WIDTH = 11;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedBox extends Point {
  readonly key: string;
  readonly width: number;
  readonly height: number;
}

export interface PlacedArrow {
  readonly key: string;
  /** An SVG path. */
  readonly path: string;
  readonly label: Point;
  /** Tips of the heads: where it arrives, and where it comes from if it goes both ways. */
  readonly head: Tip;
  readonly tail: Tip | null;
}

export interface Tip extends Point {
  /** 1: it points to the right; -1: to the left. */
  readonly way: 1 | -1;
}

export interface Layout {
  /** There is room for short labels only. */
  readonly isNarrow: boolean;
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  readonly arrows: readonly PlacedArrow[];
}

/** Changes exactly when the layout may. */
export function shapeOf({ boxes, arrows }: Topology, width: number): string {
  const ofBoxes = boxes.map(({ key, ports }) => `${key}(${ports.map((port) => port.key).join()})`);
  return [width, ...ofBoxes, ...arrows.map(({ key }) => key)].join("\n");
}

export function layOut(topology: Topology, width: number): Layout {
  const { columns, routes } = arrange(topology);
  return width < NARROW ? stack(columns, routes, width) : spread(columns, routes, width);
}

/** Columns side by side. */
function spread(columns: readonly Item[][], routes: readonly Route[], width: number): Layout {
  const count = Math.max(1, columns.length);
  const room = width - 2 * MARGIN;
  const gapCount = count - 1;
  const boxWidth = clamp((room - gapCount * GAP_MIN) / count, BOX_WIDTH_MIN, BOX_WIDTH_MAX);
  const gap = gapCount === 0 ? 0 : clamp((room - count * boxWidth) / gapCount, GAP_MIN, GAP_MAX);
  const used = count * boxWidth + gapCount * gap + 2 * MARGIN;
  const left = MARGIN + Math.max(0, (width - used) / 2);
  const heights = columns.map(putBelowEachOther);
  const height = Math.max(0, ...heights);
  const boxes: PlacedBox[] = [];
  for (const [index, column] of columns.entries()) {
    const lower = (height - (heights[index] as number)) / 2;
    for (const item of column) {
      item.y += lower;
      if (item.box !== null)
        boxes.push({
          key: item.key,
          x: left + index * (boxWidth + gap),
          y: item.y,
          width: boxWidth,
          height: item.height,
        });
    }
  }
  const ports = placePorts(columns, boxes);
  const arrows = routes.map((route) =>
    curve(route, ports, routes, (column) => left + column * (boxWidth + gap), boxWidth),
  );
  return { isNarrow: false, width: Math.max(width, used), height, boxes, arrows: pushApart(arrows) };
}

interface PortPlace {
  readonly left: number;
  readonly right: number;
  readonly y: number;
}

function placePorts(columns: readonly Item[][], boxes: readonly PlacedBox[]): Map<string, PortPlace> {
  const places = new Map(boxes.map((box) => [box.key, box]));
  const ports = new Map<string, PortPlace>();
  for (const { box } of columns.flat()) {
    const place = box === null ? undefined : places.get(box.key);
    if (box === null || place === undefined) continue;
    for (const [index, port] of box.ports.entries()) {
      const y = place.y + portOffset(index);
      ports.set(port.key, { left: place.x, right: place.x + place.width, y });
    }
  }
  return ports;
}

/** A head is as long. */
export const HEAD_LENGTH = 9;

/** Where a line ends that has a head, or not. */
function endOf(x: number, side: 1 | -1, hasHead: boolean): number {
  return hasHead ? x + side * HEAD_LENGTH : x;
}

function curve(
  route: Route,
  ports: ReadonlyMap<string, PortPlace>,
  routes: readonly Route[],
  columnX: (column: number) => number,
  boxWidth: number,
): PlacedArrow {
  const from = ports.get(route.from) as PortPlace;
  const to = ports.get(route.to) as PortPlace;
  if (to.left <= from.right) return bow(route, from, to);
  const stops: Point[] = [{ x: endOf(from.right, 1, route.isTwoWay), y: from.y }];
  for (const { column, y, height } of route.through) {
    stops.push(
      { x: columnX(column), y: y + height / 2 },
      { x: columnX(column) + boxWidth, y: y + height / 2 },
    );
  }
  stops.push({ x: endOf(to.left, -1, true), y: to.y });
  let path = `M${at(stops[0] as Point)}`;
  for (let index = 1; index < stops.length; index++) {
    const [a, b] = [stops[index - 1] as Point, stops[index] as Point];
    const half = (b.x - a.x) / 2;
    path += `C${at({ x: a.x + half, y: a.y })} ${at({ x: b.x - half, y: b.y })} ${at(b)}`;
  }
  const label = labelOf(route, routes, stops);
  const tail: Tip | null = route.isTwoWay ? { x: from.right + 1, y: from.y, way: -1 } : null;
  return { key: route.key, path, label, head: { x: to.left - 1, y: to.y, way: 1 }, tail };
}

/** Beside the end that fewer arrows share. */
function labelOf(route: Route, routes: readonly Route[], stops: readonly Point[]): Point {
  const leaving = routes.filter(({ from }) => from === route.from).length;
  const arriving = routes.filter(({ to }) => to === route.to).length;
  if (leaving > arriving) return onCurve(stops.at(-2) as Point, stops.at(-1) as Point, 0.66);
  return onCurve(stops[0] as Point, stops[1] as Point, leaving < arriving ? 0.34 : 0.5);
}

/** Between boxes of one column, within one, or back: around the right side. */
function bow(route: Route, from: PortPlace, to: PortPlace): PlacedArrow {
  const reach = 34 + Math.min(50, Math.abs(from.y - to.y) / 5);
  const x = Math.max(from.right, to.right) + reach;
  const start = { x: endOf(from.right, 1, route.isTwoWay), y: from.y };
  const end = { x: endOf(to.right, 1, true), y: to.y };
  const path = `M${at(start)}C${at({ x, y: from.y })} ${at({ x, y: to.y })} ${at(end)}`;
  const label = { x: x - reach * 0.2, y: (from.y + to.y) / 2 };
  return { key: route.key, path, label, ...rightTips(route, from, to) };
}

function rightTips(route: Route, from: PortPlace, to: PortPlace): { head: Tip; tail: Tip | null } {
  return {
    head: { x: to.right + 1, y: to.y, way: -1 },
    tail: route.isTwoWay ? { x: from.right + 1, y: from.y, way: -1 } : null,
  };
}

/** A point of the curve between two stops. */
function onCurve(a: Point, b: Point, t: number): Point {
  const middle = (a.x + b.x) / 2;
  const u = 1 - t;
  return {
    x: u ** 3 * a.x + 3 * u * u * t * middle + 3 * u * t * t * middle + t ** 3 * b.x,
    y: (u ** 3 + 3 * u * u * t) * a.y + (3 * u * t * t + t ** 3) * b.y,
  };
}

/** All boxes below each other, arrows in lanes at the right. */
function stack(columns: readonly Item[][], routes: readonly Route[], width: number): Layout {
  const column = columns.flat().filter(({ box }) => box !== null);
  const height = putBelowEachOther(column);
  const boxWidth = Math.max(BOX_WIDTH_MIN, width - GUTTER);
  const boxes = column.map(({ key, y, height: own }) => ({ key, x: 1, y, width: boxWidth, height: own }));
  const ports = placePorts([column], boxes);
  const spans = routes.map((route) => {
    const from = ports.get(route.from) as PortPlace;
    const to = ports.get(route.to) as PortPlace;
    return { route, from, to, top: Math.min(from.y, to.y), bottom: Math.max(from.y, to.y) };
  });
  spans.sort((a, b) => a.top - b.top || (a.route.key < b.route.key ? -1 : 1));
  /** Down to where each lane is taken. */
  const lanes: number[] = [];
  const arrows = spans.map(({ route, from, to, top, bottom }): PlacedArrow => {
    let lane = lanes.findIndex((taken) => taken < top);
    if (lane < 0) lane = lanes.length;
    lanes[lane] = bottom;
    const x = boxWidth + 22 + Math.min(lane * LANE_WIDTH, GUTTER - 56);
    const turn = Math.min(10, (bottom - top) / 2) * Math.sign(to.y - from.y);
    const path = [
      `M${at({ x: endOf(from.right, 1, route.isTwoWay), y: from.y })}H${round(x - 10)}`,
      `Q${at({ x, y: from.y })} ${at({ x, y: from.y + turn })}V${round(to.y - turn)}`,
      `Q${at({ x, y: to.y })} ${at({ x: x - 10, y: to.y })}H${round(endOf(to.right, 1, true))}`,
    ].join("");
    const label = { x: Math.min(x + 6, width - 32), y: (from.y + to.y) / 2 };
    return { key: route.key, path, label, ...rightTips(route, from, to) };
  });
  return { isNarrow: true, width, height, boxes, arrows: pushApart(arrows) };
}

/** Labels that would lie on each other move down. */
function pushApart(arrows: readonly PlacedArrow[]): PlacedArrow[] {
  const done: PlacedArrow[] = [];
  for (const arrow of [...arrows].sort((a, b) => a.label.y - b.label.y || (a.key < b.key ? -1 : 1))) {
    let { y } = arrow.label;
    for (const { label } of done)
      if (Math.abs(label.x - arrow.label.x) < LABEL_WIDTH && y - label.y < LABEL_HEIGHT)
        y = label.y + LABEL_HEIGHT;
    done.push({ ...arrow, label: { x: arrow.label.x, y } });
  }
  return done;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function at({ x, y }: Point): string {
  return `${round(x)},${round(y)}`;
}
