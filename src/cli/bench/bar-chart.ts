import { short } from "./figures.ts";

/** One bar: its length is the median, the thin line the range. */
export interface Bar {
  readonly name: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface BarGroup {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 760;
const ROW = 30;
const LEFT = 170;
const RIGHT = WIDTH - 90;
const COLOURS = ["#0a62c9", "#087f5b", "#c2410c", "#8250df"];

const STYLE = `<style>
text{font:13px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2328}
.title{font-size:17px;font-weight:600}.name{font-weight:600}.paper{fill:#fff}.line{stroke:#59636e;stroke-width:1.5}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.paper{fill:#0d1117}.line{stroke:#aeb6bf}}
</style>`;

/** Horizontal bars from zero, each group on a scale of its own, as SVG. */
export function barChart(title: string, groups: readonly BarGroup[]): string {
  const body: string[] = [];
  let y = 64;
  for (const { title: name, unit, bars } of groups) {
    body.push(text(24, y, `${name} (${unit})`, 'class="name"'));
    y += 12;
    const top = Math.max(...bars.map(({ high }) => high)) || 1;
    const x = (value: number): number => LEFT + (value / top) * (RIGHT - LEFT);
    for (const [at, bar] of bars.entries()) {
      const middle = y + ROW / 2;
      const width = (x(bar.median) - LEFT).toFixed(1);
      const colour = COLOURS[at % COLOURS.length] as string;
      body.push(
        text(LEFT - 10, middle + 4, bar.name, 'text-anchor="end"'),
        `<rect x="${LEFT}" y="${y + 4}" width="${width}" height="${ROW - 8}" rx="2" fill="${colour}"/>`,
        `<path class="line" d="M${x(bar.low).toFixed(1)} ${middle}H${x(bar.high).toFixed(1)}"/>`,
        text(x(bar.high) + 8, middle + 4, short(bar.median)),
      );
      y += ROW;
    }
    y += 36;
  }
  const label = escaped(title);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="${label}">
${STYLE}
<rect class="paper" width="${WIDTH}" height="${y}" rx="8"/>
${text(24, 32, title, 'class="title"')}
${body.join("\n")}
</svg>
`;
}

function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
