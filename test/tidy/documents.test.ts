// The documents say what is true: tables are those of the code, commands and links exist, and nothing speaks of the
// machine that it was written on.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { test } from "node:test";
import { errorsDocument } from "../../tools/errors-doc.ts";
import { limitsTable } from "../../tools/limits-doc.ts";
import { replaceMarked } from "../../tools/markdown.ts";
import { optionsDocument } from "../../tools/options-doc.ts";
import { assertNone, filesBelow, projectFiles, readText, root } from "./sources.ts";

const documents = projectFiles().filter((path) => path.endsWith(".md"));
const manifest = JSON.parse(readText("package.json"));

test("docs/errors.md is the table of src/base/errors.ts", () => {
  assert.equal(readText("docs/errors.md"), errorsDocument(), "run `npm run docs`");
});

test("docs/guide/options.md is the option tables of src/core", () => {
  assert.equal(readText("docs/guide/options.md"), optionsDocument(), "run `npm run docs`");
});

test("the limits in docs/guide/hostile-input.md are those of the option table", () => {
  const text = readText("docs/guide/hostile-input.md");
  assert.equal(text, replaceMarked(text, "limits", limitsTable()), "run `npm run docs`");
});

test("the documents that a project owes are there", () => {
  const owed = ["README", "ARCHITECTURE", "STYLE", "CONTRIBUTING", "SECURITY", "CHANGELOG"].map(
    (name) => `${name}.md`,
  );
  assertNone(
    "write it",
    [...owed, "LICENSE"].filter((path) => !existsSync(join(root, path))),
  );
});

test("the changelog has a section for this version or for what is unreleased", () => {
  const headings = readText("CHANGELOG.md").match(/^## .*$/gm) ?? [];
  const current = headings.some(
    (line) => line.startsWith("## Unreleased") || line.startsWith(`## ${manifest.version}`),
  );
  assert.ok(current, `no heading for ${manifest.version} among: ${headings.join(", ")}`);
});

test("every npm command that a document names exists", () => {
  const places: string[] = [];
  for (const path of documents) {
    for (const [, run, word] of readText(path).matchAll(/\bnpm (run )?([a-z][a-z:-]*)/g)) {
      const isScript = run !== undefined || word === "test";
      if (isScript && word !== undefined && manifest.scripts[word] === undefined)
        places.push(`${path}: npm run ${word}`);
    }
  }
  assertNone("package.json has no such script", places);
});

test("every relative link of a document leads to a file", () => {
  const places: string[] = [];
  for (const path of documents) {
    for (const [, link] of readText(path).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (link === undefined || /^[a-z]+:/.test(link)) continue;
      if (!existsSync(join(root, dirname(path), link))) places.push(`${path}: ${link}`);
    }
  }
  assertNone("the link leads nowhere", places);
});

test("decisions are numbered without a gap, and say context, choice, figures and cost", () => {
  const records = filesBelow("docs/adr", ".md")
    .map((path) => posix.basename(path))
    .filter((name) => /^\d{4}-/.test(name));
  for (const [index, name] of records.entries()) {
    assert.ok(name.startsWith(String(index + 1).padStart(4, "0")), `${name} leaves a gap`);
  }
  const sections = ["## Context", "## Choice", "## Figures", "## Cost"];
  const places = records.flatMap((name) => {
    const text = readText(`docs/adr/${name}`);
    return sections
      .filter((section) => !text.includes(`\n${section}\n`))
      .map((section) => `${name}: no "${section}"`);
  });
  assert.ok(records.length > 0, "docs/adr holds no record");
  assertNone("a record has four sections", places);
});

test("no file names a folder of a machine or a package registry", () => {
  // Spelled so that this file does not hold what it looks for.
  const folders = ["home", "root", "work", "Users"].join("|");
  const foreign = new RegExp(
    `(?<![\\w.~-])/(?:${folders})/[\\w.]|registry\\.[a-z]+\\.(?:org|com)|npm\\.pkg\\.|/tmp/(?:no|bu|w-)`,
  );
  const text = /\.(ts|mjs|js|json|md|c|h|py|sh|yml|yaml|txt|svg)$|(^|\/)(LICENSE|run|\.[a-z]+)$/;
  assert.ok(foreign.test(["see ", "home", "me"].join("/")) && !foreign.test("docs/work/plan"));
  const places = projectFiles()
    .filter((path) => text.test(path))
    .flatMap((path) =>
      readText(path)
        .split("\n")
        .map((line, index) => ({ at: `${path}:${index + 1}`, line })),
    )
    .filter(({ line }) => foreign.test(line))
    .map(({ at, line }) => `${at} ${line.trim().slice(0, 100)}`);
  assertNone("the project speaks of itself alone", places);
});

test("the lock file names no host", () => {
  const lock: { packages: Record<string, { resolved?: string }> } = JSON.parse(readText("package-lock.json"));
  const places = Object.entries(lock.packages)
    .filter(([, entry]) => entry.resolved !== undefined)
    .map(([path]) => path);
  assertNone("omit-lockfile-registry-resolved in .npmrc keeps them out", places);
});

test("dependencies for development are pinned exactly", () => {
  const loose = Object.entries(manifest.devDependencies as Record<string, string>)
    .filter(([, version]) => !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+$/.test(version))
    .map(([name, version]) => `${name}: ${version}`);
  assertNone("write the version", loose);
});
