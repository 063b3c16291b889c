import type { LookupAddress, LookupOptions } from "node:dns";
import { lookup } from "node:dns";
import { networkInterfaces } from "node:os";
import { ZmqError } from "../base/errors.ts";
import type { TcpEnd } from "../core/endpoint.ts";

/**
 * The numeric address that an end of ours names: a literal, the first address of an interface, or `""` for any.
 * `undefined` when only the name service can tell.
 */
export function localHost(end: TcpEnd, ipv6: boolean): string | undefined {
  if (end.host === "*") return ipv6 ? "" : ANY_IPV4;
  if (end.family !== 0) return numericHost(end);
  return interfaceHost(end.host, ipv6);
}

/** The same where one cannot wait for the name service: ENOTSUP, but for the name that stands for this machine anywhere. */
export function localHostNow(endpoint: string, end: TcpEnd, ipv6: boolean): string {
  const host = localHost(end, ipv6);
  if (host !== undefined) return host;
  if (end.host.toLowerCase() === "localhost") return ipv6 ? "::1" : "127.0.0.1";
  const why = `Cannot bind to ${endpoint} synchronously: Node looks names up asynchronously only.`;
  throw new ZmqError("ENOTSUP", why, {
    address: endpoint,
    remedy: "Use bind(), a numeric address or an interface.",
  });
}

/** An address as Node takes it, with its zone. */
export function numericHost({ host, zone }: TcpEnd): string {
  return zone === "" ? host : `${host}%${zone}`;
}

/** Any address of IPv4; any of both families is `""`. */
const ANY_IPV4 = "0.0.0.0";

/** The first address of an interface; IPv6 goes first where it is wanted, as in libzmq. */
function interfaceHost(name: string, ipv6: boolean): string | undefined {
  const addresses = networkInterfaces()[name] ?? [];
  const first =
    (ipv6 && addresses.find(({ family }) => family === "IPv6")) ||
    addresses.find(({ family }) => family === "IPv4");
  if (!first) return undefined;
  return first.address.startsWith("fe80:") ? `${first.address}%${name}` : first.address;
}

/** Asks the name service for an address of ours. The answer never comes before this returns. */
export function lookUpLocalHost(
  name: string,
  ipv6: boolean,
  onResult: (error: Error | null, address: string) => void,
): void {
  lookup(name, { all: true, family: ipv6 ? 0 : 4 }, (error, addresses) => {
    if (error !== null) return onResult(error, "");
    const best = addresses.find(({ family }) => family === 6) ?? addresses[0];
    if (best === undefined) onResult(noAddress(name), "");
    else onResult(null, best.address);
  });
}

/** The name service as a socket of Node asks it; Node throws where it answers with no address at all. */
export function lookUpPeer(
  name: string,
  options: LookupOptions,
  onResult: (error: NodeJS.ErrnoException | null, found: string | LookupAddress[], family?: number) => void,
): void {
  lookup(name, options, (error, found, family) => {
    if (error === null && (found === undefined || found.length === 0)) onResult(noAddress(name), []);
    else onResult(error, found, family);
  });
}

function noAddress(name: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${name} has no address`), { code: "ENOTFOUND" });
}
