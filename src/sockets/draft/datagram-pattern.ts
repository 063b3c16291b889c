import { bytesKey } from "../../base/bytes.ts";
import { ZmqError } from "../../base/errors.ts";
import type { Frame, Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import { DATAGRAM_SIZE_MAX } from "../../core/datagram.ts";
import type { PatternHost } from "../../core/pattern.ts";
import { parseUdpAddress } from "../../core/udp-endpoint.ts";
import { PairPattern } from "../pair-pattern.ts";

/** libzmq's DGRAM: a PAIR whose peer is the one udp endpoint that it is bound to: `[address, body]` out and in. */
export class DatagramPattern extends PairPattern {
  override readonly refusal: string;

  constructor(host: PatternHost) {
    super(host, SocketType.Datagram);
    this.refusal = "a Datagram has one endpoint; use another socket for another one.";
  }

  override send(message: Message): boolean {
    checkOutgoing(message);
    return super.send(message);
  }
}

/** Before it is in any queue: what could never be sent would be lost there. */
function checkOutgoing(message: Message): void {
  if (message.length !== 2) {
    throw new ZmqError("EINVAL", `A Datagram message has two frames, not ${message.length}.`, {
      remedy: 'Send ["192.0.2.1:5555", body].',
    });
  }
  const [address, body] = message as [Frame, Frame];
  const text = bytesKey(address, 0, Math.min(address.length, ADDRESS_SIZE_MAX));
  if (address.length > ADDRESS_SIZE_MAX || parseUdpAddress(text) === undefined) {
    throw new ZmqError("EINVAL", `${JSON.stringify(text)} is no address to send a datagram to.`, {
      remedy:
        "Give a numeric address and a port as received, 192.0.2.1:5555 or [2001:db8::1]:5555; names are not looked up.",
    });
  }
  if (body.length > DATAGRAM_SIZE_MAX) {
    throw new ZmqError(
      "EMSGSIZE",
      `A datagram has at most ${DATAGRAM_SIZE_MAX} octets, and this one ${body.length}.`,
      {
        remedy: "Split it up, or use a transport with connections.",
      },
    );
  }
}

/** Longer than any address with zone and port. */
const ADDRESS_SIZE_MAX = 96;
