import { styleText } from "node:util";
import type { FlowStats } from "../../src/index.ts";

type Style = Parameters<typeof styleText>[0];

const coloured = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
const LABEL_WIDTH = 42;
const COUNT_WIDTH = 11;

/** What the demo prints. Colours are for a terminal only. */
export class Screen {
  title(text: string): void {
    this.#line("");
    this.#line(paint("bold", text));
  }

  note(text: string): void {
    this.#line(`  ${paint("dim", text)}`);
  }

  measure(label: string, what: string, rate: string, good: boolean): void {
    const sign = good ? paint("green", "✓") : paint("red", "✗");
    this.#line(`  ${sign} ${label.padEnd(LABEL_WIDTH)}${what.padEnd(34)}${paint("cyan", rate)}`);
  }

  failure(text: string): void {
    this.#line(`  ${paint("red", `✗ ${text}`)}`);
  }

  ledgerHead(): void {
    const head = ["accepted", "delivered", "queued", "dropped"]
      .map((name) => name.padStart(COUNT_WIDTH))
      .join("  ");
    this.#line(paint("dim", `    ${"ledger".padEnd(LABEL_WIDTH - 10)}${head}`));
  }

  ledgerLine(socket: string, direction: string, flow: FlowStats, balanced: boolean): void {
    const drops = Object.entries(flow.dropped).filter(([, count]) => count > 0);
    const dropped = drops.reduce((total, [, count]) => total + count, 0);
    const counts = [flow.accepted, flow.delivered, flow.queued, dropped].map((count) => {
      return count.toLocaleString("en-US").padStart(COUNT_WIDTH);
    });
    const reasons = drops.map(([reason, count]) => `${reason}: ${count.toLocaleString("en-US")}`).join(", ");
    const sum = `${counts[0]} ${balanced ? "=" : paint("red", "≠")}${counts[1]} +${counts[2]} +${counts[3]}`;
    this.#line(
      `    ${socket.padEnd(8)}${direction.padEnd(LABEL_WIDTH - 18)}${sum}  ${paint("yellow", reasons)}`,
    );
  }

  verdict(text: string, good: boolean): void {
    this.#line("");
    this.#line(paint(good ? ["bold", "green"] : ["bold", "red"], text));
  }

  #line(text: string): void {
    process.stdout.write(`${text.trimEnd()}\n`);
  }
}

export function amount(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

export function sizeName(size: number): string {
  if (size >= 1 << 20) return `${size >> 20} MiB`;
  return size >= 1024 ? `${size >> 10} KiB` : `${size} B`;
}

function paint(style: Style, text: string): string {
  return coloured && text !== "" ? styleText(style, text) : text;
}
