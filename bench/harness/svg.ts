/**
 * Small plots: lines over a scale, and horizontal bars. Plain SVG that follows the reader's light or dark
 * theme.
 */
import { short } from "./stats.ts";

/** One line or one group of bars; the tone is the same for one contender in every plot. */
export interface Series {
  name: string;
  points: Point[];
}

export interface Point {
  /** Index into the names of the horizontal scale, or of the groups. */
  at: number;
  median: number;
  low: number;
  high: number;
}

export interface Plot {
  title: string;
  subtitle: string;
  /** What is measured, with its unit. */
  valueLabel: string;
  /** What the names count. */
  scaleLabel: string;
  names: string[];
  series: Series[];
}

interface Tone {
  light: string;
  dark: string;
  marker: "circle" | "square" | "diamond" | "triangle";
}

const tones: Array<[RegExp, Tone]> = [
  [/^ours( await)?$/, { light: "#0a62c9", dark: "#5aa9ff", marker: "circle" }],
  [/^ours (batch|try|busyPoll|many)$/, { light: "#087f5b", dark: "#3ddc97", marker: "square" }],
  [/^native/, { light: "#c2410c", dark: "#fb9d5b", marker: "triangle" }],
  [/^port/, { light: "#c2410c", dark: "#fb9d5b", marker: "triangle" }],
  [/^c( filled| PAIR)?$/, { light: "#57606a", dark: "#a9b4c0", marker: "diamond" }],
  [/./, { light: "#8250df", dark: "#c4a7ff", marker: "circle" }],
];

/** Contenders as a reader of the plot alone would call them. */
function displayName(name: string): string {
  return name.replace(/\bours\b/, "zeromq-ts").replace(/\bc\b/, "C, libzmq");
}

function toneIndex(name: string): number {
  return tones.findIndex(([pattern]) => pattern.test(name));
}

function style(): string {
  const rules = (pick: (tone: Tone) => string): string =>
    tones.map(([, tone], i) => `.f${i}{fill:${pick(tone)}}.s${i}{stroke:${pick(tone)}}`).join("");
  return `<style>
text{font:13px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2328}
.title{font-size:17px;font-weight:600}.soft{fill:#59636e;font-size:12px}.name{font-weight:600}
.paper{fill:#fff}.grid{stroke:#e4e8ec}.axis{stroke:#aeb6bf}
.line{fill:none;stroke-width:2.25;stroke-linejoin:round}
.spread{stroke-width:1.25;opacity:.55}${rules((tone) => tone.light)}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.soft{fill:#9aa4af}.paper{fill:#0d1117}
.grid{stroke:#222a33}.axis{stroke:#4b5560}${rules((tone) => tone.dark)}}
</style>`;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function label(x: number, y: number, text: string, attributes = ""): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escapeText(text)}</text>`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function marker(x: number, y: number, index: number): string {
  const shape = tones[index][1].marker;
  const tone = `class="f${index}"`;
  if (shape === "circle") return `<circle cx="${round(x)}" cy="${round(y)}" r="4" ${tone}/>`;
  const corners: Record<string, Array<[number, number]>> = {
    square: [
      [-3.6, -3.6],
      [3.6, -3.6],
      [3.6, 3.6],
      [-3.6, 3.6],
    ],
    diamond: [
      [0, -5],
      [5, 0],
      [0, 5],
      [-5, 0],
    ],
    triangle: [
      [0, -4.8],
      [4.6, 3.6],
      [-4.6, 3.6],
    ],
  };
  const points = corners[shape].map(([dx, dy]) => `${round(x + dx)},${round(y + dy)}`).join(" ");
  return `<polygon points="${points}" ${tone}/>`;
}

function frame(width: number, height: number, plot: Plot, body: string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
      `role="img" aria-label="${escapeText(plot.title).replaceAll('"', "&quot;")}">`,
    style(),
    `<rect class="paper" width="${width}" height="${height}" rx="8"/>`,
    label(24, 32, plot.title, 'class="title"'),
    label(24, 52, plot.subtitle, 'class="soft"'),
    ...body,
    "</svg>",
    "",
  ].join("\n");
}

/** Pushes labels apart so that none covers another, each as near to its wish as the order allows. */
function spreadOut(wishes: number[], gap: number): number[] {
  const order = wishes.map((_, i) => i).sort((a, b) => wishes[a] - wishes[b]);
  const placed = [...wishes];
  for (let pass = 0; pass < 50; pass++) {
    for (let i = 1; i < order.length; i++) {
      const above = order[i - 1];
      const below = order[i];
      const lack = gap - (placed[below] - placed[above]);
      if (lack > 0) {
        placed[above] -= lack / 2;
        placed[below] += lack / 2;
      }
    }
  }
  return placed;
}

/**
 * Medians as lines with markers, the range of the rounds as a thin stroke; the vertical scale is logarithmic.
 */
