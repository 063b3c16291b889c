import { mappedIpv4, parseIp } from "./ip-address.ts";

/** One range of addresses that may connect: the first `prefixLength` bits of `network` count. */
export interface AcceptFilter {
  /** As it was given. */
  readonly text: string;
  /** 4 or 16 octets. */
  readonly network: Uint8Array;
  readonly prefixLength: number;
}

/** `address` or `address/bits`, numeric only; without bits the whole address counts. `undefined` for anything else. */
export function parseAcceptFilter(text: string): AcceptFilter | undefined {
  const slash = text.indexOf("/");
  const network = parseIp(slash === -1 ? text : text.slice(0, slash));
  if (network === undefined) return undefined;
  const bits = slash === -1 ? String(network.length * 8) : text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > network.length * 8) return undefined;
  return { text, network, prefixLength: Number(bits) };
}

/**
 * Whether a peer at this numeric address may connect: any may without filters, else one filter must match. A peer that
 * reaches an IPv6 listener over IPv4 (`::ffff:192.0.2.1`) is matched by filters of either family; libzmq refuses it
 * where the filter is the IPv4 one.
 */
export function mayConnect(filters: readonly AcceptFilter[], address: string): boolean {
  if (filters.length === 0) return true;
  const zone = address.indexOf("%");
  const octets = parseIp(zone === -1 ? address : address.slice(0, zone));
  if (octets === undefined) return false;
  const ipv4 = mappedIpv4(octets);
  return filters.some((filter) => matches(filter, octets) || (ipv4 !== undefined && matches(filter, ipv4)));
}

function matches({ network, prefixLength }: AcceptFilter, octets: Uint8Array): boolean {
  if (network.length !== octets.length) return false;
  const whole = prefixLength >> 3;
  for (let i = 0; i < whole; i++) if (network[i] !== octets[i]) return false;
  const rest = prefixLength & 7;
  return rest === 0 || ((network[whole]! ^ octets[whole]!) & (0xff00 >> rest) & 0xff) === 0;
}
