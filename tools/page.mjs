// Puts what the live page consists of beside its compiled scripts: `node tools/page.mjs dist`, `node tools/page.mjs build/src`.
// uPlot is copied out of its package, with its licence, so that users install no dependency.

import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const page = join("cli", "web", "page");
const source = join(root, "src", page);
const plot = join(root, "node_modules", "uplot");

function withLicence(name) {
  const licence = readFileSync(join(plot, "LICENSE"), "utf8").trim();
  return `/*!\nuPlot\n${licence}\n*/\n${readFileSync(join(plot, "dist", name), "utf8")}`;
}

for (const folder of process.argv.slice(2)) {
  const target = join(root, folder, page);
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(source).sort()) {
    if ([".html", ".css", ".svg"].includes(extname(name)))
      copyFileSync(join(source, name), join(target, name));
  }
  writeFileSync(join(target, "uplot.js"), withLicence("uPlot.iife.min.js"));
  writeFileSync(join(target, "uplot.css"), withLicence("uPlot.min.css"));
}
