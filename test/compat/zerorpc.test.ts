// zerorpc 0.9.8, remote procedure calls over ROUTER and DEALER, with streams, heartbeats and time limits.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { install, runRedirected } from "./packages.ts";

/** Files of its suite, with the tests and the assertions in each. */
const FILES: readonly (readonly [name: string, tests: number, assertions: number])[] = [
  ["buffers", 1, 3000],
  ["errors", 3, 12],
  ["heartbeats", 1, 1],
  ["invocation", 5, 20],
  ["repro-10", 1, 3],
  ["streams", 1, 90],
  ["timeouts", 2, 7],
];

// `temp` is newer than zerorpc asks for: the one it asks for calls what Node no longer has.
const installed = install("zerorpc", ["zerorpc@0.9.8", "nodeunit@0.9.1", "temp@0.9.4"]);

// Most of the time they wait for time limits of their own.
test("zerorpc passes its own tests", { concurrency: FILES.length }, async (t) => {
  await Promise.all(
    FILES.map(([name, tests, assertions]) =>
      t.test(name, async (one) => {
        if ("missing" in installed) return one.skip(`${tests} tests were not run: ${installed.missing}`);
        const run = await runRedirected(
          [join("..", "nodeunit", "bin", "nodeunit"), join("test", `${name}.js`)],
          {
            cwd: join(installed.folder, "node_modules", "zerorpc"),
          },
        );
        assert.equal(run.status, 0, run.output);
        assert.equal(run.output.split("✔ ").length - 1, tests, run.output);
        assert.equal(/OK: .*?(\d+) assertions/.exec(run.output)?.[1], String(assertions), run.output);
      }),
    ),
  );
});
