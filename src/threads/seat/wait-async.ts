/** `Atomics.waitAsync`, of ES2024. */
export type WaitAsync = (
  words: Int32Array,
  index: number,
  value: number,
) => { readonly async: false } | { readonly async: true; readonly value: Promise<unknown> };

/** Undefined where the host lacks it. Its promise never keeps a process alive. */
export const { waitAsync } = Atomics as typeof Atomics & { readonly waitAsync?: WaitAsync };
