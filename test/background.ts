// A preload: `node --import ./build/test/background.js file`. The sockets of the default context are served by an I/O
// thread, in the tests of the file and in every Node process that they start.

import { isMainThread } from "node:worker_threads";
import { context } from "../src/index.ts";

if (isMainThread) {
  context.ioMode = "background";
  // As in tools/test.mjs: tests lose messages all the time.
  process.env.ZEROMQ_TS_WARNINGS = "0";
  const { NODE_OPTIONS = "", INTEROP_IO_MODE } = process.env;
  // Inherited by processes that tests start.
  if (INTEROP_IO_MODE !== "background") {
    process.env.INTEROP_IO_MODE = "background";
    process.env.NODE_OPTIONS = `${NODE_OPTIONS} --import=${import.meta.url}`.trim();
  }
}
