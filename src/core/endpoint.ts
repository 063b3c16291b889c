import type { ErrorCode } from "../base/errors.ts";
import { ZmqError } from "../base/errors.ts";
import { platform } from "../base/platform.ts";
import { parseIpv4, parseIpv6 } from "./ip-address.ts";

/** `scheme://address`, taken apart. */
export interface Endpoint {
  readonly scheme: string;
  readonly address: string;
  /** As given. */
  readonly text: string;
}

/** Half a tcp endpoint: where to bind, or where to connect to. */
export interface TcpEnd {
  /** A numeric address without brackets and zone, the name of a host or of an interface, or `*` for any address. */
  readonly host: string;
  /** The family of a numeric address; 0 for a name and for `*`. */
  readonly family: 0 | 4 | 6;
  /** 0 lets the system choose. */
  readonly port: number;
  /** The interface of a link-local IPv6 address, by name or number; empty if none. */
  readonly zone: string;
}

export interface TcpTarget extends TcpEnd {
  /** The address and port to connect from. */
  readonly source?: TcpEnd;
}

export type IpcAddress =
  | { readonly kind: "path"; readonly path: string }
  /** A path that the transport chooses. */
  | { readonly kind: "wildcard" }
  /** A name of Linux's abstract namespace, without the `@`. */
  | { readonly kind: "abstract"; readonly name: string };

/** The transports that an endpoint may name. */
export const SCHEMES: readonly string[] = ["tcp", "ipc", "inproc", "udp"];

const LATER_SCHEMES = ["ws", "wss"];
const NATIVE_SCHEMES = ["pgm", "epgm", "norm", "tipc", "vmci"];

const FORM = "Write it as tcp://host:port, ipc://path, inproc://name or udp://host:port.";

/** Takes `scheme://address` apart. Schemes are case-sensitive, as in libzmq. */
export function parseEndpoint(text: string, schemes: readonly string[] = SCHEMES): Endpoint {
  if (typeof text !== "string") {
    throw new ZmqError(
      "EINVAL",
      `An endpoint is a text, not ${text === null ? "null" : `a value of type ${typeof text}`}.`,
      {
        remedy: FORM,
      },
    );
  }
  const end = text.indexOf("://");
  if (end <= 0 || end + 3 === text.length) {
    fail("EINVAL", text, "is no endpoint", FORM);
  }
  const scheme = text.slice(0, end);
  if (!schemes.includes(scheme)) {
    fail(
      "EPROTONOSUPPORT",
      text,
      whyUnknown(scheme, schemes),
      `Use ${schemes.map((one) => `${one}://`).join(", ")}.`,
    );
  }
  return { scheme, address: text.slice(end + 3), text };
}

function whyUnknown(scheme: string, schemes: readonly string[]): string {
  if (NATIVE_SCHEMES.includes(scheme)) return `names the transport ${scheme}, which needs native code`;
  if (LATER_SCHEMES.includes(scheme))
    return `names the transport ${scheme}, which this release does not have`;
  if (schemes.includes(scheme.toLowerCase()))
    return `names its transport in capitals, and schemes are case-sensitive`;
  return `names the transport ${scheme}, which nobody knows`;
}

/**
 * `host:port` to listen at. The host may be `*` (any address) or the name of an interface, the port `*` or 0 (any
 * free one).
 */
export function parseTcpBind(address: string, ipv6: boolean): TcpEnd {
  const text = `tcp://${address}`;
  if (address.includes(";"))
    fail("EINVAL", text, "has a source address, which belongs to connect", "Bind to one address.");
  const end = parseEnd(text, address, true);
  checkFamily(text, end, ipv6);
  return end;
}

/** Throws ENODEV where an endpoint to bind names an address of IPv6, and the socket has none. */
export function checkFamily(text: string, { family }: TcpEnd, ipv6: boolean): void {
  if (family !== 6 || ipv6) return;
  fail("ENODEV", text, "names an IPv6 address on a socket without IPv6", "Set ipv6 to true before binding.");
}

/**
 * `host:port` to connect to, or `source:port;host:port`. The source may be `*` or the name of an interface. An IPv6
 * address is taken whatever the option says: it cannot be meant otherwise.
 */
export function parseTcpConnect(address: string): TcpTarget {
  const text = `tcp://${address}`;
  const semicolon = address.indexOf(";");
  const target = parseEnd(text, address.slice(semicolon + 1), false);
  if (target.host === "*")
    fail(
      "EINVAL",
      text,
      "names no host to connect to",
      "Give a host: * stands for any address when binding.",
    );
  if (target.port === 0) fail("EINVAL", text, "names no port to connect to", "Give a port from 1 to 65535.");
  if (semicolon === -1) return target;
  return { ...target, source: parseEnd(text, address.slice(0, semicolon), true) };
}

