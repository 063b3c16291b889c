import { setTimeout as sleep } from "node:timers/promises";

/** Waits so long, or until Ctrl-C; answers whether it is to go on. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  // The one thing that it rejects with is the signal's abort.
  await sleep(ms, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}
