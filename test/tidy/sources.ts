// What the tidy tests look at: the tree's files, and the syntax of its TypeScript.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import ts from "ts6";

/** The tests run with the project's folder as the working folder; see tools/test.mjs. */
export const root: string = process.cwd();
if (!existsSync(join(root, "tsconfig.build.json")))
  throw new Error(`run the tests from the project's folder, not ${root}`);

/** The layers, leftmost first. A file may import from its own layer and from layers to its left. */
export const LAYERS = [
  "base",
  "crypto",
  "wire",
  "security",
  "engine",
  "pipe",
  "routing",
  "core",
  "sockets",
  "transports",
  "threads",
  "services",
  "index",
  "cli",
] as const;

export type Layer = (typeof LAYERS)[number];

export function readText(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Paths below a folder of the project, with `/`, sorted; an absent folder holds none. */
export function filesBelow(folder: string, ending: string): string[] {
  const base = join(root, folder);
  if (!existsSync(base)) return [];
  return readdirSync(base, { recursive: true, encoding: "utf8" })
    .map((name) => posix.join(folder, name.replaceAll("\\", "/")))
    .filter((name) => name.endsWith(ending) && !name.includes("node_modules"))
    .sort();
}

const BUILT = new Set([".git", "node_modules", "build", "dist", "local"]);

/** Everything that a clone holds: the files of the project, without what is installed or built. */
export function projectFiles(folder = ""): string[] {
  const files: string[] = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (BUILT.has(entry.name)) continue;
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) files.push(...projectFiles(path));
    else if (entry.isFile()) files.push(path);
  }
  return files.sort();
}

const parsed = new Map<string, ts.SourceFile>();

export function parse(path: string): ts.SourceFile {
  let file = parsed.get(path);
  if (file === undefined) {
    file = parseText(path, readText(path));
    parsed.set(path, file);
  }
  return file;
}

/** The syntax of a text, as if it stood at a path. */
export function parseText(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
}

/** Every node of a file, parents before children. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

export function lineOf(node: ts.Node): number {
  const file = node.getSourceFile();
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}

/** `path:line` of a node, as editors understand it. */
export function place(node: ts.Node): string {
  return `${node.getSourceFile().fileName}:${lineOf(node)}`;
}

/** Folders of entries beside the index, which are of its layer. */
const ENTRY_FOLDERS: readonly (string | undefined)[] = ["v5-compat"];

/** The layer of a source file: its folder in src/, or `index` for what stands in src/ itself or belongs to an entry there. */
export function layerOf(path: string): Layer | undefined {
  const [source, folder, ...rest] = path.split("/");
  if (source !== "src") return undefined;
  return rest.length === 0 || ENTRY_FOLDERS.includes(folder)
    ? "index"
    : LAYERS.find((layer) => layer === folder);
}

export interface Import {
  /** Where it stands. */
  readonly place: string;
  /** As written. */
  readonly specifier: string;
  /** The path in the project, or `undefined` for a package or a `node:` module. */
  readonly target: string | undefined;
}

/** All imports of a file: `import`, `export from`, `import()` and `import("...")` in types. */
export function importsOf(file: ts.SourceFile): Import[] {
  const path = file.fileName;
  const found: Import[] = [];
  const add = (node: ts.Node, specifier: ts.Node | undefined): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const isRelative = specifier.text.startsWith(".");
    const target = isRelative ? posix.join(dirname(path), specifier.text) : undefined;
    found.push({ place: place(node), specifier: specifier.text, target });
  };
  walk(file, (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node, node.moduleSpecifier);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node, node.arguments[0]);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node, node.argument.literal);
  });
  return found;
}

/** True for an identifier that names a variable: no property, no key, no part of a type. */
export function isFreeName(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
  if (ts.isQualifiedName(parent) || ts.isTypeReferenceNode(parent) || ts.isTypeQueryNode(parent))
    return false;
  if (ts.isExpressionWithTypeArguments(parent) && ts.isInterfaceDeclaration(parent.parent.parent))
    return false;
  if (ts.isBindingElement(parent) && parent.propertyName === node) return false;
  return !(isNamed(parent) && parent.name === node);
}

function isNamed(node: ts.Node): node is ts.Node & { readonly name: ts.Node } {
  return "name" in node && node.name !== undefined;
}

/** Fails with one sentence and the places, if there are any. */
export function assertNone(problem: string, places: readonly string[]): void {
  if (places.length > 0) assert.fail(`${problem}\n  ${places.join("\n  ")}`);
}
