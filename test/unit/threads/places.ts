// The table of names as it lies in memory.

import { NAME, NAME_COUNT, NAME_WORDS, NAMES_AT } from "../../../src/threads/layout.ts";
import type { Directory } from "../../../src/threads/seat/directory.ts";

/** The owner words of all places. */
export function ownerWords({ words }: Directory): number[] {
  return Array.from(
    { length: NAME_COUNT },
    (_, i) => words[NAMES_AT + i * NAME_WORDS + NAME.OWNER] as number,
  );
}

/** Vacant places that no search passes on its way to a name. */
export function strayPlaces(directory: Directory): number {
  const owners = ownerWords(directory);
  const passed = new Uint8Array(NAME_COUNT);
  for (const [at, owner] of owners.entries()) {
    if (owner <= 0) continue;
    const home = (directory.words[NAMES_AT + at * NAME_WORDS + NAME.KEY] as number) & (NAME_COUNT - 1);
    for (let i = home; i !== at; i = (i + 1) % NAME_COUNT) passed[i] = 1;
  }
  return owners.filter((owner, i) => owner === -1 && passed[i] === 0).length;
}
