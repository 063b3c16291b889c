import type { TcpEnd } from "./endpoint.ts";
import { checkFamily, fail, formatTcpEndpoint, parseEnd } from "./endpoint.ts";
import { parseIp } from "./ip-address.ts";

/** Half a udp endpoint: where datagrams are received, or where they are sent to. */
export interface UdpEnd extends TcpEnd {
  /** The address is that of a multicast group. */
  readonly isMulticast: boolean;
  /** Of a multicast group: the interface by name, numeric IPv4 address or `*`; empty leaves it to the system. */
  readonly via: string;
}

/**
 * `host:port` to receive at, `group:port` of a multicast group, or `interface;group:port`. The host may be `*` (any
 * address) or the name of an interface, the port `*` or 0 (any free one).
 */
export function parseUdpBind(address: string, ipv6: boolean): UdpEnd {
  const end = parseUdp(address, true);
  checkFamily(`udp://${address}`, end, ipv6);
  return end;
}

/** `host:port` to send to, `group:port`, or `interface;group:port`. */
export function parseUdpConnect(address: string): UdpEnd {
  const end = parseUdp(address, false);
  const text = `udp://${address}`;
  if (end.host === "*")
    fail("EINVAL", text, "names no host to send to", "Give a host: * stands for any address when binding.");
  if (end.port === 0) fail("EINVAL", text, "names no port to send to", "Give a port from 1 to 65535.");
  return end;
}

/** `a.b.c.d:port` or `[IPv6]:port`, as received datagrams show their sender; a zero octet at its end is libzmq's. */
export function parseUdpAddress(text: string): { readonly host: string; readonly port: number } | undefined {
  const bare = text.endsWith("\0") ? text.slice(0, -1) : text;
  const found = /^(?:\[([0-9A-Fa-f:.]+(?:%[^\]\s]+)?)\]|([0-9.]+)):([1-9]\d{0,4})$/.exec(bare);
  if (found === null) return undefined;
  const [, inBrackets, dotted, port] = found;
  const host = inBrackets ?? (dotted as string);
  const octets = parseIp(host.split("%")[0] as string);
  const size = inBrackets === undefined ? 4 : 16;
  if (octets === undefined || octets.length !== size || Number(port) > 65535) return undefined;
  return { host, port: Number(port) };
}

/** A sender, or a receiver, as `parseUdpAddress` takes it. */
export function formatUdpAddress(host: string, port: number): string {
  return formatTcpEndpoint(host, port).slice("tcp://".length);
}

/** `udp://host:port` as lastEndpoint shows it, with the interface if one was named. */
export function formatUdpEndpoint(end: UdpEnd, host: string, port: number): string {
  const place = formatUdpAddress(host, port);
  return end.via === "" ? `udp://${place}` : `udp://${end.via};${place}`;
}

function parseUdp(address: string, mayChoose: boolean): UdpEnd {
  const text = `udp://${address}`;
  const semicolon = address.lastIndexOf(";");
  const end = parseEnd(text, address.slice(semicolon + 1), mayChoose);
  const isMulticast = isMulticastHost(end.host);
  if (semicolon === -1) return { ...end, isMulticast, via: "" };
  const via = address.slice(0, semicolon);
  // libzmq: EINVAL, too.
  if (!isMulticast) {
    const remedy =
      "Only a multicast group is reached through an interface: write any other address as udp://host:port.";
    fail("EINVAL", text, "names an interface for an address that is no multicast group", remedy);
  }
  const octets = parseIp(via);
  if (octets === undefined && !/^(\*|[A-Za-z0-9_][A-Za-z0-9._:-]*)$/.test(via))
    fail(
      "EINVAL",
      text,
      `has the interface ${JSON.stringify(via)}`,
      "Name an interface or its IPv4 address, as in udp://eth0;239.1.2.3:5555.",
    );
  if (octets !== undefined && (octets.length !== 4 || end.family !== 4 || isMulticastHost(via)))
    fail(
      "ENODEV",
      text,
      `has the interface ${JSON.stringify(via)}`,
      "Name the interface, as in udp://eth0;[ff02::1]:5555.",
    );
  return { ...end, isMulticast, via };
}

/** 224.0.0.0/4 and ff00::/8. */
export function isMulticastHost(host: string): boolean {
  const octets = parseIp(host);
  if (octets === undefined) return false;
  return octets.length === 4 ? (octets[0] as number) >> 4 === 14 : octets[0] === 0xff;
}
