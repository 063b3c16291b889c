/** Ours without `sodium-native`, installed or not: a copy of the build beside a package of that name that does not load. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ourIndex, root } from "./places.ts";

let index: string | null = null;

/** The copy's `index.js`; made once a run. All threads of a peer that loads it do without. */
export function portableIndex(): string {
  if (index !== null) return index;
  const folder = join(root, "build", "bench-portable");
  const hidden = join(folder, "node_modules", "sodium-native");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(hidden, { recursive: true });
  writeFileSync(join(hidden, "package.json"), '{ "name": "sodium-native", "main": "index.js" }\n');
  writeFileSync(join(hidden, "index.js"), 'throw new Error("hidden by bench/harness/portable.ts");\n');
  cpSync(dirname(ourIndex), join(folder, "ours"), { recursive: true });
  index = join(folder, "ours", basename(ourIndex));
  return index;
}
