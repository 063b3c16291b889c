// The order of imports is the architecture: a folder of src/ imports only from folders to its left.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertNone,
  filesBelow,
  type Import,
  importsOf,
  LAYERS,
  type Layer,
  layerOf,
  parse,
  parseText,
} from "./sources.ts";

const sources = filesBelow("src", ".ts");

/** What may stand in src/ itself. */
const TOP = ["src/index.ts", "src/version.ts", "src/draft.ts", "src/opentelemetry.ts", "src/v5-compat.ts"];
/**
 * Entries beside the index, each with what it may import beside the index: a folder of src/, what version 5 was made of, or
 * the package that it is made for, an optional peer dependency.
 */
const SUBPATHS: Readonly<Record<string, readonly string[]>> = {
  "src/draft.ts": ["src/sockets/draft/"],
  "src/opentelemetry.ts": ["@opentelemetry/api"],
  "src/v5-compat.ts": ["src/v5-compat/", "node:events"],
};

interface Law {
  readonly title: string;
  readonly problem: string;
  readonly breaks: (from: Layer, to: Layer | undefined, found: Import) => boolean;
  /** An import that breaks the law, and the file that it stands in. */
  readonly example: readonly [path: string, specifier: string];
}

/** What an application may install beside us, for the boxes of CURVE. */
const CRYPTO_PACKAGES: readonly string[] = ["sodium-native"];

const blind: readonly Layer[] = ["pipe", "routing", "sockets"];
const hidden: readonly Layer[] = ["wire", "security", "engine"];

const LAWS: readonly Law[] = [
  {
    title: "a layer imports only from itself and from layers to its left",
    problem: `the order is ${LAYERS.join(" < ")}`,
    breaks: (from, to) => to !== undefined && LAYERS.indexOf(to) > LAYERS.indexOf(from),
    example: ["src/wire/example.ts", "../core/socket.ts"],
  },
  {
    title: "pipe, routing and sockets never see wire, security or engine",
    problem: "a socket sees pipes and messages, never octets",
    breaks: (from, to) => blind.includes(from) && to !== undefined && hidden.includes(to),
    example: ["src/sockets/pair.ts", "../wire/frame.ts"],
  },
  {
    title: "the command line imports the public API alone",
    problem: "what the command needs, a user of the package needs too",
    breaks: (from, to) => from === "cli" && to !== undefined && to !== "index" && to !== "cli",
    example: ["src/cli/main.ts", "../core/socket.ts"],
  },
  {
    title: "a subpath imports the public API and what it is made for, alone",
    problem: "what an adapter needs, a user of the package needs too",
    breaks: (_from, _to, { place, target, specifier }) => {
      const allowed = SUBPATHS[sourceOf(place)];
      return (
        allowed !== undefined &&
        target !== "src/index.ts" &&
        !allowed.some((one) => one === specifier || target?.startsWith(one))
      );
    },
    example: ["src/opentelemetry.ts", "./core/context.ts"],
  },
  {
    title: "Node's modules are imported from transports on, and node:crypto in crypto",
    problem: "left of transports the host comes in through base/platform.ts",
    breaks: (from, _to, { target, specifier }) =>
      target === undefined &&
      LAYERS.indexOf(from) < LAYERS.indexOf("transports") &&
      !(from === "crypto" && (specifier === "node:crypto" || CRYPTO_PACKAGES.includes(specifier))),
    example: ["src/engine/example.ts", "node:crypto"],
  },
  {
    title: "src/ imports no package, but crypto/ those that have been audited",
    problem: "Node's modules are written with their node: prefix, and nothing else is used",
    breaks: (from, _to, { place, target, specifier }) =>
      target === undefined &&
      !specifier.startsWith("node:") &&
      !SUBPATHS[sourceOf(place)]?.includes(specifier) &&
      !(from === "crypto" && CRYPTO_PACKAGES.includes(specifier)),
    example: ["src/transports/example.ts", "ws"],
  },
];

/** The file of a place; for a file in the folder of an entry, the entry. */
function sourceOf(place: string): string {
  const path = place.replace(/:\d+$/, "");
  return Object.keys(SUBPATHS).find((entry) => path.startsWith(entry.replace(/\.ts$/, "/"))) ?? path;
}

function offences(law: Law, found: readonly Import[], from: Layer | undefined): string[] {
  if (from === undefined) return [];
  return found
    .filter((one) => law.breaks(from, one.target === undefined ? undefined : layerOf(one.target), one))
    .map((one) => `${one.place} imports ${one.specifier}`);
}

for (const law of LAWS) {
  test(law.title, () => {
    const [path, specifier] = law.example;
    const example = importsOf(parseText(path, `export { x } from "${specifier}";`));
    assert.equal(offences(law, example, layerOf(path)).length, 1, "the law is blind to its example");
    const places = sources.flatMap((source) => offences(law, importsOf(parse(source)), layerOf(source)));
    assertNone(law.problem, places);
  });
}

test("every source file stands in a layer", () => {
  const homeless = sources.filter(
    (path) => layerOf(path) === undefined || (layerOf(path) === "index" && !TOP.includes(sourceOf(path))),
  );
  assertNone(`src/ has the folders ${LAYERS.join(", ")} and no others`, homeless);
});

test("a relative import names a file of src/ that exists, with its suffix", () => {
  const places = sources.flatMap((path) =>
    importsOf(parse(path))
      .filter(({ target }) => target !== undefined && !sources.includes(target))
      .map((found) => `${found.place} imports ${found.specifier}`),
  );
  assertNone("imports are relative, inside src/ and end in .ts", places);
});

test("every source file is reached from src/index.ts, a subpath or the command", () => {
  const reached = new Set<string>();
  const entries = ["src/index.ts", ...Object.keys(SUBPATHS)];
  const waiting = sources.filter((path) => entries.includes(path) || layerOf(path) === "cli");
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    for (const { target } of importsOf(parse(path))) {
      if (target !== undefined && sources.includes(target)) waiting.push(target);
    }
  }
  assertNone(
    "nothing imports these files",
    sources.filter((path) => !reached.has(path)),
  );
});
