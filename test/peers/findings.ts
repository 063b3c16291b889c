// What the solver finds about a socket, with less patience than it has for applications.

import type { Finding, Patience, Socket } from "../../src/index.ts";
import { until } from "./sockets.ts";

export type Haste = Partial<Patience>;

export function findings(socket: Socket, haste: Haste = {}): readonly Finding[] {
  return socket.explain(haste);
}

export function codesOf(socket: Socket, haste: Haste = {}): string[] {
  return findings(socket, haste).map(({ code }) => code);
}

/** The one finding of that code, once it is there. */
export async function untilFound(
  socket: Socket,
  code: string,
  haste: Haste = {},
  patienceMs = 5_000,
): Promise<Finding> {
  let found: Finding | undefined;
  const look = (): boolean => {
    found = findings(socket, haste).find((one) => one.code === code);
    return found !== undefined;
  };
  try {
    await until(code, look, patienceMs);
  } catch (error) {
    const seen = findings(socket, haste).map(({ code, what }) => `${code}: ${what}`);
    throw new Error(`${(error as Error).message}; found ${seen.join(" | ") || "nothing"}`);
  }
  return found as Finding;
}
