/** Few numbers about few samples. */

export function quantile(samples: readonly number[], share: number): number {
  if (samples.length === 0) return Number.NaN;
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = Math.floor(at);
  const above = Math.ceil(at);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** Three significant digits and a unit letter: 4.97 M, 331 k, 12.3. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const units: Array<[number, string]> = [
    [1e9, " G"],
    [1e6, " M"],
    [1e3, " k"],
  ];
  for (const [size, letter] of units) {
    if (Math.abs(value) >= size * 0.9995) return `${significant(value / size)}${letter}`;
  }
  return significant(value);
}

function significant(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(2);
}

export function ratio(value: number): string {
  return Number.isFinite(value) ? `${value >= 100 ? value.toFixed(0) : value.toFixed(2)} x` : "-";
}

export function sizeName(bytes: number): string {
  if (bytes >= 1_048_576 && bytes % 1_048_576 === 0) return `${bytes / 1_048_576} MB`;
  if (bytes >= 1024 && bytes % 1024 === 0) return `${bytes / 1024} KB`;
  return `${bytes} B`;
}

export function countName(count: number): string {
  if (count >= 1e6 && count % 1e6 === 0) return `${count / 1e6} M`;
  if (count >= 1e4 && count % 1e3 === 0) return `${count / 1e3} k`;
  return count.toLocaleString("en");
}
