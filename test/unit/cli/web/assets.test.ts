import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadAssets } from "../../../../src/cli/web/assets.ts";

test("a page is its html, css, js and svg files, and nothing else", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "zeromq-ts-page-"));
  t.after(() => rmSync(folder, { recursive: true }));
  assert.throws(() => loadAssets(folder), /not complete/);
  for (const name of ["index.html", "main.js", "main.js.map", "main.ts", "page.css", "icon.svg", "secret"])
    writeFileSync(join(folder, name), name);
  const assets = loadAssets(folder);
  assert.deepEqual([...assets.keys()].sort(), ["/", "/icon.svg", "/main.js", "/page.css"]);
  assert.equal(assets.get("/")?.body.toString(), "index.html");
  assert.match(assets.get("/main.js")?.type ?? "", /^text\/javascript/);
});
