import type { OptionTable } from "../command.ts";

/** How long an inspected process may take. */
export const TIMEOUT_OPTION = {
  timeout: { kind: "duration", value: "MS", initial: 3000, min: 1, help: "how long to wait for an answer" },
} as const satisfies OptionTable;
