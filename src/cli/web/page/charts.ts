// Lines over time, drawn by uPlot; a table beside each says the same in numbers.
import type { Kept } from "./dom.ts";
import { element, keep, part, say, set } from "./dom.ts";
import type { History, Series } from "./history.ts";
import { POINT_COUNT_MAX } from "./history.ts";
import { rate, short } from "./numbers.ts";

/** What of uPlot is used here; the script is loaded by the page. */
interface Plot {
  setData(data: readonly (readonly (number | null)[])[]): void;
  setSize(size: { width: number; height: number }): void;
  destroy(): void;
}

declare const uPlot: new (
  options: object,
  data: readonly (readonly (number | null)[])[],
  target: Element,
) => Plot;

const HEIGHT = 150;
const COLOR_COUNT = 8;
const TICK_SECONDS = 30;

/** One chart: its figure has a place for the picture, and a table. */
export class Chart {
  readonly #frame: HTMLElement;
  readonly #rows: HTMLElement;
  readonly #picture: HTMLElement;
  readonly #pick: (history: History) => readonly Series[];
  readonly #colorOf: (key: string, index: number) => string;
  #plot: Plot | null;
  #shape: string;
  #history: History | null;

  constructor(
    id: string,
    pick: (history: History) => readonly Series[],
    colorOf: (key: string, index: number) => string = (_key, index) =>
      `--series-${(index % COLOR_COUNT) + 1}`,
  ) {
    this.#frame = part(id);
    this.#picture = this.#frame.querySelector(".picture") as HTMLElement;
    this.#rows = this.#frame.querySelector("tbody") as HTMLElement;
    this.#pick = pick;
    this.#colorOf = colorOf;
    this.#plot = null;
    this.#shape = "";
    this.#history = null;
    const redraw = (): void => {
      this.#shape = "";
      if (this.#history !== null) this.show(this.#history);
    };
    new ResizeObserver(redraw).observe(this.#picture);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  }

  show(history: History): void {
    this.#history = history;
    const series = this.#pick(history);
    const shape = series.map(({ key }) => key).join("\n");
    const data = [history.times, ...series.map(({ values }) => values)];
    if (this.#plot === null || shape !== this.#shape) {
      this.#shape = shape;
      this.#plot?.destroy();
      this.#plot = new uPlot(this.#options(series), data, this.#picture);
      for (const canvas of this.#picture.querySelectorAll("canvas")) set(canvas, { "aria-hidden": "true" });
    } else {
      this.#plot.setData(data);
    }
    const rows = series.map((one, index) => ({ one, color: this.#colorOf(one.key, index) }));
    keep(this.#rows, rows, ({ one }) => one.key, makeRow);
    set(this.#frame, { "data-series": series.length, "data-points": history.times.length });
    this.#frame.classList.toggle("empty", series.length === 0);
  }

  #options(series: readonly Series[]): object {
    const style = getComputedStyle(document.documentElement);
    const color = (name: string): string => style.getPropertyValue(name).trim();
    const axis = {
      stroke: color("--dim"),
      font: "11px system-ui, sans-serif",
      grid: { stroke: color("--grid"), width: 1 },
      ticks: { show: false },
    };
    return {
      width: Math.max(100, this.#picture.clientWidth),
      height: HEIGHT,
      padding: [8, 18, 0, 0],
      cursor: { show: false },
      legend: { show: false },
      scales: {
        x: { time: false, range: (_: unknown, _min: number, max: number) => [max - POINT_COUNT_MAX, max] },
        y: { range: (_: unknown, _min: number, max: number | null) => [0, Math.max(1, (max ?? 0) * 1.08)] },
      },
      axes: [
        {
          ...axis,
          size: 26,
          splits: (_: unknown, _axis: number, min: number, max: number) => ticks(min, max),
          values: (_: unknown, splits: readonly number[]) =>
            splits.map((at) => ago((splits[0] as number) - at)),
        },
        {
          ...axis,
          size: 52,
          space: 28,
          values: (_: unknown, splits: readonly number[]) => splits.map(short),
        },
      ],
      series: [
        {},
        ...series.map(({ key, label }, index) => ({
          label,
          stroke: color(this.#colorOf(key, index)),
          width: 2,
          points: { show: false },
          spanGaps: false,
        })),
      ],
    };
  }
}

/** From now backwards. */
function ticks(min: number, max: number): number[] {
  const found: number[] = [];
  for (let at = max; at >= min; at -= TICK_SECONDS) found.push(at);
  return found;
}

function ago(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds % 60);
  if (seconds < 1) return "now";
  return `−${minutes}:${String(rest).padStart(2, "0")}`;
}

interface Row {
  readonly one: Series;
  readonly color: string;
}

function makeRow({ color }: Row): Kept<Row> {
  const swatch = element("span", { class: `swatch ${color.slice(2)}`, "aria-hidden": "true" });
  const name = element("span");
  const now = element("td");
  const peak = element("td");
  return {
    root: element("tr", {}, element("th", { scope: "row" }, swatch, name), now, peak),
    show: ({ one: { label, values } }) => {
      say(name, label);
      const last = values.at(-1) ?? null;
      say(now, last === null ? "ended" : rate(last));
      say(peak, rate(values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0)));
    },
  };
}
