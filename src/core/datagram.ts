import { bytesKey } from "../base/bytes.ts";
import { invariant, ZmqError } from "../base/errors.ts";
import type { Frame, Message } from "../base/message.ts";
import { copyFrame } from "../base/message.ts";
import { platform } from "../base/platform.ts";
import { SocketType } from "../base/socket-type.ts";
import type { DropReason } from "../pipe/pipe.ts";
import { GroupSet } from "../routing/group-set.ts";
import { encodeGroupDatagram, parseGroupDatagram } from "../wire/group-datagram.ts";
import type { Transport } from "./transport.ts";

/** The most octets of a datagram: libzmq reads no more of one (MAX_UDP_MSG). */
export const DATAGRAM_SIZE_MAX = 8192;

/** A message as it goes out: the octets, and to whom if the endpoint does not say. */
export interface OutgoingDatagram {
  readonly octets: Uint8Array;
  readonly to: string | null;
}

/** CONTRACT. What a socket type has to say in datagrams, and hears in them. */
export interface DatagramFormat {
  /** Whether the message is none that goes out, and is dealt with. It is lent. */
  absorbs(message: Message): boolean;
  /** The message is lent. */
  encode(message: Message): OutgoingDatagram;
  /** The message that came, or why there is none. */
  decode(datagram: Uint8Array, from: string): Message | Exclude<DropReason, "hwm">;
}

/** The types that speak in datagrams: one endpoint has one format. */
export function datagramFormat(type: SocketType): DatagramFormat {
  if (type === SocketType.Radio) return RADIO;
  return type === SocketType.Dish ? new DishFormat() : ADDRESSED;
}

/** What comes back to where a RADIO sends from is for nobody. */
const RADIO: DatagramFormat = {
  absorbs: () => false,
  encode: (message) => ({
    octets: encodeGroupDatagram(message[0] as Frame, message[1] as Frame),
    to: null,
  }),
  decode: () => "protocol",
};

/** DGRAM: `[address, body]` both ways, the datagram is the body. The pattern has checked the address. */
const ADDRESSED: DatagramFormat = {
  absorbs: () => false,
  encode: (message) => ({ octets: copyFrame(message[1] as Frame), to: addressOf(message[0] as Frame) }),
  decode: (datagram, from) => [platform.encodeText(from), datagram],
};

function addressOf(frame: Frame): string {
  return bytesKey(frame, 0, frame[frame.length - 1] === 0 ? frame.length - 1 : frame.length);
}

/**
 * A DISH sends no JOIN and LEAVE in datagrams, so that radios send all they have. What is for no group of ours must not
 * take the room of what is, and is sorted out here.
 */
class DishFormat implements DatagramFormat {
  readonly #groups: GroupSet;

  constructor() {
    this.#groups = new GroupSet();
  }

  absorbs(message: Message): boolean {
    const frame = message[0] as Frame;
    if (frame[0] === 1) this.#groups.add(frame, 1);
    else this.#groups.remove(frame, 1);
    return true;
  }

  encode(): never {
    return invariant(false, "a DISH sends no datagrams") as never;
  }

  decode(datagram: Uint8Array): Message | "protocol" | "no-subscriber" {
    const message = parseGroupDatagram(datagram);
    if (message === undefined) return "protocol";
    return this.#groups.has(message[0] as Frame) ? message : "no-subscriber";
  }
}

/** Which types use datagrams, and how: the rest is for transports with connections. */
const DIRECTIONS: Readonly<Partial<Record<SocketType, "bind" | "connect">>> = {
  [SocketType.Radio]: "connect",
  [SocketType.Dish]: "bind",
  [SocketType.Datagram]: "bind",
};

/** Throws ENOCOMPATPROTO for a transport that cannot serve the socket, or not in that direction (libzmq behaviour B124). */
export function checkDirection(
  socket: { readonly type: SocketType; readonly typeName: string },
  endpoint: string,
  kind: Transport["kind"],
  direction: "bind" | "connect",
): void {
  const possible = DIRECTIONS[socket.type];
  if (kind !== "datagram" && socket.type !== SocketType.Datagram) return;
  if (kind === "datagram" && possible === direction) return;
  throw new ZmqError("ENOCOMPATPROTO", `A ${socket.typeName} cannot ${direction} to ${endpoint}.`, {
    address: endpoint,
  });
}
