// node tools/indent.mjs dist: indents what the compiler wrote by tabs instead of four spaces, an eighth of all octets.
// Lines inside of template texts are left as they are.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "ts6";

const folder = process.argv[2];
for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
  if (!/\.(js|d\.ts)$/.test(path)) continue;
  const file = join(folder, path);
  const text = readFileSync(file, "utf8");
  const kept = linesInTemplates(file, text);
  const lines = text.split("\n");
  const indented = lines.map((line, index) =>
    kept.has(index) ? line : line.replace(/^(?: {4})+/, (spaces) => "\t".repeat(spaces.length / 4)),
  );
  writeFileSync(file, indented.join("\n"));
}

/** Numbers of the lines that begin inside of a template text. */
function linesInTemplates(name, text) {
  const lines = new Set();
  if (!text.includes("`")) return lines;
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, false);
  const lineAt = (position) => source.getLineAndCharacterOfPosition(position).line;
  const visit = (node) => {
    if (ts.isTemplateLiteralToken(node))
      for (let line = lineAt(node.getStart(source)) + 1; line <= lineAt(node.end); line++) lines.add(line);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return lines;
}