export function linePlot(plot: Plot): string {
  const width = 800;
  const height = 480;
  const box = { left: 78, right: width - 156, top: 100, bottom: height - 58 };
  const all = plot.series.flatMap((series) => series.points);
  if (all.length === 0) return frame(width, height, plot, [label(24, 100, "nothing was measured")]);
  const low = Math.log10(Math.min(...all.map((point) => point.low))) - 0.08;
  const high = Math.log10(Math.max(...all.map((point) => point.high))) + 0.08;
  const y = (value: number): number =>
    box.bottom - ((Math.log10(value) - low) / (high - low)) * (box.bottom - box.top);
  const step = (box.right - box.left - 40) / Math.max(1, plot.names.length - 1);
  const x = (at: number): number =>
    plot.names.length === 1 ? (box.left + box.right) / 2 : box.left + 20 + at * step;

  const body: string[] = [label(24, box.top - 16, plot.valueLabel, 'class="soft"')];
  const multiples = high - low > 4.5 ? [1] : high - low > 1.6 ? [1, 3] : [1, 2, 5];
  for (let decade = Math.floor(low); decade <= Math.ceil(high); decade++) {
    for (const multiple of multiples) {
      const value = multiple * 10 ** decade;
      if (Math.log10(value) < low || Math.log10(value) > high) continue;
      body.push(`<path class="grid" d="M${box.left} ${round(y(value))}H${box.right}"/>`);
      body.push(label(box.left - 10, y(value) + 4, tick(value), 'class="soft" text-anchor="end"'));
    }
  }
  body.push(`<path class="axis" d="M${box.left} ${box.bottom}H${box.right}"/>`);
  for (const [at, name] of plot.names.entries()) {
    body.push(label(x(at), box.bottom + 20, name, 'text-anchor="middle"'));
  }
  body.push(
    label((box.left + box.right) / 2, box.bottom + 42, plot.scaleLabel, 'class="soft" text-anchor="middle"'),
  );

  const drawn = plot.series.filter((series) => series.points.length > 0);
  const ends = spreadOut(
    drawn.map((series) => y(series.points[series.points.length - 1].median)),
    17,
  );
  for (const [at, series] of drawn.entries()) {
    const index = toneIndex(series.name);
    const line = series.points.map((point) => `${round(x(point.at))} ${round(y(point.median))}`).join("L");
    body.push(`<path class="line s${index}" d="M${line}"/>`);
    for (const point of series.points) {
      body.push(
        `<path class="spread s${index}" d="M${round(x(point.at))} ${round(y(point.low))}V${round(y(point.high))}"/>`,
      );
      body.push(marker(x(point.at), y(point.median), index));
    }
    body.push(label(box.right + 6, ends[at] + 4, displayName(series.name), `class="name f${index}"`));
  }
  return frame(width, height, plot, body);
}

function tick(value: number): string {
  return short(value).replace(/\.0+(?= |$)/, "");
}

/** A round number a little above the value, so that the scale ends on a tick. */
function niceTop(value: number): { top: number; step: number } {
  const raw = value / 5;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((multiple) => multiple * size).find((each) => each >= raw) ?? raw;
  return { top: Math.ceil(value / step) * step, step };
}

/** Horizontal bars from zero, one group for each name; the figure stands at the end of its bar. */
export function barPlot(plot: Plot): string {
  const width = 800;
  const rowHeight = 26;
  const rows = plot.names.flatMap((name, at) =>
    plot.series.flatMap((series) =>
      series.points.filter((point) => point.at === at).map((point) => ({ name, series: series.name, point })),
    ),
  );
  const groupGap = 34;
  const height = 132 + rows.length * rowHeight + plot.names.length * groupGap;
  if (rows.length === 0) return frame(width, height, plot, [label(24, 100, "nothing was measured")]);
  const longest = Math.max(...plot.series.map((series) => displayName(series.name).length));
  const box = { left: Math.max(156, 34 + 7 * longest), right: width - 80, top: 72, bottom: height - 52 };
  // Nothing but zeros has a scale too.
  const { top, step } = niceTop(Math.max(...rows.map(({ point }) => point.high)) || 1);
  const x = (value: number): number => box.left + (value / top) * (box.right - box.left);

  const body: string[] = [];
  for (let value = 0; value <= top * 1.0001; value += step) {
    body.push(`<path class="grid" d="M${round(x(value))} ${box.top}V${box.bottom}"/>`);
    body.push(label(x(value), box.bottom + 18, tick(value), 'class="soft" text-anchor="middle"'));
  }
  body.push(
    label((box.left + box.right) / 2, box.bottom + 38, plot.valueLabel, 'class="soft" text-anchor="middle"'),
  );
  let y = box.top;
  let group = "";
  for (const { name, series, point } of rows) {
    if (name !== group) {
      y += groupGap;
      group = name;
      body.push(label(24, y - 10, name, 'class="name"'));
    }
    const index = toneIndex(series);
    const middle = y + rowHeight / 2 - 3;
    body.push(label(box.left - 10, middle + 4, displayName(series), `text-anchor="end"`));
    body.push(
      `<rect class="f${index}" x="${box.left}" y="${round(y)}" width="${round(x(point.median) - box.left)}" ` +
        `height="${rowHeight - 6}" rx="2"/>`,
    );
    body.push(
      `<path class="axis" d="M${round(x(point.low))} ${round(middle)}H${round(x(point.high))}" stroke-width="1.5"/>`,
    );
    body.push(label(Math.max(x(point.median), x(point.high)) + 8, middle + 4, short(point.median)));
    body.push(`<path class="axis" d="M${box.left} ${round(y - 4)}v${rowHeight + 2}"/>`);
    y += rowHeight;
  }
  return frame(width, height, plot, body);
}
