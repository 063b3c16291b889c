// The reference in docs/api/, from the docstrings of the public surface: one page for each class, one for types, one
// for values.

import ts from "ts6";
import type { SurfaceItem } from "./public-surface.ts";

const NOTE = "<!-- Written by `npm run docs` from the docstrings in src/; a test holds the two together. -->";

const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });

function code(node: ts.Node): string {
  return printer
    .printNode(ts.EmitHint.Unspecified, node, node.getSourceFile())
    .replace(/^export /, "")
    .replace(/^declare /, "")
    .replaceAll("    ", "  ");
}

function fenced(text: string): string {
  return ["```ts", text, "```"].join("\n");
}

/** What the docstring of a declaration says, tags as a list. */
function prose(node: ts.Node): string {
  const lines: string[] = [];
  for (const doc of ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)) {
    const text = ts.getTextOfJSDocComment(doc.comment);
    if (text !== undefined) lines.push(text.trim());
    for (const tag of doc.tags ?? []) {
      const name = ts.isJSDocParameterTag(tag) ? ` \`${tag.name.getText()}\`` : "";
      lines.push(`- *${tag.tagName.text}*${name}: ${(ts.getTextOfJSDocComment(tag.comment) ?? "").trim()}`);
    }
  }
  return lines.join("\n\n").replace(/\{@link ([^}|]+)(?:\|[^}]*)?\}/g, "`$1`");
}

function firstSentence(item: SurfaceItem): string {
  const text = item.declarations.map(prose).find((one) => one !== "") ?? "";
  const flat = text.replaceAll("\n", " ").replaceAll("|", "\\|");
  return /^.*?\.(?=\s|$)/.exec(flat)?.[0] ?? flat;
}

function isHidden(member: ts.ClassElement | ts.TypeElement): boolean {
  return member.name !== undefined && ts.isPrivateIdentifier(member.name);
}

function memberName(member: ts.Node): string {
  if (ts.isConstructorDeclaration(member)) return "constructor";
  const name = ts.isClassElement(member) || ts.isTypeElement(member) ? member.name : undefined;
  return name?.getText() ?? code(member);
}

/** Members by name, so that overloads, and a getter and its setter, stand together. */
function members(item: SurfaceItem): Map<string, ts.Node[]> {
  const byName = new Map<string, ts.Node[]>();
  for (const declaration of item.declarations) {
    if (!ts.isClassDeclaration(declaration) && !ts.isInterfaceDeclaration(declaration)) continue;
    for (const member of declaration.members) {
      if (isHidden(member)) continue;
      const name = memberName(member);
      const group = byName.get(name) ?? [];
      group.push(member);
      byName.set(name, group);
    }
  }
  return byName;
}

function heading(item: SurfaceItem): string {
  const declaration = item.declarations.find(ts.isClassDeclaration);
  const clauses = declaration?.heritageClauses?.map((clause) => ` ${clause.getText()}`).join("") ?? "";
  const parameters = declaration?.typeParameters?.map((one) => one.getText()).join(", ");
  return `class ${item.name}${parameters === undefined ? "" : `<${parameters}>`}${clauses}`;
}

/** What a class or type inherits from, through `extends` and through interfaces of the same name. */
function bases(item: SurfaceItem): string[] {
  return item.declarations.flatMap((declaration) => {
    if (!ts.isClassDeclaration(declaration) && !ts.isInterfaceDeclaration(declaration)) return [];
    return (declaration.heritageClauses ?? []).flatMap((clause) =>
      clause.types.map((type) => type.expression.getText()),
    );
  });
}

function inheritance(item: SurfaceItem, items: readonly SurfaceItem[]): string {
  const links = bases(item).map((name) => {
    const base = items.find((one) => one.name === name);
    return base === undefined ? `\`${name}\`` : `[${name}](${linkTo(base)})`;
  });
  return links.length === 0 ? "" : `Has all that these have: ${links.join(", ")}.`;
}

function linkTo(item: SurfaceItem): string {
  return isClass(item) ? fileOf(item) : `${fileOf(item)}#${item.name.toLowerCase()}`;
}

function classPage(item: SurfaceItem, items: readonly SurfaceItem[]): string {
  const parts = [
    `# ${item.name}`,
    NOTE,
    fenced(heading(item)),
    item.declarations
      .map(prose)
      .filter((text) => text !== "")
      .join("\n\n"),
  ];
  parts.push(inheritance(item, items));
  if (!item.isExported) parts.push("Not exported: it is named here for what other classes inherit from it.");
  for (const [name, group] of members(item)) {
    parts.push(
      `## ${name}`,
      fenced(group.map(code).join("\n")),
      group
        .map(prose)
        .filter((text) => text !== "")
        .join("\n\n"),
    );
  }
  return page(parts);
}

/** A type or value in one section: members with a docstring are explained below the code. */
function section(item: SurfaceItem, items: readonly SurfaceItem[]): string[] {
  const text = item.declarations
    .map((one) => code(ts.isVariableDeclaration(one) ? one.parent.parent : one))
    .join("\n");
  const explained = [...members(item)].flatMap(([name, group]) => {
    const said = group
      .map(prose)
      .filter((one) => one !== "")
      .join(" ")
      .replaceAll("\n", " ");
    return said === "" ? [] : [`- \`${name}\`: ${said}`];
  });
  const said = item.declarations.map((one) => prose(ts.isVariableDeclaration(one) ? one.parent.parent : one));
  return [
    `## ${item.name}`,
    fenced(text),
    said.filter((one) => one !== "").join("\n\n"),
    inheritance(item, items),
    explained.join("\n"),
  ];
}

function page(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function fileOf(item: SurfaceItem): string {
  const kebab = item.name.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
  if (isClass(item)) return `${kebab}.md`;
  return isType(item) ? "types.md" : "values.md";
}

function isClass(item: SurfaceItem): boolean {
  return item.declarations.some(ts.isClassDeclaration);
}

function isType(item: SurfaceItem): boolean {
  return item.declarations.every((one) => ts.isInterfaceDeclaration(one) || ts.isTypeAliasDeclaration(one));
}

function row(item: SurfaceItem): string {
  return `| [${item.name}](${linkTo(item)}) | ${firstSentence(item)} |`;
}

function index(items: readonly SurfaceItem[]): string {
  const table = (title: string, chosen: readonly SurfaceItem[]): string[] =>
    chosen.length === 0 ? [] : [`## ${title}`, ["| name | |", "|---|---|", ...chosen.map(row)].join("\n")];
  const exported = items.filter((item) => item.isExported);
  return page([
    "# API reference",
    NOTE,
    ...table("Classes", exported.filter(isClass)),
    ...table(
      "Values",
      exported.filter((item) => !isClass(item) && !isType(item)),
    ),
    ...table("Types", exported.filter(isType)),
    ...table(
      "Not exported, named by others",
      items.filter((item) => !item.isExported),
    ),
  ]);
}

/** File names in docs/api/ and their texts. */
export function apiPages(items: readonly SurfaceItem[]): Map<string, string> {
  const pages = new Map([["README.md", index(items)]]);
  for (const item of items.filter(isClass)) pages.set(fileOf(item), classPage(item, items));
  const rest = items.filter((item) => !isClass(item));
  const types = rest.filter(isType);
  const values = rest.filter((item) => !isType(item));
  if (types.length > 0)
    pages.set("types.md", page(["# Types", NOTE, ...types.flatMap((item) => section(item, items))]));
  if (values.length > 0)
    pages.set("values.md", page(["# Values", NOTE, ...values.flatMap((item) => section(item, items))]));
  return pages;
}
