// Numbers and names as they are shown.

/** 1,234,567 */
export function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** At most five characters: 0, 0.4, 12, 1.2 k, 340 k, 5.1 M. */
export function short(value: number): string {
  if (value === 0) return "0";
  if (value < 0.1) return "<0.1";
  for (const [unit, name] of [
    [1e9, " G"],
    [1e6, " M"],
    [1e3, " k"],
  ] as const) {
    if (value >= unit * 0.9995) return digits(value / unit) + name;
  }
  return digits(value);
}

function digits(value: number): string {
  return value < 9.95 ? String(Math.round(value * 10) / 10) : String(Math.round(value));
}

/** 12 k/s */
export function rate(perSecond: number): string {
  return `${short(perSecond)}/s`;
}

/** `7 / 10`, or `7` where there is no limit. */
export function fill(queued: number, hwm: number): string {
  return hwm > 0 ? `${whole(queued)} / ${whole(hwm)}` : `${whole(queued)}, no limit`;
}

/** At most `max` characters, cut in the middle: what differs stands at the end. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const tail = Math.ceil((max - 1) * 0.6);
  return `${text.slice(0, Math.max(0, max - 1 - tail))}…${text.slice(text.length - tail)}`;
}

/** `1 socket`, `2 sockets`. */
export function count(value: number, noun: string): string {
  return `${whole(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** `evidence` names as words: `queuedCount` is `queued count`. */
export function words(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
}

/** A value of a finding's evidence. */
export function plain(name: string, value: number | string | boolean | null): string {
  if (value === null) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return value;
  return name.endsWith("Ms") ? duration(value) : whole(value);
}

/** 250 ms, 3.2 s, 4 min, 2 h */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${Math.round(ms / 100) / 10} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}
