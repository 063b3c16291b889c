// Files and functions that can be read in one go: a file has at most 400 lines, a function of src/ at most 70.

import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "ts6";
import { overLimit, ratchet } from "./ratchet.ts";
import { assertNone, filesBelow, lineOf, parse, readText, walk } from "./sources.ts";

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;

const folders = ["src", "test", "fuzz", "bench", "examples", "tools"];
const files = folders.flatMap((folder) =>
  [".ts", ".mjs", ".py", ".c", ".h"].flatMap((ending) => filesBelow(folder, ending)),
);

function lineCount(path: string): number {
  return readText(path).trimEnd().split("\n").length;
}

function functionSizes(path: string): Map<string, number> {
  const sizes = new Map<string, number>();
  const file = parse(path);
  walk(file, (node) => {
    if (!ts.isFunctionLike(node)) return;
    const name = "name" in node && node.name !== undefined ? node.name.getText() : `line ${lineOf(node)}`;
    const last = file.getLineAndCharacterOfPosition(node.getEnd()).line + 1;
    const key = `${path} ${name}`;
    sizes.set(key, Math.max(sizes.get(key) ?? 0, last - lineOf(node) + 1));
  });
  return sizes;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

test("the ratchet turns one way", () => {
  const sizes = new Map([
    ["a", 401],
    ["b", 450],
    ["c", 410],
    ["d", 300],
  ]);
  const complaints = overLimit(sizes, { b: 440, c: 420, d: 300, gone: 500 }, 400);
  assert.deepEqual(
    complaints.map((line) => line.split(":")[0]),
    ["a", "b", "c", "gone"],
  );
});

test(`a file has at most ${FILE_LINES_MAX} lines`, (t) => {
  const sizes = new Map(files.map((path) => [path, lineCount(path)]));
  const ofSource = files.filter((path) => path.startsWith("src/")).map((path) => sizes.get(path) ?? 0);
  t.diagnostic(
    `src/: ${ofSource.length} files, median ${median(ofSource)} lines, longest ${Math.max(...ofSource)}`,
  );
  assertNone("cut the file along its own seams", overLimit(sizes, ratchet.fileLines, FILE_LINES_MAX));
});

test(`a function of src/ has at most ${FUNCTION_LINES_MAX} lines`, () => {
  const sizes = new Map(filesBelow("src", ".ts").flatMap((path) => [...functionSizes(path)]));
  const notable = new Map(
    [...sizes].filter(([name, size]) => size > FUNCTION_LINES_MAX || name in ratchet.functionLines),
  );
  assertNone("cut the function", overLimit(notable, ratchet.functionLines, FUNCTION_LINES_MAX));
});
