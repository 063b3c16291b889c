// The picture of the connections.
import { HEAD_HEIGHT, ROW_HEIGHT } from "./columns.ts";
import { arrowName, boxName, portName, statusText } from "./describe.ts";
import type { Kept } from "./dom.ts";
import { drawing, keep, part, say, set } from "./dom.ts";
import type { History } from "./history.ts";
import { droppedIn } from "./history.ts";
import type { Layout, PlacedArrow, PlacedBox, Tip } from "./layout.ts";
import { HEAD_LENGTH, layOut, shapeOf } from "./layout.ts";
import { clip, count, fill, rate, whole } from "./numbers.ts";
import { fullest, levelOf, receives, sends, share } from "./queues.ts";
import type { Arrow, Box, Port, Topology } from "./topology.ts";

const CHARACTER_WIDTH = 7.25;
const INSET = 12;

interface ShownBox {
  readonly box: Box;
  readonly place: PlacedBox;
}

interface ShownArrow {
  readonly arrow: Arrow;
  readonly place: PlacedArrow;
}

interface ShownPort {
  readonly port: Port;
  readonly box: Box;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Draws a topology. Boxes, sockets and arrows can be focused, and are opened with Enter or a click. */
export class Graph {
  readonly #history: History;
  readonly #open: (key: string) => void;
  readonly #arrows: SVGGElement;
  readonly #boxes: SVGGElement;
  readonly #svg: SVGSVGElement;
  #shape: string;
  #layout: Layout;
  #topology: Topology;

