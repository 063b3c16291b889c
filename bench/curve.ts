/** PUSH to PULL with CURVE over loopback TCP, two processes, by message size. */
import { createRequire } from "node:module";
import type { Settings } from "./harness/report.ts";
import type { PushToPull } from "./throughput.ts";
import { pair, pushToPull } from "./throughput.ts";

const portable = { portable: true };

/** What an application may install, and is taken then. */
function hasSodiumNative(): boolean {
  try {
    return createRequire(import.meta.url)("sodium-native") !== undefined;
  } catch {
    process.stdout.write("!! sodium-native is not installed: not measured\n");
    return false;
  }
}

export function curve(settings: Settings): Promise<void> {
  const sealed: PushToPull = {
    name: "curve",
    title: "PUSH to PULL with CURVE over TCP",
    isCurve: true,
    pairs: [
      pair("ours await", "ours", "ours", "await", portable),
      pair("ours batch", "ours", "ours", "batch", portable),
      ...(hasSodiumNative() ? [pair("ours, sodium-native", "ours", "ours", "await")] : []),
      pair("native", "native", "native", "await"),
      pair("c", "c", "c", "await"),
    ],
    crossPairs: [
      pair("ours to c", "ours", "c", "await", portable),
      pair("c to ours", "c", "ours", "await", portable),
    ],
    ratios: [
      ["await/native", "ours await", "native"],
      ["await/C", "ours await", "c"],
      ["batch/C", "ours batch", "c"],
      ["sodium-native/C", "ours, sodium-native", "c"],
    ],
    bars: [
      [10, "ours await", "native", 2, "ours await, against native"],
      [1024, "ours await", "native", 1, "ours await, against native"],
      [65_536, "ours await", "native", 0.65, "ours await, against native"],
      [65_536, "ours, sodium-native", "c", 1, "ours, sodium-native, against c"],
    ],
  };
  return pushToPull(sealed, settings);
}
