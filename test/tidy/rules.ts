// Banned calls and shapes. Every rule names what to use instead, and carries an example that it must find, so that a
// rule which has gone blind is noticed.

import ts from "ts6";
import { LAYERS, layerOf } from "./sources.ts";

export interface Rule {
  readonly banned: string;
  readonly instead: string;
  /** Whether the rule holds in a file. */
  readonly covers: (path: string) => boolean;
  readonly finds: (node: ts.Node) => boolean;
  /** Code that the rule must find, as if it stood in `examplePath` (src/core/example.ts if absent). */
  readonly example: string;
  readonly examplePath?: string;
}

function inSource(path: string): boolean {
  return path.startsWith("src/");
}

/** Left of a layer, in src/. */
function leftOf(bound: (typeof LAYERS)[number]): (path: string) => boolean {
  return (path) => {
    const layer = layerOf(path);
    return inSource(path) && layer !== undefined && LAYERS.indexOf(layer) < LAYERS.indexOf(bound);
  };
}

function isCallOf(node: ts.Node, callee: string): boolean {
  return ts.isCallExpression(node) && node.expression.getText() === callee;
}

function isMethodCall(node: ts.Node, method: string): boolean {
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    node.expression.name.text === method
  );
}

function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) ?? false)
  );
}

function isTopLevelAwait(node: ts.Node): boolean {
  if (!ts.isAwaitExpression(node) && !(ts.isForOfStatement(node) && node.awaitModifier !== undefined))
    return false;
  for (let above = node.parent; above !== undefined; above = above.parent)
    if (ts.isFunctionLike(above)) return false;
  return true;
}

export const RULES: readonly Rule[] = [
  {
    banned: "Array.shift",
    instead: "RingQueue.take (at depth 60,000 a shift costs a thousand times as much)",
    covers: inSource,
    finds: (node) => isMethodCall(node, "shift"),
    example: "queue.shift();",
  },
  {
    banned: "Date.now and new Date",
    instead: "platform.now, or a time as an argument: the wall clock jumps",
    covers: inSource,
    finds: (node) =>
      isCallOf(node, "Date.now") || (ts.isNewExpression(node) && node.expression.getText() === "Date"),
    example: "const now = Date.now();",
  },
  {
    banned: "Math.random",
    instead: "platform.random, which a simulation can seed",
    covers: (path) =>
      inSource(path) && path !== "src/base/platform.ts" && !path.startsWith("src/transports/"),
    finds: (node) => isCallOf(node, "Math.random"),
    example: "const chance = Math.random();",
  },
  {
    banned: "an empty catch",
    instead: "a handler that does something, or no catch",
    covers: (path) => path.endsWith(".ts"),
    finds: (node) => ts.isCatchClause(node) && node.block.statements.length === 0,
    example: "try { run(); } catch {}",
  },
  {
    banned: "console",
    instead: "an event, or platform.warn",
    covers: (path) => inSource(path) && !path.startsWith("src/cli/"),
    finds: (node) => ts.isIdentifier(node) && node.text === "console",
    example: 'console.log("here");',
  },
  {
    banned: "a generator below the API",
    instead: "integer states and one sink callback (6 ns a frame against 56 to 78)",
    covers: leftOf("core"),
    finds: (node) => ts.isYieldExpression(node),
    example: "function* frames() { yield 1; }",
    examplePath: "src/wire/example.ts",
  },
  {
    banned: "top-level await",
    instead: "work done at first use: a module with it cannot be loaded by require()",
    covers: inSource,
    finds: isTopLevelAwait,
    example: "const value = await load();",
  },
  {
    banned: "the private keyword",
    instead: "a #name, private at run time too",
    covers: inSource,
    finds: (node) => hasModifier(node, ts.SyntaxKind.PrivateKeyword),
    example: "class Example { private size = 1; }",
  },
  {
    banned: "a field set where it is declared",
    instead: "the constructor, in the order of declaration: one hidden class for every instance",
    covers: inSource,
    finds: (node) =>
      ts.isPropertyDeclaration(node) &&
      node.initializer !== undefined &&
      !hasModifier(node, ts.SyntaxKind.StaticKeyword),
    example: "class Example { size = 1; }",
  },
  {
    banned: "what Node 20 lacks (Promise.withResolvers, Array.fromAsync, Iterator helpers)",
    instead: "new Promise, a loop",
    covers: (path) => path.endsWith(".ts"),
    finds: (node) => isCallOf(node, "Promise.withResolvers") || isCallOf(node, "Array.fromAsync"),
    example: "const { promise } = Promise.withResolvers();",
  },
];

/** A class, interface or type that says nothing by its name; the words of ZeroMQ do. */
export const BANNED_NAMES: readonly RegExp[] = [
  /^I[A-Z][a-z]/,
  /^Base[A-Z]/,
  /^Abstract[A-Z]/,
  /(Manager|Helper|Util|Utils)$/,
];

/** A file that would hold anything at all. */
export const BANNED_FILES: RegExp = /(^|\/)(utils?|helpers?|common|misc|lib|shared|types)(\/|\.ts$)/;
