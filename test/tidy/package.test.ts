// What reaches a user: no install script, no native code, one dependency, a library of a fixed size, and loadable by require()
// and by import, with types, on every Node that the package supports.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import ts from "ts6";
import { assertNone, readText, root } from "./sources.ts";

/**
 * The library, and what comes on top for the `zmq` command with its live page. A megabyte was enough before security and
 * the draft sockets.
 */
const LIBRARY_BYTES_MAX = 1_250_000;
const COMMAND_BYTES_MAX = 500_000;
const DEPENDENCIES_MAX = 3;

const manifest = JSON.parse(readText("package.json"));

interface Packed {
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

function pack(): Packed {
  const npm = process.env.npm_execpath;
  const command = npm === undefined ? "npm" : process.execPath;
  const args = [...(npm === undefined ? [] : [npm]), "pack", "--dry-run", "--json", "--ignore-scripts"];
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
    timeout: 60_000,
  });
  assert.equal(result.status, 0, result.stderr);
  const listing: unknown = JSON.parse(result.stdout);
  // Newer npm answers with an object by package name, older npm with a list.
  return (Object.values(listing as object) as Packed[])[0] as Packed;
}

test("the tarball holds the built package and nothing else, within its limits of size", (t) => {
  const { files } = pack();
  const isCommand = (path: string): boolean => path.startsWith("dist/cli/");
  const sizeOf = (some: typeof files): number => some.reduce((sum, { size }) => sum + size, 0);
  const commandSize = sizeOf(files.filter(({ path }) => isCommand(path)));
  const librarySize = sizeOf(files) - commandSize;
  t.diagnostic(`${files.length} files unpacked: library ${librarySize} bytes, command ${commandSize}`);
  assert.ok(
    files.some(({ path }) => path === "dist/index.js") &&
      files.some(({ path }) => path === "dist/index.d.ts"),
  );
  const expected =
    /^(dist\/.*\.(js|d\.ts)|dist\/cli\/web\/page\/.*\.(html|css|svg)|docs\/guide\/missing-messages\.md|README\.md|CHANGELOG\.md|LICENSE|package\.json)$/;
  assertNone(
    "not for users",
    files.map(({ path }) => path).filter((path) => !expected.test(path)),
  );
  assert.ok(librarySize < LIBRARY_BYTES_MAX, `${librarySize} bytes, at most ${LIBRARY_BYTES_MAX}`);
  assert.ok(commandSize < COMMAND_BYTES_MAX, `${commandSize} bytes, at most ${COMMAND_BYTES_MAX}`);
});

test("installing runs nothing and brings at most three packages", () => {
  const lifecycle = ["preinstall", "install", "postinstall", "prepare", "prepublish"];
  assertNone(
    "scripts that run at a user's",
    lifecycle.filter((name) => manifest.scripts[name] !== undefined),
  );
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  assert.ok(dependencies.length <= DEPENDENCIES_MAX, dependencies.join(", "));
  assert.equal(manifest.gypfile, undefined);
});

test("packageVersion is the version of the manifest", () => {
  assert.match(readText("src/version.ts"), new RegExp(`packageVersion = "${manifest.version}"`));
});

test("what is declared in the manifest exists", () => {
  const { types, default: main } = manifest.exports["."];
  assertNone(
    "build first",
    [types, main, manifest.main, manifest.types].filter((path) => !existsSync(join(root, path))),
  );
});

/** Loads the package by its own name, as a user would; any warning on the way is a failure. */
const LOAD = `
  const assert = require("node:assert");
  const required = require("zeromq-ts");
  assert.equal(typeof required.Push, "function");
  assert.equal(typeof require("zeromq-ts/draft").Server, "function");
  const socket = new required.Push();
  socket.close();
  import("zeromq-ts").then((imported) => assert.equal(imported.Push, required.Push));
`;

const nodes = [
  { name: "the running Node", binary: process.execPath },
  ...["20", "22", "24"].map((version) => ({
    name: `Node ${version}`,
    binary: join(root, "build", "nodes", "node_modules", `node${version}`, "bin", "node"),
  })),
];

for (const { name, binary } of nodes) {
  const skip = existsSync(binary)
    ? false
    : `${name} is not installed; \`npm run nodes\` installs it (Linux, x64)`;
  test(`require() and import give the same classes on ${name}`, { skip }, () => {
    const result = spawnSync(binary, ["-e", LOAD], { cwd: root, encoding: "utf8", timeout: 30_000 });
    assert.equal(result.stderr, "");
    assert.equal(result.status, 0, `${result.signal}`);
  });
}

const CONSUMER = `
  import { Push, type Subscriber, ZmqError } from "zeromq-ts";
  import { Client, Peer, Server } from "zeromq-ts/draft";
  export async function serve(server: Server, peer: Peer, client: Client): Promise<number> {
    const [body, { routingId }] = await server.receive();
    for (const batch of [await server.receiveMany(10, { timeoutMs: 1 })]) await server.sendMany(batch);
    for await (const [message, from] of server) await server.send(message, { ...from, timeoutMs: 5 });
    for await (const [answer] of client) if (server.trySend(answer, { routingId })) break;
    client.helloMessage = body;
    return peer.connectPeer("inproc://types");
  }
  export async function run(sub: Subscriber): Promise<Buffer[]> {
    await using push = new Push({ linger: 0 });
    await push.bind("inproc://types");
    for await (const [topic] of sub) if (topic instanceof Buffer) break;
    return sub.receive().catch((error: unknown) => { throw error instanceof ZmqError ? error.code : error; });
  }
`;

for (const extension of ["mts", "cts"] as const) {
  test(`the types hold in a strict project (.${extension})`, () => {
    const options: ts.CompilerOptions = {
      // require() of an ES module is typed from this module kind on.
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2022.d.ts", "lib.esnext.disposable.d.ts"],
      types: ["node"],
      strict: true,
      noEmit: true,
      skipLibCheck: false,
    };
    const host = ts.createCompilerHost(options);
    const path = join(root, `consumer.${extension}`);
    const { getSourceFile, fileExists } = host;
    host.fileExists = (name) => name === path || fileExists(name);
    host.getSourceFile = (name, language, ...rest) =>
      name === path ? ts.createSourceFile(name, CONSUMER, language) : getSourceFile(name, language, ...rest);
    const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([path], options, host));
    assertNone(
      "the compiler complains",
      diagnostics.map(
        (one) => `${one.file?.fileName ?? ""}: ${ts.flattenDiagnosticMessageText(one.messageText, " ")}`,
      ),
    );
  });
}
