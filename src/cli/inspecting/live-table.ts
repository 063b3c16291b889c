import { paint } from "../console.ts";
import type { Sink } from "../io.ts";
import type { PlacedFinding } from "./finding-lines.ts";
import { countBySeverity, severityText } from "./finding-lines.ts";
import type { SocketRow, SortKey } from "./rates.ts";
import { fullness } from "./rates.ts";

/** What one look found. */
export interface Look {
  readonly processCount: number;
  readonly rows: readonly SocketRow[];
  readonly findings: readonly PlacedFinding[];
}

const BAR_WIDTH = 8;
const ENDPOINT_WIDTH_MAX = 44;

interface Column {
  readonly title: string;
  readonly isLeft?: boolean;
  cell(row: SocketRow, findings: readonly PlacedFinding[]): string;
}

const COLUMNS: readonly Column[] = [
  { title: "pid", cell: ({ pid, threadId }) => (threadId === 0 ? `${pid}` : `${pid}.${threadId}`) },
  { title: "type", isLeft: true, cell: ({ type }) => type },
  { title: "endpoint", isLeft: true, cell: ({ endpoints }) => endpointText(endpoints) },
  { title: "peers", cell: ({ peerCount }) => String(peerCount) },
  { title: "in/s", cell: ({ inRate }) => rateText(inRate) },
  { title: "out/s", cell: ({ outRate }) => rateText(outRate) },
  { title: "queue", isLeft: true, cell: queueText },
  { title: "drops", isLeft: true, cell: ({ drops }) => dropText(drops) },
  {
    title: "findings",
    isLeft: true,
    cell: (row, findings) =>
      [...new Set(findings.filter((finding) => isOf(finding, row)).map(({ code }) => code))].join(", "),
  },
];

/** The table as lines, no longer than the terminal is wide. */
export function tableLines(sink: Sink, look: Look, sortKey: SortKey): string[] {
  const cells = look.rows.map((row) => COLUMNS.map((column) => column.cell(row, look.findings)));
  const widths = COLUMNS.map(({ title }, at) =>
    Math.max(title.length, ...cells.map((line) => (line[at] as string).length)),
  );
  // What is not a terminal is as wide as need be.
  const width = sink.isTerminal ? sink.columns : Number.POSITIVE_INFINITY;
  const format = (line: readonly string[]): string =>
    line
      .map((cell, at) =>
        COLUMNS[at]?.isLeft ? cell.padEnd(widths[at] as number) : cell.padStart(widths[at] as number),
      )
      .join("  ")
      .trimEnd()
      .slice(0, width);
  const counts = severityText(countBySeverity(look.findings));
  const processes = `${look.processCount} process${look.processCount === 1 ? "" : "es"}`;
  const sockets = `${look.rows.length} socket${look.rows.length === 1 ? "" : "s"}`;
  return [
    `${processes}, ${sockets}, ${counts === "" ? "no findings" : counts}; by ${sortKey}`.slice(0, width),
    paint(sink, "bold", format(COLUMNS.map(({ title }) => title))),
    ...cells.map((line, at) => colour(sink, look.rows[at] as SocketRow, format(line))),
  ];
}

function colour(sink: Sink, row: SocketRow, line: string): string {
  if (fullness(row) >= 1) return paint(sink, "red", line);
  return fullness(row) >= 0.5 ? paint(sink, "yellow", line) : line;
}

function isOf({ pid, threadId, socket }: PlacedFinding, row: SocketRow): boolean {
  return pid === row.pid && threadId === row.threadId && socket.id === row.id;
}

function endpointText([first = "-", ...more]: readonly string[]): string {
  const text = more.length === 0 ? first : `${first} +${more.length}`;
  return text.length <= ENDPOINT_WIDTH_MAX ? text : `${text.slice(0, ENDPOINT_WIDTH_MAX - 3)}...`;
}

/** `12`, `3.4k`, `1.2M`. */
export function rateText(rate: number | null): string {
  if (rate === null) return "-";
  if (rate < 9.95) return rate === 0 ? "0" : rate.toFixed(1);
  if (rate < 9_999.5) return String(Math.round(rate));
  return rate < 999_950 ? `${(rate / 1e3).toFixed(1)}k` : `${(rate / 1e6).toFixed(2)}M`;
}

/** How full the fullest queue is, as a bar. */
export function queueText(row: Pick<SocketRow, "queued" | "hwm">): string {
  const filled = row.queued === 0 ? 0 : Math.max(1, Math.round(fullness(row) * BAR_WIDTH));
  return `[${"#".repeat(filled).padEnd(BAR_WIDTH, ".")}] ${row.queued}/${row.hwm === 0 ? "-" : row.hwm}`;
}

function dropText(drops: Readonly<Record<string, number>>): string {
  const parts = Object.entries(drops).map(([reason, count]) => `${reason} ${count}`);
  return parts.length === 0 ? "0" : parts.join(", ");
}
