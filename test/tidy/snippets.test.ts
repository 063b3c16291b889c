// The programs in the documents compile against the built package, strictly; those marked `ts run` run to their end.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import ts from "ts6";
import { assertNone, filesBelow, readText, root } from "./sources.ts";

interface Snippet {
  /** `document:line`. */
  readonly place: string;
  readonly text: string;
  readonly runs: boolean;
}

function snippets(document: string): Snippet[] {
  const text = readText(document);
  return [...text.matchAll(/^```ts( run)?\n([\s\S]*?)^```$/gm)].map((found) => ({
    place: `${document}:${text.slice(0, found.index).split("\n").length + 1}`,
    text: found[2] ?? "",
    runs: found[1] !== undefined,
  }));
}

const programs = ["README.md", ...filesBelow("docs/guide", ".md")].flatMap(snippets);

/** A compiler that sees each snippet as a module of the project's folder. */
function compile(sources: ReadonlyMap<string, string>): readonly ts.Diagnostic[] {
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts"],
    types: ["node"],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => sources.has(name) || fileExists(name);
  host.getSourceFile = (name, language, ...rest) => {
    const text = sources.get(name);
    return text === undefined
      ? getSourceFile(name, language, ...rest)
      : ts.createSourceFile(name, text, language);
  };
  return ts.getPreEmitDiagnostics(ts.createProgram([...sources.keys()], options, host));
}

test("the programs in the documents compile", () => {
  assert.ok(programs.length > 5, "the documents hold programs");
  const places = new Map(programs.map(({ place }, index) => [join(root, `snippet-${index}.mts`), place]));
  const sources = new Map(programs.map(({ text }, index) => [join(root, `snippet-${index}.mts`), text]));
  const complaints = compile(sources).map((one) => {
    const line = one.file?.getLineAndCharacterOfPosition(one.start ?? 0).line ?? 0;
    const [document, first] = (places.get(one.file?.fileName ?? "") ?? "?:0").split(":");
    return `${document}:${Number(first) + line} ${ts.flattenDiagnosticMessageText(one.messageText, " ")}`;
  });
  assertNone("a reader would get this error", complaints);
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** The program with ports and paths that are free here, as JavaScript. */
async function runnable(text: string): Promise<string> {
  let program = text;
  for (const port of new Set(text.match(/(?<=:)3\d{3}\b/g) ?? [])) {
    program = program.replaceAll(`:${port}`, `:${await freePort()}`);
  }
  program = program.replaceAll("ipc:///tmp/", `ipc://${join(tmpdir(), `zeromq-ts-${process.pid}-`)}`);
  const { outputText } = ts.transpileModule(program, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  return outputText;
}

for (const { place, text } of programs.filter(({ runs }) => runs)) {
  test(`the program at ${place} runs to its end`, async () => {
    // The package is found by its own name from the project's folder.
    const args = ["--input-type=module", "--unhandled-rejections=strict", "-e", await runnable(text)];
    const result = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8", timeout: 20_000 });
    assert.equal(result.stderr, "");
    assert.equal(result.status, 0, `ended by ${result.signal}; said: ${result.stdout}`);
  });
}
