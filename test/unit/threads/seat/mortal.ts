// A thread that dies between two stores, played in one thread: from the chosen one on, nothing that it does to shared
// memory happens, not even the unlocking on its way out.

const DOORS = ["store", "add", "sub", "or", "and", "exchange", "compareExchange"] as const;

const DEATH = new Error("death");

/** Runs `action` and lets it die when it is about to do change number `count` (from 0). Answers whether it died. */
export function dieAt(count: number, action: () => unknown): boolean {
  const doors = Atomics as unknown as Record<string, (...args: unknown[]) => unknown>;
  const real = DOORS.map((name) => [name, doors[name] as (...args: unknown[]) => unknown] as const);
  let done = 0;
  for (const [name, door] of real) {
    doors[name] = (...args) => {
      if (done++ >= count) throw DEATH;
      return door.apply(Atomics, args);
    };
  }
  try {
    action();
    return false;
  } catch (error) {
    if (error !== DEATH) throw error;
    return true;
  } finally {
    for (const [name, door] of real) doors[name] = door;
  }
}
