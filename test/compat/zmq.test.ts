// zmq 2.15.3, the addon from which version 5 comes, and zmq-zap 0.0.3, its handler for ZAP. One file, because both use port
// 12345.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { passes } from "./mocha-suites.ts";
import { install, runRedirected } from "./packages.ts";

/** Of 54 tests, those that hold the addon to what is different here; docs/guide/migration.md says why. */
const DIFFERENT = [
  "should be able to monitor the socket", // 1: waits for an event after close(), as there was none in versions 4 and 5
  "should use default interval and numOfEvents", // 1: one event in 10 ms, however many there are
  "socket.zap", // 3: a zapDomain, and a handler that is bound to another address than ZAP's
].join("|");

test("zmq passes its own tests", (t) =>
  passes(t, {
    name: "zmq",
    version: "2.15.3",
    needs: ["mocha@5.2.0", "should@2.1.1", "semver@4.3.6"],
    mochaArgs: ["--timeout", "15000", "--grep", DIFFERENT, "--invert"],
    nodeOptions: ["--expose-gc"],
    expected: 49,
  }));

const ZAP = { name: "zmq-zap", version: "0.0.3", needs: ["mocha@5.2.0", "should@3.1.4"], expected: 53 };

test("zmq-zap passes its own tests", (t) => passes(t, ZAP));

for (const mechanism of ["null", "plain", "curve"]) {
  test(`zmq-zap's example for ${mechanism} lets the client in`, async (t) => {
    const installed = install(ZAP.name, [`${ZAP.name}@${ZAP.version}`, ...ZAP.needs]);
    if ("missing" in installed) return t.skip(`the example was not run: ${installed.missing}`);
    const run = await runRedirected([join("examples", `${mechanism}.js`)], {
      cwd: join(installed.folder, "node_modules", ZAP.name),
      env: { DEBUG: "zmq-zap:*" },
    });
    assert.equal(run.status, 0, run.output);
    assert.match(run.output, /"statusCode": 200/);
    assert.match(run.output, /success!/);
  });
}
