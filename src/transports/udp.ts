import type { SocketOptionValues } from "../core/options.ts";
import type { DatagramEvents, DatagramPort, DatagramTransport } from "../core/transport.ts";
import type { UdpEnd } from "../core/udp-endpoint.ts";
import { formatUdpEndpoint, isMulticastHost, parseUdpBind, parseUdpConnect } from "../core/udp-endpoint.ts";
import { localHost, localHostNow, lookUpLocalHost, lookUpPeer, numericHost } from "./host-name.ts";
import { isSameTcpEndpoint } from "./same-endpoint.ts";
import { anyAddress, multicastInterface, UdpPort } from "./udp-port.ts";

/** `udp://`: a Radio connects, a Dish or a Datagram binds; unicast or multicast. */
export class UdpTransport implements DatagramTransport {
  readonly kind: "datagram";
  readonly scheme: string;

  constructor() {
    this.kind = "datagram";
    this.scheme = "udp";
  }

  checkBind(address: string, options: SocketOptionValues): void {
    parseUdpBind(address, options.ipv6);
  }

  checkConnect(address: string, _options: SocketOptionValues): void {
    parseUdpConnect(address);
  }

  bind(address: string, options: SocketOptionValues, events: DatagramEvents): DatagramPort {
    const end = parseUdpBind(address, options.ipv6);
    const port = new UdpPort(`udp://${address}`, options, events);
    const open = (host: string): void =>
      port.openSoon(`Cannot bind to udp://${address}`, () => receiveAt(port, end, host));
    const host = localHost(end, options.ipv6);
    if (host !== undefined) {
      open(host);
      return port;
    }
    lookUpLocalHost(end.host, options.ipv6, (error, found) => {
      if (error === null) open(found);
      else port.fail(`Cannot bind to udp://${address}`, error);
    });
    return port;
  }

  bindSync(address: string, options: SocketOptionValues, events: DatagramEvents): DatagramPort {
    const end = parseUdpBind(address, options.ipv6);
    const endpoint = `udp://${address}`;
    const host = localHostNow(endpoint, end, options.ipv6);
    const port = new UdpPort(endpoint, options, events);
    port.openNow(`Cannot bind to ${endpoint}`, () => receiveAt(port, end, host));
    return port;
  }

  connect(address: string, options: SocketOptionValues, events: DatagramEvents): DatagramPort {
    const end = parseUdpConnect(address);
    const endpoint = `udp://${address}`;
    const port = new UdpPort(endpoint, options, events);
    const what = `Cannot send to ${endpoint}`;
    if (end.family !== 0) {
      port.openSoon(what, () => sendTo(port, end, numericHost(end)));
      return port;
    }
    lookUpPeer(end.host, { family: options.ipv6 ? 0 : 4 }, (error, found) => {
      if (error === null) port.openSoon(what, () => sendTo(port, end, found as string));
      else port.fail(what, error);
    });
    return port;
  }

  /** An endpoint with an interface is the one with that very text. */
  isSameEndpoint(a: string, b: string): boolean {
    if (a === b) return true;
    if (a.includes(";") || b.includes(";")) return false;
    return isSameTcpEndpoint(a.replace(/^udp:/, "tcp:"), b.replace(/^udp:/, "tcp:"));
  }
}

/** libzmq: a member of a multicast group binds to any address, and several of a machine to one port. */
function receiveAt(port: UdpPort, end: UdpEnd, local: string): string {
  const host = local === "" ? "::" : local;
  const isMulticast = end.isMulticast || isMulticastHost(host);
  const place = port.open(isMulticast ? anyAddress(host) : host, end.port, isMulticast);
  if (isMulticast) port.join(host, end.via);
  port.shapeMulticast();
  return formatUdpEndpoint(end, isMulticast ? host : place.address, place.port);
}

function sendTo(port: UdpPort, end: UdpEnd, host: string): string {
  port.open(anyAddress(host), 0, false);
  port.target = { host, port: end.port };
  if (end.isMulticast || isMulticastHost(host)) {
    port.shapeMulticast();
    if (end.via !== "" && end.via !== "*") port.leaveBy(multicastInterface(end.via, host));
  }
  return formatUdpEndpoint(end, end.host, end.port);
}
