import assert from "node:assert/strict";
import { test } from "node:test";
import { padsAbstractNames } from "../../../src/transports/abstract-name.ts";
import { runScript } from "./script-run.ts";

test("names are padded up to libuv 1.47", () => {
  const versions = ["1.46.0", "1.47.0", "1.48.0", "1.51.0", "2.0.0", undefined];
  assert.deepEqual(versions.map(padsAbstractNames), [true, true, false, false, false, false]);
});

test("where they are, it is said once", {
  skip: process.platform !== "linux" && "Linux alone has these",
}, async () => {
  const { stderr, status } = await runScript(`
    const ipc = new IpcTransport();
    for (const name of ["@one-" + process.pid, "@two-" + process.pid]) {
      ipc.listenSync(name, options, quiet);
      ipc.connect(name, options, quiet);
    }
    ipc.listenSync("*", options, quiet);
  `);
  const count = stderr.split("[ZMQ_ABSTRACT_PADDED]").length - 1;
  assert.deepEqual([count, status], [padsAbstractNames(process.versions.uv) ? 1 : 0, 0], stderr);
});
