// The public API: docs/api.d.ts is its golden report, and everything in it is explained where it is declared.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import ts from "ts6";
import { apiPages } from "../../tools/api-docs.ts";
import { apiReport } from "../../tools/api-report.ts";
import { publicSurface } from "../../tools/public-surface.ts";
import { assertNone, filesBelow, readText, root } from "./sources.ts";

const surface = publicSurface(root);

test("docs/api.d.ts is the public API", () => {
  assert.equal(
    readText("docs/api.d.ts"),
    apiReport(surface),
    "the API changed: run `npm run docs` and review the change",
  );
});

test("docs/api/ says what the docstrings say", () => {
  const pages = apiPages(surface);
  const stale = [...pages]
    .filter(([name, text]) => !isCurrent(`docs/api/${name}`, text))
    .map(([name]) => name);
  const gone = filesBelow("docs/api", ".md").filter((path) => !pages.has(path.slice("docs/api/".length)));
  assertNone("run `npm run docs`", [...stale, ...gone]);
});

function isCurrent(path: string, text: string): boolean {
  return existsSync(join(root, path)) && readText(path) === text;
}

function isDocumented(node: ts.Node): boolean {
  return ts.getJSDocCommentsAndTags(node).some((entry) => ts.isJSDoc(entry) && entry.comment !== undefined);
}

/** Members that speak for themselves: constructors, private names, and the well-known symbols. */
function needsNoDoc(member: ts.ClassElement): boolean {
  return (
    ts.isConstructorDeclaration(member) || member.name === undefined || ts.isPrivateIdentifier(member.name)
  );
}

test("every export has a docstring, and so has every member of an exported class", () => {
  const places: string[] = [];
  for (const { name, isExported, declarations } of surface) {
    if (isExported && !declarations.some(isDocumented)) places.push(name);
    for (const declaration of declarations.filter(ts.isClassDeclaration)) {
      const documented = new Set(
        declaration.members.filter(isDocumented).map((member) => member.name?.getText()),
      );
      for (const member of declaration.members) {
        const own = member.name?.getText();
        if (!needsNoDoc(member) && !documented.has(own)) places.push(`${name}.${own}`);
      }
    }
  }
  assertNone("write a sentence: what it does, in which unit, when it fails", [...new Set(places)]);
});
