// Writes every document that is made from the code: `npm run docs`.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { apiPages } from "./api-docs.ts";
import { apiReport } from "./api-report.ts";
import { errorsDocument } from "./errors-doc.ts";
import { limitsTable } from "./limits-doc.ts";
import { replaceMarked } from "./markdown.ts";
import { optionsDocument } from "./options-doc.ts";
import { publicSurface } from "./public-surface.ts";

const docs = join(process.cwd(), "docs");
const surface = publicSurface(process.cwd());
const hostileInput = join(docs, "guide", "hostile-input.md");

writeFileSync(join(docs, "errors.md"), errorsDocument());
writeFileSync(join(docs, "guide", "options.md"), optionsDocument());
writeFileSync(hostileInput, replaceMarked(readFileSync(hostileInput, "utf8"), "limits", limitsTable()));
rmSync(join(docs, "api"), { recursive: true, force: true });
mkdirSync(join(docs, "api"), { recursive: true });
for (const [name, text] of apiPages(surface)) writeFileSync(join(docs, "api", name), text);
writeFileSync(join(docs, "api.d.ts"), apiReport(surface));
