/** Where things are, seen from the compiled programs. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("no package.json above the benchmarks");
    folder = parent;
  }
  return folder;
}

export const root = findRoot();
export const cSources = join(root, "bench", "c");
export const cBinaries = join(root, "build", "bench-c");
export const nodePeer = fileURLToPath(new URL("../peer/main.js", import.meta.url));
/** Of this tree, unless the environment names another build. Peers inherit the environment. */
export const ourIndex =
  process.env["BENCH_OURS"] ?? fileURLToPath(new URL("../../src/index.js", import.meta.url));
