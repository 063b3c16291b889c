// Removes the folders named, so that a build holds nothing whose source is gone: `node tools/clean.mjs dist`.

import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const removable = ["build", "dist"];

for (const name of process.argv.slice(2)) {
  if (!removable.includes(name))
    throw new Error(`${name} is no folder of build output (${removable.join(", ")})`);
  rmSync(join(root, name), { recursive: true, force: true });
}
