import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { DatagramOptions, Settable } from "../../core/option-types.ts";
import type { Readable } from "../readable.ts";
import { installReadable } from "../readable.ts";
import { installOptions, Socket } from "../socket.ts";
import type { Writable } from "../writable.ts";
import { installWritable } from "../writable.ts";
import { DatagramPattern } from "./datagram-pattern.ts";

/**
 * libzmq's DGRAM: plain UDP datagrams, from and to anybody. It binds to one `udp://` endpoint. A message is
 * `[address, body]`, the address being `192.0.2.1:5555` (IPv6: `[2001:db8::1]:5555`), numeric. `send` takes an address that
 * ends with a zero octet, as libzmq's do; `receive` gives it without. A body has 8192 octets at most (EMSGSIZE). What comes
 * while the queue is full is dropped and counted (`hwm`).
 */
export class Datagram extends Socket {
  constructor(options?: Settable<DatagramOptions> & { readonly context?: Context }) {
    super(SocketType.Datagram, (host) => new DatagramPattern(host), options);
  }
}

export interface Datagram extends Readable, Writable, DatagramOptions {}

installOptions(Datagram, SocketType.Datagram);
installReadable(Datagram);
installWritable(Datagram);