/** `host:port` out of the endpoint `text`. `mayChoose`: `*` may stand for the host or the port. */
export function parseEnd(text: string, address: string, mayChoose: boolean): TcpEnd {
  const scheme = text.slice(0, text.indexOf("://"));
  // The last colon ends the host: IPv6 addresses may stand without brackets.
  const colon = address.lastIndexOf(":");
  if (colon === -1) fail("EINVAL", text, "has no port", `Write it as ${scheme}://host:port.`);
  const port = parsePort(text, address.slice(colon + 1), mayChoose);
  const name = address.slice(0, colon);
  if (name === "")
    fail("EINVAL", text, "has no host", `Write it as ${scheme}://host:port; * binds to every address.`);
  return { ...parseHost(text, name), port };
}

function parsePort(text: string, port: string, mayChoose: boolean): number {
  if (port === "*" && mayChoose) return 0;
  if (!/^(0|[1-9]\d{0,4})$/.test(port) || Number(port) > 65535) {
    const range = mayChoose ? "0 to 65535, or * for any free one" : "1 to 65535";
    fail("EINVAL", text, `has the port ${JSON.stringify(port)}`, `A port is a number from ${range}.`);
  }
  return Number(port);
}

function parseHost(text: string, given: string): Omit<TcpEnd, "port"> {
  const isBracketed = given.startsWith("[") && given.endsWith("]");
  const inner = isBracketed ? given.slice(1, -1) : given;
  const percent = inner.indexOf("%");
  const host = percent === -1 ? inner : inner.slice(0, percent);
  const zone = percent === -1 ? "" : inner.slice(percent + 1);
  if (parseIpv6(host) !== undefined) {
    if (percent !== -1 && !/^[^\s%\][/]+$/.test(zone)) {
      fail("EINVAL", text, "has no interface after the %", "Write the zone as [fe80::1%eth0].");
    }
    return { host, family: 6, zone };
  }
  if (isBracketed)
    fail("EINVAL", text, "has no IPv6 address between the brackets", "Write it as [::1]:5555.");
  if (percent !== -1) fail("EINVAL", text, "has a zone, which only IPv6 addresses have", "Leave the % out.");
  if (parseIpv4(host) !== undefined) return { host, family: 4, zone: "" };
  // Letters and digits of host names; an alias of an interface has a colon (eth0:1).
  if (host !== "*" && !/^[A-Za-z0-9_](?:[A-Za-z0-9._:-]*)$/.test(host)) {
    fail(
      "EINVAL",
      text,
      `has the host ${JSON.stringify(host)}`,
      "A host is an address, a name, or * when binding.",
    );
  }
  return { host, family: 0, zone: "" };
}

/** `tcp://host:port` as lastEndpoint shows it: IPv6 addresses in brackets. */
export function formatTcpEndpoint(host: string, port: number): string {
  return host.includes(":") ? `tcp://[${host}]:${port}` : `tcp://${host}:${port}`;
}

/** The system's socket addresses (`sun_path`) hold 108 octets, a zero at the end among them. */
const IPC_SIZE_MAX = 107;

/** A path, `*` for one that the transport chooses, or `@name` of Linux's abstract namespace. */
export function parseIpc(address: string): IpcAddress {
  const text = `ipc://${address}`;
  if (address.startsWith("*")) return { kind: "wildcard" };
  if (address.includes("\0")) fail("EINVAL", text, "holds a zero octet", "No path holds one.");
  if (address === "@") fail("EINVAL", text, "has no name after the @", "Write it as ipc://@name.");
  const size = platform.encodeText(address).length;
  if (size > IPC_SIZE_MAX) {
    // Some systems would cut the path and reach another socket.
    throw new ZmqError(
      "ENAMETOOLONG",
      `The ipc path has ${size} octets in UTF-8, of which ${IPC_SIZE_MAX} fit.`,
      {
        address: text,
      },
    );
  }
  return address.startsWith("@")
    ? { kind: "abstract", name: address.slice(1) }
    : { kind: "path", path: address };
}

/** Throws EINVAL or another code for the endpoint `text`, of which `what` says what is wrong with it. */
export function fail(code: ErrorCode, text: string, what: string, remedy: string): never {
  throw new ZmqError(code, `${JSON.stringify(text)} ${what}.`, { address: text, remedy });
}
