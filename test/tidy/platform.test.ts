// The core runs in any host: left of transports there is no Buffer, no process, no timer and no clock. What stands in
// for chance and for the wall clock is in rules.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "ts6";
import {
  assertNone,
  filesBelow,
  isFreeName,
  LAYERS,
  layerOf,
  parse,
  parseText,
  place,
  walk,
} from "./sources.ts";

/** A global of the host, and what stands in for it. Types may name them: types are erased. */
const HOST_GLOBALS = new Map([
  ["Buffer", "platform.view and platform.allocate"],
  ["process", "platform"],
  ["performance", "platform.now"],
  ["Date", "platform.now, or a time as an argument"],
  ["setTimeout", "platform.setTimer"],
  ["setInterval", "platform.setTimer"],
  ["setImmediate", "platform.yieldTurn"],
  ["clearTimeout", "platform.clearTimer"],
  ["clearInterval", "platform.clearTimer"],
  ["clearImmediate", "platform"],
  ["queueMicrotask", "platform.defer"],
  ["crypto", "src/crypto"],
  ["globalThis", "platform"],
  ["global", "platform"],
  ["require", "an import"],
]);

/** It loads `node:crypto` when it is needed, for which Node has a call of `process` alone. */
const LOADER = "src/crypto/node-crypto.ts";

const firstWithIo = LAYERS.indexOf("transports");

function isHostFree(path: string): boolean {
  const layer = layerOf(path);
  return layer !== undefined && LAYERS.indexOf(layer) < firstWithIo;
}

function hostGlobals(file: ts.SourceFile): string[] {
  const places: string[] = [];
  walk(file, (node) => {
    if (!ts.isIdentifier(node) || !isFreeName(node)) return;
    const instead = HOST_GLOBALS.get(node.text);
    if (instead !== undefined) places.push(`${place(node)} ${node.text}: use ${instead}`);
  });
  return places;
}

test("host globals are used from transports on only", () => {
  const example = `
    setTimeout(run, 1);
    const later = queueMicrotask;
    class Frame extends Buffer {}
    const bytes: Buffer = message.Buffer; interface Clock extends Date {} const { process: mine } = host;`;
  assert.equal(hostGlobals(parseText("src/core/example.ts", example)).length, 3, "blind to its examples");
  const places = filesBelow("src", ".ts")
    .filter((path) => isHostFree(path) && path !== LOADER)
    .flatMap((path) => hostGlobals(parse(path)));
  assertNone("left of transports the host comes in through base/platform.ts", places);
});
