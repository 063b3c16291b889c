import type { Finding } from "../../src/index.ts";

/** Shows findings as a person reads them. */
export function print(findings: readonly Finding[]): void {
  for (const { code, severity, what, remedy } of findings) {
    console.log(`${code} (${severity}): ${what}`);
    console.log(`  ${remedy}`);
  }
}
