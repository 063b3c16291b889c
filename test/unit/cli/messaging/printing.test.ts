import assert from "node:assert/strict";
import { test } from "node:test";
import { Console } from "../../../../src/cli/console.ts";
import type { Format } from "../../../../src/cli/messaging/format.ts";
import { printMessages } from "../../../../src/cli/messaging/printing.ts";
import { FakeIo } from "../fake-io.ts";

const TEXT: Format = { encoding: "text", isJson: false, isRaw: false, end: "\n", delimiter: undefined };
const MEGABYTE = 1 << 20;

async function printed(bodies: readonly Buffer[], format: Format): Promise<readonly Buffer[]> {
  const io = new FakeIo();
  await printMessages(
    bodies.map((body) => [body]),
    format,
    new Console(io),
  );
  return io.stdout.chunks;
}

test("short messages are written together, large ones one by one", async () => {
  const short = Array.from({ length: 256 }, (_, at) => Buffer.from(String(at)));
  for (const format of [TEXT, { ...TEXT, isRaw: true }]) {
    assert.equal((await printed(short, format)).length, 1);
    const large = Array.from({ length: 5 }, () => Buffer.alloc(MEGABYTE, "x"));
    const chunks = await printed([...short, ...large], format);
    assert.equal(chunks.length, 6);
    const end = format.isRaw ? "" : "\n";
    assert.ok(
      Buffer.concat(chunks).equals(Buffer.from([...short, ...large].map((body) => body + end).join(""))),
    );
  }
});

test("empty bodies are nothing to write when they are raw", async () => {
  assert.deepEqual(await printed([Buffer.alloc(0)], { ...TEXT, isRaw: true }), []);
  assert.deepEqual(String(await printed([Buffer.alloc(0)], TEXT)), "\n");
});
