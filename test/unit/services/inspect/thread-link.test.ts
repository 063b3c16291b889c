import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { Context, Router } from "../../../../src/index.ts";
import type { Head } from "../../../../src/services/inspect/protocol.ts";
import { parseJson, toJson } from "../../../../src/services/inspect/protocol.ts";
import { ThreadLink } from "../../../../src/services/inspect/thread-link.ts";

const skip = process.platform === "win32" ? "Windows has no ipc" : false;

/** An inspector that answers each request as it is told to. */
async function fake(
  t: TestContext,
  reply: (request: { id: number }) => readonly (Uint8Array | string)[] | null,
): Promise<{ link: ThreadLink; router: Router }> {
  const directory = mkdtempSync(join(tmpdir(), "zmq-link-"));
  const context = new Context();
  const router = new Router({ context, linger: 0 });
  await router.bind(`ipc://${directory}/1-0.ipc`);
  const link = new ThreadLink(router.lastEndpoint as string);
  t.after(async () => {
    await link.close();
    await context.terminate();
    rmSync(directory, { recursive: true, force: true });
  });
  void (async () => {
    for await (const [id, octets] of router) {
      const frames = reply(parseJson(octets as Buffer) as { id: number });
      if (frames !== null) await router.send([id as Buffer, ...frames]);
    }
  })().catch(() => undefined);
  return { link, router };
}

const headOf = (id: number, more: Partial<Head> = {}): Uint8Array => toJson({ v: 1, id, ...more });

test("the frames of an answer become one list", { skip }, async (t) => {
  const { link } = await fake(t, ({ id }) => [headOf(id, { nowMs: 5 }), "[1,2]", "[]", "[3]"]);
  const { head, list } = await link.ask("info", 10_000);
  assert.equal(head.nowMs, 5);
  assert.deepEqual(list, [1, 2, 3]);
});

test("silence ends in ETIMEDOUT, and a late answer to it is nobody's", { skip }, async (t) => {
  let silent: number | null = null;
  const { link } = await fake(t, ({ id }) => {
    if (silent !== null) return [headOf(silent), '["late"]'];
    silent = id;
    return null;
  });
  await assert.rejects(link.ask("info", 50), { code: "ETIMEDOUT", message: /within 50 ms/ });
  await assert.rejects(link.ask("info", 200), { code: "ETIMEDOUT" });
});

test("an inspector that ends rejects what waits at once, and later questions too", { skip }, async (t) => {
  const { link, router } = await fake(t, () => null);
  const began = performance.now();
  const waiting = link.ask("info", 30_000);
  setTimeout(() => void router.close(), 50);
  await assert.rejects(waiting, { code: "EPIPE" });
  assert.ok(performance.now() - began < 10_000);
  assert.equal(link.isOver, true);
  await assert.rejects(link.ask("info", 30_000), { code: "EPIPE" });
});

test("where nobody listens the first question is refused at once", { skip }, async (t) => {
  const link = new ThreadLink(`ipc://${tmpdir()}/nothing-listens-here.ipc`);
  t.after(() => link.close());
  await assert.rejects(link.ask("info", 30_000), { code: "EPIPE" });
});

test("what is no answer is refused", { skip }, async (t) => {
  const replies: ((id: number) => readonly (Uint8Array | string)[])[] = [
    (id) => [headOf(id), "{}"],
    (id) => [headOf(id), "not json"],
    (id) => [headOf(id, { error: { code: "EINVAL", message: "No." } })],
    (id) => [headOf(id, { error: { code: "EIO", message: "Broken." } })],
  ];
  let at = 0;
  const { link } = await fake(t, ({ id }) => (replies[at++] as (id: number) => readonly string[])(id));
  await assert.rejects(link.ask("info", 10_000), { code: "EPROTO" });
  await assert.rejects(link.ask("info", 10_000), { code: "EPROTO" });
  await assert.rejects(link.ask("info", 10_000), { code: "EINVAL", message: /^No\./ });
  await assert.rejects(link.ask("info", 10_000), { code: "EIO", message: /^Broken\./ });
});

test("answers without a question are passed over", { skip }, async (t) => {
  const { link, router } = await fake(t, ({ id }) => [headOf(id), "[1]"]);
  assert.deepEqual((await link.ask("info", 10_000)).list, [1]);
  assert.equal(router.peers.length, 1);
  for (const frames of [["null"], ["[]"], ["nonsense"], [headOf(99), "[2]"]]) {
    const { link: other } = await fake(t, ({ id }) => [...frames, ...(id < 0 ? ["x"] : [])]);
    await assert.rejects(other.ask("info", 100), { code: "ETIMEDOUT" });
  }
});
