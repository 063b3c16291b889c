import type { RemoteInfo, Socket } from "node:dgram";
import { createSocket } from "node:dgram";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { ZmqError } from "../base/errors.ts";
import type { SocketOptionValues } from "../core/options.ts";
import type { DatagramEvents, DatagramPort } from "../core/transport.ts";
import { formatUdpAddress, parseUdpAddress } from "../core/udp-endpoint.ts";
import { codeOf, systemError } from "./system-error.ts";

/** One socket of the system for datagrams. It is opened at once: names are looked up before. */
export class UdpPort implements DatagramPort {
  endpoint: string;
  /** Whom datagrams without an address of their own go to. */
  target: { readonly host: string; readonly port: number } | null;
  readonly #options: SocketOptionValues;
  readonly #events: DatagramEvents;
  #socket: Socket | null;
  #isIpv6: boolean;
  #isClosed: boolean;

  constructor(endpoint: string, options: SocketOptionValues, events: DatagramEvents) {
    this.endpoint = endpoint;
    this.target = null;
    this.#options = options;
    this.#events = events;
    this.#socket = null;
    this.#isIpv6 = false;
    this.#isClosed = false;
  }

  get waitingCount(): number {
    return this.#socket === null ? 0 : this.#socket.getSendQueueCount();
  }

  /** Does what opens the port, which answers its endpoint, and tells the outcome, in the next turn of the loop. */
  openSoon(what: string, open: () => string): void {
    setImmediate(() => {
      if (this.#isClosed) return;
      try {
        this.endpoint = open();
      } catch (error) {
        return this.fail(what, error);
      }
      this.#events.onOpen();
    });
  }

  /** The same before it returns; throws. */
  openNow(what: string, open: () => string): void {
    try {
      this.endpoint = open();
    } catch (error) {
      this.close();
      throw asZmqError(what, this.endpoint, error);
    }
  }

  /** The port could not be opened. */
  fail(what: string, cause: unknown): void {
    if (this.#isClosed) return;
    this.close();
    this.#events.onOpenFailed(asZmqError(what, this.endpoint, cause));
  }

  /** Binds the system's socket, or throws what the system says. Port 0 is any. */
  open(host: string, port: number, isShared: boolean): AddressInfo {
    const { sendBufferSize, receiveBufferSize } = this.#options;
    const socket = createSocket({
      type: host.includes(":") ? "udp6" : "udp4",
      reuseAddr: isShared,
      ipv6Only: false,
      // Names are known by now, and what is numeric need not wait for a turn of the loop.
      lookup: (name, _family, callback) => callback(null, name, host.includes(":") ? 6 : 4),
      ...(sendBufferSize > 0 && { sendBufferSize }),
      ...(receiveBufferSize > 0 && { recvBufferSize: receiveBufferSize }),
    });
    this.#socket = socket;
    this.#isIpv6 = host.includes(":");
    let failure: Error | null = null;
    // Later ones are the network's word on what was sent before; whose datagram that was, nobody knows.
    socket.on("error", (error) => {
      failure = error;
    });
    socket.on("message", (datagram, from) => this.#onMessage(datagram, from));
    socket.bind({ address: host, port, exclusive: true });
    if (failure !== null) throw failure;
    // What keeps a process alive is who waits, not what is open.
    socket.unref();
    return socket.address();
  }

  /** Becomes a member of a multicast group, on the interface or where the system says. */
  join(group: string, via: string): void {
    const place = via === "" || via === "*" ? undefined : multicastInterface(via, group);
    (this.#socket as Socket).addMembership(group, place);
  }

  /** How far what goes to multicast groups gets, and whether it comes back. */
  shapeMulticast(): void {
    const socket = this.#socket as Socket;
    socket.setMulticastTTL(this.#options.multicastHops);
    socket.setMulticastLoopback(this.#options.multicastLoop);
  }

  /** The interface by which it leaves. */
  leaveBy(place: string): void {
    (this.#socket as Socket).setMulticastInterface(place);
  }

  send(datagram: Uint8Array, to: string | null): void {
    const socket = this.#socket;
    const target = to === null ? this.target : parseUdpAddress(to);
    if (socket === null || !target) return;
    const { host } = target;
    const isMapped = this.#isIpv6 && !host.includes(":");
    socket.send(datagram, target.port, isMapped ? MAPPED + host : host, (error) => {
      if (this.#isClosed) return;
      if (error !== null) {
        const place = to === null ? this.endpoint : `udp://${to}`;
        this.#events.onSendFailed(systemError(`Cannot send to ${place}`, place, error));
      }
      if (socket.getSendQueueCount() === 0) this.#events.onDrain();
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket?.close();
    this.#socket = null;
  }

  #onMessage(datagram: Buffer, { address, port }: RemoteInfo): void {
    if (this.#isClosed) return;
    const host = address.startsWith(MAPPED) ? address.slice(MAPPED.length) : address;
    this.#events.onDatagram(datagram, formatUdpAddress(host, port));
  }
}

/** An IPv4 address where addresses are of IPv6. */
const MAPPED = "::ffff:";

/** Any address of the family of another. */
export function anyAddress(host: string): string {
  return host.includes(":") ? "::" : "0.0.0.0";
}

/** An interface as Node takes it for multicast: its IPv4 address, or in IPv6 its name. Throws ENODEV. */
export function multicastInterface(via: string, group: string): string {
  const addresses = networkInterfaces()[via];
  if (group.includes(":")) {
    if (addresses !== undefined) return `::%${via}`;
  } else {
    if (/^[0-9.]+$/.test(via)) return via;
    const found = addresses?.find(({ family }) => family === "IPv4");
    if (found !== undefined) return found.address;
  }
  throw new ZmqError("ENODEV", `No interface ${JSON.stringify(via)} with an address of the group's family.`);
}

function asZmqError(what: string, endpoint: string, cause: unknown): ZmqError {
  if (cause instanceof ZmqError) return cause;
  if (codeOf(cause) === "ERR_SOCKET_BUFFER_SIZE")
    return new ZmqError("EINVAL", `${what}: the system does not take the buffer size.`, {
      address: endpoint,
      cause,
    });
  return systemError(what, endpoint, cause);
}
