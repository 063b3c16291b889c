import assert from "node:assert/strict";
import { register } from "node:module";
import { test } from "node:test";
import { installPlatform } from "../../../src/base/platform.ts";
import { loadBoxes, loadedBoxes } from "../../../src/crypto/load-boxes.ts";

const warnings: [sentence: string, code: string][] = [];
installPlatform({ warn: (sentence, code) => warnings.push([sentence, code]) });

test("boxes are loaded when they are asked for, once", async () => {
  assert.equal(loadedBoxes(), null);
  const loading = loadBoxes();
  assert.equal(loadBoxes(), loading);
  const boxes = await loading;
  assert.match(boxes.name, /libsodium 1\.0\.\d+/);
  assert.equal(loadedBoxes(), boxes);
});

/** For a module that is loaded with `?JSON`, `sodium-native` is a module that throws such an error. */
const HOOKS = `export async function resolve(specifier, context, next) {
  const query = new URL(context.parentURL ?? "file:///").search.slice(1);
  if (specifier !== "sodium-native" || query === "") return next(specifier, context);
  const { message, code } = JSON.parse(decodeURIComponent(query));
  const body = "throw Object.assign(new Error(" + JSON.stringify(message) + "), " + JSON.stringify({ code }) + ")";
  return { url: "data:text/javascript," + encodeURIComponent(body), shortCircuit: true };
}`;

/** The warnings of a thread in which `import("sodium-native")` fails so. */
async function warningsFor(message: string, code?: string): Promise<typeof warnings> {
  warnings.length = 0;
  const url = new URL("../../../src/crypto/load-boxes.js", import.meta.url);
  url.search = encodeURIComponent(JSON.stringify({ message, code }));
  const fresh = (await import(url.href)) as { loadBoxes: typeof loadBoxes };
  assert.match((await fresh.loadBoxes()).name, /^libsodium/);
  return [...warnings];
}

test("a sodium-native that is not installed is no news, and one that cannot be loaded is", async () => {
  register(`data:text/javascript,${encodeURIComponent(HOOKS)}`);
  const absent: readonly (readonly [string, string?])[] = [
    ["Cannot find package 'sodium-native' imported from /app/index.js", "ERR_MODULE_NOT_FOUND"],
    ["Cannot find module 'sodium-native'\nRequire stack:\n- /app/index.js", "MODULE_NOT_FOUND"],
    ["No such built-in module: sodium-native", "ERR_UNKNOWN_BUILTIN_MODULE"],
    ["Failed to resolve module specifier 'sodium-native'"],
  ];
  for (const [message, code] of absent) assert.deepEqual(await warningsFor(message, code), [], message);
  const native = "/app/node_modules/sodium-native";
  const unusable: readonly (readonly [string, string?])[] = [
    [`The module '${native}/x.node' was compiled against another version.\nRebuild.`, "ERR_DLOPEN_FAILED"],
    [`Cannot find package 'require-addon' imported from ${native}/binding.js`, "ERR_MODULE_NOT_FOUND"],
    [`Cannot find module 'require-addon'\nRequire stack:\n- ${native}/binding.js`, "MODULE_NOT_FOUND"],
    [`Cannot find addon '.' imported from 'file://${native}/binding.js'`, "ADDON_NOT_FOUND"],
    ["boom"],
  ];
  for (const [message, code] of unusable) {
    const [[sentence, warning] = [], ...more] = await warningsFor(message, code);
    assert.deepEqual([warning, more], ["ZMQ_SODIUM_NATIVE", []], message);
    assert.ok(sentence?.includes(`(Error: ${message.split("\n", 1)[0]})`), sentence);
  }
});
