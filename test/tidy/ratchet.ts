// Old sins cannot grow: what exceeds a red line is written down with its size in ratchet.json, and the entry may only
// shrink. An entry that has become needless must be taken out, so that the file shows the debt as it is.

import { readText } from "./sources.ts";

export interface Ratchet {
  readonly comment: string;
  /** Files over the red line: path to lines. */
  readonly fileLines: Readonly<Record<string, number>>;
  /** Functions over the red line: `path name` to lines. */
  readonly functionLines: Readonly<Record<string, number>>;
  /** Source files without a unit test of their own: path to reason. */
  readonly untested: Readonly<Record<string, string>>;
}

export const ratchet: Ratchet = JSON.parse(readText("test/tidy/ratchet.json"));

/** What is over the limit and not allowed for, and what is allowed for and no longer needed. */
export function overLimit(
  measured: ReadonlyMap<string, number>,
  allowed: Readonly<Record<string, number>>,
  limit: number,
): string[] {
  const places: string[] = [];
  for (const [name, size] of measured) {
    const bound = allowed[name];
    if (bound === undefined && size > limit) places.push(`${name}: ${size} lines, at most ${limit}`);
    if (bound !== undefined && size > bound) places.push(`${name}: ${size} lines, grown beyond its ${bound}`);
    if (bound !== undefined && size < bound)
      places.push(`${name}: ${size} lines, so tighten its entry of ${bound}`);
  }
  for (const name of Object.keys(allowed))
    if (!measured.has(name)) places.push(`${name}: gone, so remove its entry`);
  return places;
}
