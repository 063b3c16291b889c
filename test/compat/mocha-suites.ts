import assert from "node:assert/strict";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { install, runMocha } from "./packages.ts";

/** A test suite that a package brings along. */
export interface Suite {
  /** The package whose suite it is, with its version. */
  readonly name: string;
  readonly version: string;
  /** What else its tests need, each with its version. */
  readonly needs: readonly string[];
  readonly mochaArgs?: readonly string[];
  readonly nodeOptions?: readonly string[];
  readonly absent?: readonly string[];
  /** How often a test that failed is run again, where the suite waits for a fixed time instead of for the other side. */
  readonly retries?: number;
  /** Tests that must pass, as many as the suite has. */
  readonly expected: number;
}

/** Runs the suite as it stands, on this package; says how many tests are not run where npm cannot be reached. */
export async function passes(t: TestContext, suite: Suite): Promise<void> {
  const { name, version, needs, expected } = suite;
  const installed = install(name, [`${name}@${version}`, ...needs]);
  if ("missing" in installed) {
    t.skip(`${expected} tests of ${name} ${version} were not run: ${installed.missing}`);
    return;
  }
  const cwd = join(installed.folder, "node_modules", name);
  const retries = suite.retries === undefined ? [] : ["--retries", String(suite.retries)];
  const run = await runMocha([...retries, ...(suite.mochaArgs ?? [])], {
    cwd,
    nodeOptions: suite.nodeOptions ?? [],
    absent: suite.absent ?? [],
  });
  assert.deepEqual({ passed: run.passed, failed: run.failed }, { passed: expected, failed: 0 }, run.output);
}
