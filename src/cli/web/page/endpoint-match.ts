// Which bound endpoint a connected one leads to.

interface Place {
  readonly transport: string;
  readonly host: string;
  readonly port: string;
}

const EVERY_HOST = new Set(["0.0.0.0", "[::]", "::", "*"]);
const THIS_HOST = new Set(["127.0.0.1", "localhost", "[::1]"]);

function parse(endpoint: string): Place | undefined {
  const found = /^(\w+):\/\/(?:[^;]*;)?(.*)$/.exec(endpoint);
  if (found === null) return undefined;
  const [, transport, rest] = found as unknown as [string, string, string];
  const at = transport === "tcp" ? rest.lastIndexOf(":") : -1;
  if (at < 0) return { transport, host: rest, port: "" };
  return { transport, host: rest.slice(0, at), port: rest.slice(at + 1) };
}

/** Whether who connects to `connected` on this machine comes to who bound `bound`. */
export function leadsTo(connected: string, bound: string): boolean {
  const there = parse(connected);
  const here = parse(bound);
  if (there === undefined || here === undefined) return false;
  if (there.transport !== here.transport || there.port !== here.port) return false;
  if (there.host === here.host) return true;
  if (here.transport !== "tcp") return false;
  return EVERY_HOST.has(here.host) || (THIS_HOST.has(here.host) && THIS_HOST.has(there.host));
}

/** The host of a tcp address, or the whole address. */
export function hostOf(address: string): string {
  const place = parse(address);
  return place === undefined || place.transport !== "tcp" ? address : place.host;
}
