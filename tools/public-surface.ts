// The public surface of the package, read from its built declarations: what src/index.ts and the subpaths export, and
// every type of ours that can be reached from there. The API report and the docstring test are made of it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "ts6";

export interface SurfaceItem {
  readonly name: string;
  readonly isExported: boolean;
  readonly declarations: readonly ts.Declaration[];
}

/** Version 5's API, which is not ours to change; its names (`Socket`, `Context`) mean other things here. */
const FOREIGN_ENTRY = "./v5-compat";

/** What package.json exports, with an API of our own. */
function entriesOf(root: string): string[] {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
  };
  return Object.entries(exports).flatMap(([name, entry]) =>
    typeof entry === "string" || name === FOREIGN_ENTRY ? [] : [join(root, entry.types)],
  );
}

/** Exports first, in the order of their names, then what is only reachable. */
export function publicSurface(root: string): SurfaceItem[] {
  const entries = entriesOf(root);
  const program = ts.createProgram(entries, {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    types: ["node"],
    typeRoots: [join(root, "node_modules", "@types")],
    skipLibCheck: true,
    strict: true,
  });
  const checker = program.getTypeChecker();
  const exported = entries.flatMap((entry) => {
    const file = program.getSourceFile(entry);
    if (file === undefined) throw new Error(`${entry} does not exist: build first`);
    const module = checker.getSymbolAtLocation(file);
    if (module === undefined) throw new Error(`${entry} exports nothing`);
    return checker.getExportsOfModule(module);
  });
  return new Walk(checker, join(root, "dist")).run(exported);
}

class Walk {
  readonly #checker: ts.TypeChecker;
  readonly #folder: string;
  readonly #items: Map<ts.Symbol, SurfaceItem>;
  readonly #waiting: ts.Symbol[];

  constructor(checker: ts.TypeChecker, folder: string) {
    this.#checker = checker;
    this.#folder = folder;
    this.#items = new Map();
    this.#waiting = [];
  }

  run(exported: readonly ts.Symbol[]): SurfaceItem[] {
    for (const symbol of exported) this.#add(this.#resolve(symbol), symbol.name, true);
    for (let symbol = this.#waiting.pop(); symbol !== undefined; symbol = this.#waiting.pop()) {
      for (const declaration of symbol.declarations ?? []) this.#visit(declaration);
    }
    const items = [...this.#items.values()];
    return items.sort((a, b) => Number(b.isExported) - Number(a.isExported) || (a.name < b.name ? -1 : 1));
  }

  #resolve(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }

  #add(symbol: ts.Symbol, name: string, isExported: boolean): void {
    if (this.#items.has(symbol)) return;
    const declarations = (symbol.declarations ?? []).filter((one) =>
      one.getSourceFile().fileName.startsWith(this.#folder),
    );
    if (declarations.length === 0) return;
    this.#items.set(symbol, { name, isExported, declarations });
    this.#waiting.push(symbol);
  }

  #visit(node: ts.Node): void {
    if (ts.isIdentifier(node)) {
      const symbol = this.#checker.getSymbolAtLocation(node);
      if (symbol !== undefined) this.#reach(this.#resolve(symbol));
    }
    node.forEachChild((child) => this.#visit(child));
  }

  #reach(symbol: ts.Symbol): void {
    const declaration = symbol.declarations?.[0];
    const isTopLevel =
      declaration !== undefined &&
      (ts.isClassDeclaration(declaration) ||
        ts.isInterfaceDeclaration(declaration) ||
        ts.isTypeAliasDeclaration(declaration) ||
        ts.isFunctionDeclaration(declaration) ||
        ts.isVariableDeclaration(declaration));
    if (isTopLevel) this.#add(symbol, symbol.name, false);
  }
}
