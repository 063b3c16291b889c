/** `1 message`, `37 messages`. */
export function count(number: number, noun: string): string {
  return number === 1 ? `1 ${noun}` : `${number} ${noun}s`;
}

/** `1 message was`, `37 messages were`. */
export function countWere(number: number, noun: string): string {
  return `${count(number, noun)} ${number === 1 ? "was" : "were"}`;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
/** Up to this it is told in milliseconds, or in seconds. */
const SPAN_MAX = 120;

/** A time as people say it: exact below ten seconds. */
export function span(ms: number): string {
  if (ms < 10 * SECOND_MS) return `${Math.round(ms)} ms`;
  if (ms < SPAN_MAX * SECOND_MS) return `${Math.round(ms / SECOND_MS)} s`;
  if (ms < SPAN_MAX * MINUTE_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  return `${Math.round(ms / (60 * MINUTE_MS))} h`;
}

/** The sentence of an error without the advice behind it, and without its full stop. */
export function sentenceOf(message: string): string {
  return message.split(/\.(?: |$)/, 1)[0] as string;
}
