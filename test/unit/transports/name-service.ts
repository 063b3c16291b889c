// Puts another name service in the place of Node's for as long as a test runs.

import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import { isIP } from "node:net";

/** What `dns.lookup` is called with when all addresses are wanted. */
type Answer = (
  error: NodeJS.ErrnoException | null,
  addresses: readonly { readonly address: string; readonly family: number }[],
) => void;

/** Runs with names answered by `serve`; an answer for one address is the first of all. */
export async function withNameService(
  serve: (name: string, answer: Answer) => void,
  run: () => Promise<void>,
): Promise<void> {
  const before = dns.lookup;
  const lookup = (name: string, ...rest: unknown[]): void => {
    // Node asks for numeric addresses too.
    if (isIP(name) !== 0) return (before as (...question: unknown[]) => void)(name, ...rest);
    const onAnswer = rest.at(-1) as (...answer: unknown[]) => void;
    const wantsAll = (rest[0] as { all?: boolean }).all === true;
    serve(name, (error, addresses) => {
      if (wantsAll) onAnswer(error, addresses);
      else onAnswer(error, addresses[0]?.address, addresses[0]?.family);
    });
  };
  const open = dns as { lookup: unknown };
  open.lookup = lookup;
  syncBuiltinESMExports();
  try {
    await run();
  } finally {
    open.lookup = before;
    syncBuiltinESMExports();
  }
}
