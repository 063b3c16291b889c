// Banned calls, shapes and names, each with the replacement.

import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "ts6";
import { BANNED_FILES, BANNED_NAMES, RULES } from "./rules.ts";
import { assertNone, filesBelow, parse, parseText, place, walk } from "./sources.ts";

const files = ["src", "test", "fuzz", "bench", "examples", "tools"].flatMap((folder) =>
  filesBelow(folder, ".ts"),
);

function findings(file: ts.SourceFile, finds: (node: ts.Node) => boolean): string[] {
  const places: string[] = [];
  walk(file, (node) => {
    if (finds(node)) places.push(place(node));
  });
  return places;
}

for (const rule of RULES) {
  test(`banned: ${rule.banned}`, () => {
    const examplePath = rule.examplePath ?? "src/core/example.ts";
    assert.ok(rule.covers(examplePath), "the rule must cover its own example");
    assert.equal(
      findings(parseText(examplePath, rule.example), rule.finds).length,
      1,
      `blind to: ${rule.example}`,
    );
    const places = files
      .filter((path) => rule.covers(path))
      .flatMap((path) => findings(parse(path), rule.finds));
    assertNone(`instead of ${rule.banned}: ${rule.instead}`, places);
  });
}

function bannedNames(file: ts.SourceFile): string[] {
  return findings(file, (node) => {
    const isType = ts.isClassLike(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
    return (
      isType && node.name !== undefined && BANNED_NAMES.some((pattern) => pattern.test(node.name?.text ?? ""))
    );
  });
}

test("names say what a thing is", () => {
  const example =
    "interface ISocket {} class BasePipe {} class PipeManager {} type Ipc = number; class Baseline {}";
  assert.equal(bannedNames(parseText("src/core/example.ts", example)).length, 3);
  const places = files.filter((path) => path.startsWith("src/")).flatMap((path) => bannedNames(parse(path)));
  assertNone("no I-prefix, Base, Abstract, Manager, Helper or Util", places);
});

test("file names say what a file holds", () => {
  assert.ok(BANNED_FILES.test("src/core/utils.ts") && BANNED_FILES.test("src/helpers/a.ts"));
  assertNone(
    "name the file after its main export",
    files.filter((path) => BANNED_FILES.test(path)),
  );
});

test("files are named in kebab-case", () => {
  const shouting = files.filter((path) => !/^[a-z0-9/.-]+$/.test(path));
  assertNone("small letters, digits and hyphens", shouting);
});
