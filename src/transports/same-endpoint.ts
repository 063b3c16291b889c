import { equalBytes } from "../base/bytes.ts";
import { ZmqError } from "../base/errors.ts";
import type { TcpEnd, TcpTarget } from "../core/endpoint.ts";
import { parseTcpConnect } from "../core/endpoint.ts";
import { mappedIpv4, parseIp } from "../core/ip-address.ts";

/**
 * Whether two texts name one tcp endpoint: `tcp://[::1]:5555` and `tcp://::1:5555`, an IPv4 address and its form in
 * IPv6, `localhost` and the loopback addresses. A wildcard is never what it was resolved to (libzmq behaviour B81).
 */
export function isSameTcpEndpoint(a: string, b: string): boolean {
  if (a === b) return true;
  const first = parse(a);
  const second = parse(b);
  if (first === undefined || second === undefined || !isSameEnd(first, second)) return false;
  if (first.source === undefined || second.source === undefined) return first.source === second.source;
  return isSameEnd(first.source, second.source);
}

function parse(endpoint: string): TcpTarget | undefined {
  try {
    return parseTcpConnect(endpoint.slice("tcp://".length));
  } catch (error) {
    // A wildcard, or no endpoint at all.
    if (error instanceof ZmqError) return undefined;
    throw error;
  }
}

function isSameEnd(a: TcpEnd, b: TcpEnd): boolean {
  return a.port === b.port && a.zone === b.zone && isSameHost(a.host, b.host);
}

function isSameHost(a: string, b: string): boolean {
  if (a.toLowerCase() === b.toLowerCase()) return true;
  const first = octetsOf(a);
  const second = octetsOf(b);
  if (first !== undefined && second !== undefined) return equalBytes(first, second);
  return (isLocalhost(a) && isLoopback(second)) || (isLocalhost(b) && isLoopback(first));
}

function octetsOf(host: string): Uint8Array | undefined {
  const octets = parseIp(host);
  return octets === undefined ? undefined : (mappedIpv4(octets) ?? octets);
}

function isLocalhost(host: string): boolean {
  return host.toLowerCase() === "localhost";
}

/** 127.0.0.1 or ::1. */
function isLoopback(octets: Uint8Array | undefined): boolean {
  if (octets === undefined || octets[octets.length - 1] !== 1) return false;
  if (octets.length === 4) return octets[0] === 127 && octets[1] === 0 && octets[2] === 0;
  return octets.every((octet, index) => index === octets.length - 1 || octet === 0);
}
