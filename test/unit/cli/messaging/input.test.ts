import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { UsageError } from "../../../../src/cli/command.ts";
import { Console } from "../../../../src/cli/console.ts";
import type { Format } from "../../../../src/cli/messaging/format.ts";
import type { Input } from "../../../../src/cli/messaging/input.ts";
import { abortable, openInput, splitLines, tellTyping } from "../../../../src/cli/messaging/input.ts";
import { FakeIo } from "../fake-io.ts";

const TEXT: Format = { encoding: "text", isJson: false, isRaw: false, end: "\n", delimiter: undefined };
const NONE = { frame: [], file: [] };

async function texts(input: Input): Promise<string[]> {
  const all: string[] = [];
  for await (const batch of input.batches()) all.push(...batch.map((frames) => frames.join("|")));
  return all;
}

async function lines(chunks: readonly string[], end: "\n" | "\0" = "\n"): Promise<string[]> {
  const all: string[] = [];
  const source = Readable.from(chunks.map((text) => Buffer.from(text)));
  for await (const some of splitLines(source, end)) all.push(...some.map(String));
  return all;
}

test("lines are found wherever chunks are cut, and the last needs no end", async () => {
  const text = "one\r\n\ntwo\nthree";
  for (let at = 0; at <= text.length; at++) {
    assert.deepEqual(await lines([text.slice(0, at), text.slice(at)]), ["one", "", "two", "three"]);
  }
  assert.deepEqual(await lines([...text]), ["one", "", "two", "three"]);
  assert.deepEqual(await lines(["a\nb\0c\0"], "\0"), ["a\nb", "c"]);
  assert.deepEqual(await lines([]), []);
});

test("arguments, then --frame, then --file make messages; the head stands in front of each", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "zeromq-ts-cli-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "body");
  writeFileSync(path, "of a\nfile");
  const values = { frame: ["x", "y"], file: [path] };
  const input = await openInput(values, ["a", "b"], TEXT, new FakeIo(), [Buffer.from("head")]);
  assert.equal(input.messages?.length, 4);
  assert.deepEqual(await texts(input), ["head|a", "head|b", "head|x|y", "head|of a\nfile"]);
  await assert.rejects(
    openInput({ frame: [], file: [join(folder, "none")] }, [], TEXT, new FakeIo()),
    UsageError,
  );
});

test("arguments are what they are with --json, lines are JSON", async () => {
  const json = { ...TEXT, isJson: true };
  assert.deepEqual(await texts(await openInput(NONE, ["[1]"], json, new FakeIo())), ["[1]"]);
  const io = new FakeIo();
  io.stdin.end('["a","b"]\n\n"c"\n');
  assert.deepEqual(await texts(await openInput(NONE, [], json, io)), ["a|b", "c"]);
});

test("without messages each line of stdin is one; - as a file is all of it", async () => {
  const io = new FakeIo();
  io.stdin.end("a\n\nb\n");
  const input = await openInput(NONE, [], TEXT, io);
  assert.equal(input.messages, undefined);
  assert.deepEqual(await texts(input), ["a", "", "b"]);
  const whole = new FakeIo();
  whole.stdin.end("a\nb\n");
  assert.deepEqual(await texts(await openInput({ frame: [], file: ["-"] }, [], TEXT, whole)), ["a\nb\n"]);
});

test("the line that is wrong is named", async () => {
  const io = new FakeIo();
  io.stdin.end("ff\nfg\n");
  const input = await openInput(NONE, [], { ...TEXT, encoding: "hex" }, io);
  await assert.rejects(texts(input), /^UsageError|Line 2 of stdin: "fg" is not/);
});

test("Ctrl-C ends the wait for stdin", async () => {
  const io = new FakeIo();
  const reading = (async () => {
    for await (const chunk of abortable(io.stdin, io.signal)) assert.fail(String(chunk));
  })();
  io.interrupt();
  await assert.rejects(reading, (error) => error === io.signal.reason);
});

test("who sits at a terminal is told to type", async () => {
  const io = new FakeIo();
  const console = new Console(io);
  const input = await openInput(NONE, [], TEXT, io);
  tellTyping(input, io, console);
  io.isInputTerminal = true;
  tellTyping(await openInput(NONE, ["a"], TEXT, io), io, console);
  assert.equal(io.stderr.text, "");
  tellTyping(input, io, console);
  assert.match(io.stderr.text, /each line that you type/);
});
