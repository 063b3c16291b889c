/** Few numbers about few samples. */
export function quantile(samples: readonly number[], share: number): number {
  if (samples.length === 0) return Number.NaN;
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

const UNITS: readonly (readonly [size: number, letter: string])[] = [
  [1e9, " G"],
  [1e6, " M"],
  [1e3, " k"],
];

/** Three significant digits and a letter: 4.97 M, 331 k, 12.3. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const [size, letter] = UNITS.find(([limit]) => Math.abs(value) >= limit * 0.9995) ?? [1, ""];
  const scaled = value / size;
  const digits = Math.abs(scaled) >= 99.95 ? 0 : Math.abs(scaled) >= 9.995 ? 1 : 2;
  return `${scaled === 0 ? "0" : scaled.toFixed(digits)}${letter}`;
}

export function sizeName(size: number): string {
  if (size >= 1 << 20 && size % (1 << 20) === 0) return `${size >> 20} MB`;
  if (size >= 1024 && size % 1024 === 0) return `${size >> 10} kB`;
  return `${size} B`;
}
