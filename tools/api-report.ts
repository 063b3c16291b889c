// docs/api.d.ts, the public API in one file, so that a change of it shows in review.

import ts from "ts6";
import type { SurfaceItem } from "./public-surface.ts";

const HEADER =
  "// The public API of zeromq-ts, without its comments. Written by `npm run docs`; a test holds it to the sources.";

const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });

/** A declaration without what the compiler leaves of private members. */
function withoutPrivate(declaration: ts.Declaration): ts.Declaration {
  if (!ts.isClassDeclaration(declaration)) return declaration;
  const members = declaration.members.filter(
    (member) => member.name === undefined || !ts.isPrivateIdentifier(member.name),
  );
  return ts.factory.updateClassDeclaration(
    declaration,
    declaration.modifiers,
    declaration.name,
    declaration.typeParameters,
    declaration.heritageClauses,
    members,
  );
}

function print(declaration: ts.Declaration): string {
  // A variable is printed with its statement, which carries the keyword.
  const node = ts.isVariableDeclaration(declaration)
    ? declaration.parent.parent
    : withoutPrivate(declaration);
  const text = printer.printNode(ts.EmitHint.Unspecified, node, declaration.getSourceFile());
  return text
    .replace(/^export /, "")
    .replace(/^declare /, "")
    .replaceAll("    ", "  ");
}

function section(title: string, items: readonly SurfaceItem[]): string {
  const parts = items.flatMap((item) => {
    const name =
      item.declarations[0] === undefined ? "" : ts.getNameOfDeclaration(item.declarations[0])?.getText();
    const alias = name === item.name ? "" : `// exported as ${item.name}\n`;
    return item.declarations.map((declaration) => alias + print(declaration));
  });
  return [`// ${title}`, ...parts].join("\n\n");
}

/** The whole report. */
export function apiReport(items: readonly SurfaceItem[]): string {
  const exported = items.filter((item) => item.isExported);
  const reachable = items.filter((item) => !item.isExported);
  const parts = [section("Exported", exported), section("Reachable through what is exported", reachable)];
  return `${[HEADER, ...parts].join("\n\n")}\n`;
}
