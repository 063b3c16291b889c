import { connect } from "node:net";
import { Worker } from "node:worker_threads";
import { codeOf } from "./system-error.ts";

/** Who is behind a socket file: somebody, nobody any more, or there is no such file. */
export type ProbeResult = "live" | "stale" | "gone";

/** Asks by connecting. Whatever is not clearly dead counts as alive: a full backlog, or a socket we may not enter. */
export function probeSocket(path: string, onResult: (result: ProbeResult) => void): void {
  const socket = connect({ path });
  socket.on("connect", () => {
    socket.destroy();
    onResult("live");
  });
  socket.on("error", (error) => onResult(resultOf(codeOf(error))));
}

function resultOf(code: string): ProbeResult {
  if (code === "ECONNREFUSED") return "stale";
  return code === "ENOENT" ? "gone" : "live";
}

const PROBE = `
  const { workerData } = require("node:worker_threads");
  const { cell, path } = workerData;
  const socket = require("node:net").connect({ path });
  const tell = (answer) => {
    socket.destroy();
    Atomics.store(cell, 0, answer);
    Atomics.notify(cell, 0);
  };
  socket.on("connect", () => tell(1));
  socket.on("error", ({ code }) => tell(code === "ECONNREFUSED" ? 2 : code === "ENOENT" ? 3 : 1));
`;

const ANSWERS: readonly ProbeResult[] = ["live", "live", "stale", "gone"];
const ANSWER_MS_MAX = 2000;

/**
 * The same before it returns, for `bindSync` on a path where a socket file is: a thread asks while this one sleeps,
 * some 30 ms. No answer counts as alive.
 */
export function probeSocketSync(path: string): ProbeResult {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(PROBE, { eval: true, execArgv: [], workerData: { cell, path } });
  // A thread that cannot start gives no answer, which says it all.
  worker.on("error", () => worker.unref());
  worker.unref();
  Atomics.wait(cell, 0, 0, ANSWER_MS_MAX);
  return ANSWERS[Atomics.load(cell, 0)] as ProbeResult;
}
