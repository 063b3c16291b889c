/**
 * Several writes told to other threads at once: making one message visible there costs 20 to 30 ns, as much as writing
 * it. Between `beginBatch` and `endBatch` pipes to other threads may keep what they were given to themselves.
 */
export interface Batched {
  /** The batch is over: what was written is told. */
  publish(): void;
}

let depth = 0;
let waiting: Batched[] = [];

/** Whether a batch is open in this thread. */
export function isBatching(): boolean {
  return depth > 0;
}

export function beginBatch(): void {
  depth++;
}

/** `pipe` has written in the open batch; to be called once until it is told to publish. */
export function publishLater(pipe: Batched): void {
  waiting.push(pipe);
}

export function endBatch(): void {
  if (--depth > 0 || waiting.length === 0) return;
  const pipes = waiting;
  waiting = [];
  for (const pipe of pipes) pipe.publish();
}
