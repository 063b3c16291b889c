// node tools/prune-types.mjs dist: leaves only the declarations that users can reach from an entry of the package.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const folder = resolve(process.argv[2]);
const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const entries = Object.values(manifest.exports).flatMap((entry) => entry.types ?? []);

const reached = new Set();
const waiting = entries.map((entry) => resolve(entry));
for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
  if (reached.has(file)) continue;
  reached.add(file);
  for (const [, path] of readFileSync(file, "utf8").matchAll(/["'](\.{1,2}\/[^"']+)\.(?:ts|js)["']/g))
    waiting.push(join(dirname(file), `${path}.d.ts`));
}

const written = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".d.ts"))
  .map((path) => join(folder, path));
for (const file of reached)
  if (!written.includes(file)) throw new Error(`${relative(folder, file)} is imported and was not written`);
for (const file of written) if (!reached.has(file)) rmSync(file);
