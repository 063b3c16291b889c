import type { InspectableProcess, InspectedProcess, InspectOptions } from "./inspected-process.ts";
import type { Inspector } from "./inspector.ts";

/** This thread, open to inspection. See docs/guide/inspecting.md. */
export interface Inspection {
  /** The private `ipc://` endpoint; its file is this user's alone. */
  readonly endpoint: string;
  /** Ends it, unless it was asked for elsewhere in this thread, too. */
  close(): Promise<void>;
}

let inspector: Promise<Inspector> | null = null;
let userCount = 0;

/** Opens this thread to inspection by its own user: one endpoint a thread, whoever asks for it. */
export async function openInspection(packageVersion: string): Promise<Inspection> {
  userCount++;
  // Loaded when it is wanted.
  inspector ??= import("./inspector.ts").then((module) => module.Inspector.open(packageVersion));
  let opened: Inspector;
  try {
    opened = await inspector;
  } catch (error) {
    if (--userCount === 0) inspector = null;
    throw error;
  }
  let isOpen = true;
  return {
    endpoint: opened.endpoint,
    close: async () => {
      if (!isOpen) return;
      isOpen = false;
      if (--userCount > 0) return;
      inspector = null;
      await opened.close();
    },
  };
}

/** Opens it if the environment says so: `ZEROMQ_TS_INSPECT=1`. */
export function inspectByEnvironment(packageVersion: string, warn: (sentence: string) => void): void {
  const wanted = process.env.ZEROMQ_TS_INSPECT;
  if (wanted === undefined || wanted === "" || wanted === "0") return;
  openInspection(packageVersion).catch((error: Error) =>
    warn(`ZEROMQ_TS_INSPECT has no effect: ${error.message}`),
  );
}

/**
 * The processes of this user on this machine that can be inspected. Socket files that dead processes left are removed.
 * `warn` is told of directories that are not looked into, because others may write there.
 *
 * @throws ENOTSUP where there is no ipc
 */
export async function listInspectable(warn?: (sentence: string) => void): Promise<InspectableProcess[]> {
  return (await import("./inspected-process.ts")).listProcesses(warn);
}

/**
 * Opens a running process to questions: by its pid, all its threads that can be inspected; by the endpoint of an
 * `Inspection`, that thread.
 *
 * @throws ENOENT where there is nothing to inspect, EACCES for a process of another user, ENOTSUP without ipc
 */
export async function inspectProcess(
  target: number | string,
  options: InspectOptions = {},
): Promise<InspectedProcess> {
  return (await import("./inspected-process.ts")).openProcess(target, options.timeoutMs);
}
