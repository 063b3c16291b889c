import { ZmqError } from "../../base/errors.ts";
import type { Frame, Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import { DATAGRAM_SIZE_MAX } from "../../core/datagram.ts";
import type { Pattern } from "../../core/pattern.ts";
import { parseUdpAddress } from "../../core/udp-endpoint.ts";
import type { Pipe } from "../../pipe/pipe.ts";

/**
 * libzmq's DGRAM: `[address, body]` out and in over the one udp endpoint that it is bound to.
 */
export class DatagramPattern implements Pattern {
  readonly type: SocketType;
  #pipe: Pipe | null;
  /** What `attach` was refused for. */
  readonly refusal: string;

  constructor() {
    this.type = SocketType.Datagram;
    this.#pipe = null;
    this.refusal = "a Datagram has one endpoint; use another socket for another one.";
  }

  attach(pipe: Pipe): boolean {
    if (this.#pipe !== null) return false;
    this.#pipe = pipe;
    return true;
  }

  identified(pipe: Pipe): boolean {
    return pipe === this.#pipe;
  }

  detachWriter(_pipe: Pipe): void {
    // It is detached next: nobody at the other end can leave.
  }

  detach(pipe: Pipe): void {
    if (pipe === this.#pipe) this.#pipe = null;
  }

  onReadable(_pipe: Pipe): void {
    // Looked for when somebody receives.
  }

  onWritable(_pipe: Pipe): void {
    // Likewise.
  }

  send(message: Message): boolean {
    checkOutgoing(message);
    return this.#pipe?.tryWrite(message, false) ?? false;
  }

  receive(): Message | undefined {
    return this.#pipe?.tryRead();
  }

  origin(): Pipe | null {
    return this.#pipe;
  }

  canSend(): boolean {
    return this.#pipe?.checkWritable() ?? false;
  }

  canReceive(): boolean {
    return this.#pipe?.checkReadable() ?? false;
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
  let text = "";
  for (let i = 0; i < address.length && i < ADDRESS_SIZE_MAX; i++)
    text += String.fromCharCode(address[i] as number);
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
