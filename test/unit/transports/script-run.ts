// A script in a process of its own, for what only the end of a process shows.

import { spawn } from "node:child_process";

const sources = new URL("../../../src/", import.meta.url).href;

const PRELUDE = `
  const base = await import("${sources}base/platform.js");
  const { nodePlatform } = await import("${sources}transports/node-platform.js");
  const { TcpTransport } = await import("${sources}transports/tcp.js");
  const { IpcTransport } = await import("${sources}transports/ipc.js");
  const { createContextOptions } = await import("${sources}core/context-options.js");
  const { createSocketOptions } = await import("${sources}core/options.js");
  base.installPlatform(nodePlatform);
  const { platform } = base;
  const options = createSocketOptions(5, createContextOptions());
  const say = (text) => process.stdout.write(text + "\\n");
  const ignore = () => undefined;
  const quiet = {
    onListening: ignore, onListenFailed: ignore, onAccepted: ignore, onAcceptFailed: ignore, onCloseFailed: ignore, onClosed: ignore,
    onConnected: ignore, onConnectFailed: ignore, onOctets: ignore, onDrain: ignore,
    readTarget: () => null, onTargetFilled: ignore,
  };
  const addressOf = (endpoint) => endpoint.slice(endpoint.indexOf("://") + 3);
`;

export interface ScriptResult {
  readonly lines: readonly string[];
  readonly stderr: string;
  /** `null` when it was ended by force: it did not end by itself. */
  readonly status: number | null;
  /** Milliseconds from its first line on. */
  readonly durationMs: number;
}

export interface ScriptSettings {
  readonly nodeOptions?: readonly string[];
  /** Most files that it may have open. */
  readonly fileLimit?: number;
}

/** Runs a module; it is ended by force after 10 seconds. */
export function runScript(
  body: string,
  { nodeOptions = [], fileLimit }: ScriptSettings = {},
): Promise<ScriptResult> {
  const args = [...nodeOptions, "--input-type=module", "-e", `${PRELUDE}say("begin");${body}`];
  const limited = ["-c", `ulimit -n ${fileLimit} && exec "$0" "$@"`, process.execPath, ...args];
  const [command, words] = fileLimit === undefined ? [process.execPath, args] : ["sh", limited];
  const child = spawn(command, words, { stdio: ["ignore", "pipe", "pipe"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  let stdout = "";
  let stderr = "";
  let beganAt = Number.NaN;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (stdout === "") beganAt = performance.now();
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      clearTimeout(timer);
      const lines = stdout.split("\n").slice(1, -1);
      resolve({ lines, stderr, status, durationMs: performance.now() - beganAt });
    });
  });
}