  constructor(history: History, open: (key: string) => void) {
    this.#history = history;
    this.#open = open;
    this.#arrows = drawing("g", { role: "group", "aria-label": "Connections" });
    this.#boxes = drawing("g", { role: "group", "aria-label": "Processes and their sockets" });
    this.#svg = drawing("svg", { role: "group", "aria-label": "Topology" }, this.#boxes, this.#arrows);
    this.#shape = "";
    this.#layout = { isNarrow: false, width: 0, height: 0, boxes: [], arrows: [] };
    this.#topology = { boxes: [], arrows: [] };
    const frame = part("graph");
    frame.append(this.#svg);
    new ResizeObserver(() => this.show(this.#topology)).observe(frame);
  }

  show(topology: Topology): void {
    this.#topology = topology;
    const width = Math.floor(part("graph").clientWidth);
    const shape = shapeOf(topology, width);
    if (shape !== this.#shape) {
      this.#shape = shape;
      this.#layout = layOut(topology, width);
      const { width: whole, height } = this.#layout;
      set(this.#svg, { width: whole, height, viewBox: `0 0 ${whole} ${height}` });
    }
    const boxes = new Map(this.#layout.boxes.map((place) => [place.key, place]));
    const arrows = new Map(this.#layout.arrows.map((place) => [place.key, place]));
    keep(
      this.#arrows,
      topology.arrows.flatMap((arrow): ShownArrow[] => {
        const place = arrows.get(arrow.key);
        return place === undefined ? [] : [{ arrow, place }];
      }),
      ({ arrow }) => arrow.key,
      (item) => this.#makeArrow(item),
    );
    keep(
      this.#boxes,
      topology.boxes.flatMap((box): ShownBox[] => {
        const place = boxes.get(box.key);
        return place === undefined ? [] : [{ box, place }];
      }),
      ({ box }) => box.key,
      (item) => this.#makeBox(item),
    );
  }

  /** What opens its details: by Enter, the space bar or a click. */
  #button(key: string, className: string): SVGGElement {
    const button = drawing("g", { class: className, tabindex: 0, role: "button", "data-key": key });
    button.addEventListener("click", () => this.#open(key));
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.#open(key);
    });
    return button;
  }

  #makeBox({ box }: ShownBox): Kept<ShownBox> {
    const frame = drawing("rect", { class: "frame", rx: 9 });
    const head = this.#button(box.key, "head");
    const area = drawing("rect", { class: "area", rx: 7, height: HEAD_HEIGHT - 4 });
    const title = drawing("text", { class: "title" });
    const note = drawing("text", { class: "note", "text-anchor": "end" });
    head.append(area, title, note);
    const ports = drawing("g");
    const root = drawing("g", { role: "group", "data-box": box.key }, frame, head, ports);
    return {
      root,
      show: ({ box: now, place: { x, y, width, height } }) => {
        set(root, { class: `box ${now.kind} ${now.status}`, "aria-label": boxName(now) });
        set(frame, { x, y, width, height });
        set(area, { x: x + 3, y: y + 3, width: width - 6 });
        set(head, { "aria-label": boxName(now) });
        const some =
          now.socketCount > now.ports.length
            ? `${now.ports.length} of ${count(now.socketCount, "socket")} · `
            : "";
        const text = `${some}${now.note}${now.status === "live" ? "" : ` ${statusText(now.status)}`}`;
        set(title, { x: x + INSET, y: y + 20 });
        say(title, clip(now.title, Math.floor((width - 2 * INSET) / CHARACTER_WIDTH) - text.length));
        set(note, { x: x + width - INSET, y: y + 20 });
        say(note, text);
        const shown = now.ports.map((port, index) => ({
          port,
          box: now,
          x,
          y: y + HEAD_HEIGHT + index * ROW_HEIGHT,
          width,
        }));
        keep(
          ports,
          shown,
          ({ port }) => port.key,
          (item) => this.#makePort(item),
        );
      },
    };
  }

  #makePort({ port: { key } }: ShownPort): Kept<ShownPort> {
    const root = this.#button(key, "port");
    const area = drawing("rect", { class: "area", rx: 6, height: ROW_HEIGHT - 4 });
    const type = drawing("text", { class: "type" });
    const place = drawing("text", { class: "place" });
    const queue = drawing("text", { class: "queue" });
    const lost = drawing("tspan", { class: "lost" });
    const rates = drawing("text", { class: "rates", "text-anchor": "end" });
    const track = drawing("rect", { class: "track", height: 4, rx: 2 });
    const bar = drawing("rect", { class: "bar", height: 4, rx: 2 });
    const waiting = drawing("tspan");
    queue.append(waiting, lost);
    root.append(area, type, place, queue, rates, track, bar);
    return {
      root,
      show: ({ port, box, x, y, width }) => {
        const inner = width - 2 * INSET;
        set(root, { "aria-label": portName(box, port) });
        set(area, { x: x + 4, y: y + 1, width: width - 8 });
        set(type, { x: x + INSET, y: y + 16 });
        say(type, port.type);
        const from = (port.type.length + 1) * CHARACTER_WIDTH;
        set(place, { x: x + INSET + from, y: y + 16 });
        say(place, clip(port.text, Math.floor((inner - from) / CHARACTER_WIDTH)));
        this.#showFlow(port, { waiting, lost, rates, track, bar }, inner);
        set(queue, { x: x + INSET, y: y + 31 });
        set(rates, { x: x + width - INSET, y: y + 31 });
        for (const one of [track, bar]) set(one, { x: x + INSET, y: y + 36 });
      },
    };
  }

  #showFlow(
    { key, type, socket }: Port,
    parts: Readonly<Record<"waiting" | "lost" | "rates" | "track" | "bar", SVGElement>>,
    inner: number,
  ): void {
    const { waiting, lost, rates, track, bar } = parts;
    const queue = socket === null ? undefined : fullest(socket);
    const { queued = 0, hwm = 0 } = queue ?? {};
    const dropped = socket === null ? 0 : droppedIn(socket.sent) + droppedIn(socket.received);
    say(waiting, socket === null ? "" : queue === undefined ? "no peer" : fill(queued, hwm));
    say(lost, dropped > 0 ? ` · ${whole(dropped)} lost` : "");
    const { sent, received } = this.#history.ratesOf(key);
    const texts = [
      ...(sends(type) ? [`↑ ${rate(sent)}`] : []),
      ...(receives(type) ? [`↓ ${rate(received)}`] : []),
    ];
    say(rates, socket === null ? "" : texts.join("  "));
    const isBarShown = queue !== undefined && hwm > 0;
    set(track, { width: isBarShown ? inner : 0 });
    set(bar, {
      width: isBarShown ? Math.round(inner * share(queued, hwm) * 10) / 10 : 0,
      class: `bar ${levelOf(queued, hwm)}`,
      "data-queued": queued,
      "data-hwm": hwm,
    });
  }

  #makeArrow({ arrow: { key } }: ShownArrow): Kept<ShownArrow> {
    const root = this.#button(key, "arrow");
    const reach = drawing("path", { class: "reach" });
    const line = drawing("path", { class: "line" });
    const head = drawing("path", { class: "tip" });
    const tail = drawing("path", { class: "tip" });
    const plate = drawing("rect", { class: "plate", height: 18, rx: 9 });
    const label = drawing("text", { class: "label", "text-anchor": "middle" });
    root.append(reach, line, head, tail, plate, label);
    return {
      root,
      show: ({ arrow, place }) => {
        const { forth, back } = arrow;
        const isLosing = forth.droppedPerSecond + back.droppedPerSecond > 0;
        const perSecond = forth.perSecond + back.perSecond;
        const state = isLosing ? "losing" : perSecond > 0 ? "busy" : "idle";
        set(root, {
          class: `arrow ${state} ${arrow.live ? "live" : "dead"}`,
          "data-rate": perSecond.toFixed(1),
        });
        // A name that changes while it has the focus would be read out each second.
        if (document.activeElement !== root) set(root, { "aria-label": arrowName(this.#topology, arrow) });
        set(reach, { d: place.path });
        set(line, { d: place.path, "stroke-width": thickness(perSecond) });
        set(head, { d: tip(place.head) });
        set(tail, { d: place.tail === null ? null : tip(place.tail) });
        const text = labelText(arrow, isLosing, this.#layout.isNarrow);
        say(label, text);
        const width = text.length * 6.4 + 14;
        set(label, { x: place.label.x, y: place.label.y + 4 });
        set(plate, { x: place.label.x - width / 2, y: place.label.y - 9, width });
      },
    };
  }
}

function labelText({ live, isTwoWay, forth, back }: Arrow, isLosing: boolean, isNarrow: boolean): string {
  const lost = forth.droppedPerSecond + back.droppedPerSecond;
  if (!live) return isNarrow ? "none" : "not connected";
  if (isNarrow && isLosing) return `✕ ${rate(lost)}`;
  if (isNarrow) return rate(forth.perSecond + back.perSecond);
  if (isLosing) return `${rate(forth.perSecond)} ✕ ${rate(lost)}`;
  if (!isTwoWay) return rate(forth.perSecond);
  return `→ ${rate(forth.perSecond)} ← ${rate(back.perSecond)}`;
}

/** Each factor of ten is as much thicker. */
function thickness(perSecond: number): number {
  return Math.round(Math.min(6, 1.25 + 0.75 * Math.log10(1 + perSecond)) * 10) / 10;
}

function tip({ x, y, way }: Tip): string {
  const base = x - way * HEAD_LENGTH;
  return `M${x},${y}L${base},${y - 5}L${base},${y + 5}Z`;
}
