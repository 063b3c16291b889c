// A directory of its own for the endpoints of a test, and what it inspects.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Answers, Ask } from "../../../../src/services/inspect/protocol.ts";
import type { ThreadLink } from "../../../../src/services/inspect/thread-link.ts";

/** Where this process puts its endpoints until the test ends. */
export function ownRuntime(t: TestContext): string {
  const before = process.env.XDG_RUNTIME_DIR;
  const runtime = mkdtempSync(join(tmpdir(), "zmq-run-"));
  process.env.XDG_RUNTIME_DIR = runtime;
  t.after(() => {
    if (before === undefined) delete process.env.XDG_RUNTIME_DIR;
    else process.env.XDG_RUNTIME_DIR = before;
    rmSync(runtime, { recursive: true, force: true });
  });
  return runtime;
}

/** The list of an answer. */
export async function listOf<A extends Ask>(link: ThreadLink, ask: A): Promise<readonly Answers[A][]> {
  return (await link.ask(ask, 10_000)).list;
}
