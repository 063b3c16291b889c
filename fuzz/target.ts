import type { Random } from "./random.ts";

/**
 * A fuzz target: one round makes an input out of `random`, gives it to the code under test and throws when the
 * invariant does not hold. A round depends on `random` alone, so that its seed repeats it.
 */
export interface Target {
  /** The invariant in one line. */
  readonly invariant: string;
  /** Rounds of the short run. */
  readonly smokeRounds: number;
  /** What has to be there before the first round. */
  prepare?(): Promise<void>;
  round(random: Random): void;
}

/** The ProtocolError that `action` throws, or undefined. Any other error is a finding and goes on upward. */
export function refusalOf(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof Error && error.name === "ProtocolError")
      return (error as Error & { code: string }).code;
    throw error;
  }
}
