// A socket file as a killed process leaves it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { lstatSync } from "node:fs";

const SCRIPT = `require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;

export function makeStale(path: string): void {
  assert.throws(
    () => execFileSync(process.execPath, ["-e", SCRIPT, path], { stdio: "ignore" }),
    "it was killed",
  );
  assert.ok(lstatSync(path).isSocket());
}
