import type { ContextOptionName, ContextOptionValues } from "../../core/context-options.ts";
import { createContextOptions } from "../../core/context-options.ts";
import { SHARED_OPTIONS } from "../layout.ts";
import type { Directory, SharedOption } from "./directory.ts";

/** By their numbers in the directory. */
const IO_MODES: readonly string[] = ["loop", "background"];

/** What the options of a new directory are. */
export function sharedDefaults(): Record<SharedOption, number> {
  const defaults = createContextOptions();
  const words = SHARED_OPTIONS.map((name) => [name, toWord(defaults[name])]);
  return Object.fromEntries(words) as Record<SharedOption, number>;
}

/**
 * The options of a context as its threads share them: reading one reads the directory, setting one sets it for all. What
 * is not shared cannot be changed.
 */
export function createSharedOptions(directory: () => Directory): ContextOptionValues {
  const values = createContextOptions();
  for (const name of SHARED_OPTIONS) {
    const toValue = valueOf(name, values[name]);
    Object.defineProperty(values, name, {
      enumerable: true,
      get: () => toValue(directory().option(name)),
      set: (value: ContextOptionValues[ContextOptionName]) => directory().setOption(name, toWord(value)),
    });
  }
  return values;
}

function toWord(value: ContextOptionValues[ContextOptionName]): number {
  return typeof value === "string" ? IO_MODES.indexOf(value) : Number(value);
}

function valueOf(name: SharedOption, initial: unknown): (word: number) => unknown {
  if (name === "ioMode") return (word) => IO_MODES[word];
  return typeof initial === "boolean" ? (word) => word === 1 : (word) => word;
}
