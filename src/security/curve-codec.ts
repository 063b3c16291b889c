import { invariant } from "../base/errors.ts";
import { platform } from "../base/platform.ts";
import type { BoxProvider, BoxStream } from "../crypto/provider.ts";
import { TAG_SIZE } from "../crypto/provider.ts";
import { COMMAND, MORE } from "../wire/frame.ts";
import type { NonceCounter } from "./curve-wire.ts";
import { CLIENT_MESSAGE_NONCE, curveError, forged, SERVER_MESSAGE_NONCE } from "./curve-wire.ts";
import type { TrafficCodec } from "./mechanism.ts";

/** `\x07MESSAGE`. */
const NAME: readonly number[] = [0x07, 0x4d, 0x45, 0x53, 0x53, 0x41, 0x47, 0x45];
const NONCE_AT = 8;
const BOX_AT = 16;
const FLAGS_AT = BOX_AT + TAG_SIZE;
const BODY_AT = FLAGS_AT + 1;
/** Flags in the box. 26/CURVEZMQ has the first; the second is libzmq's, for PING, SUBSCRIBE and their like. */
const INNER_MORE = 0x01;
const INNER_COMMAND = 0x02;

/**
 * MESSAGE commands: one for each frame of the traffic, commands included. They go out as message frames, as libzmq's
 * do (libzmq behaviour: a peer built on libsodium would discard a command frame).
 */
export class CurveCodec implements TrafficCodec {
  readonly overhead: number;
  openedFlags: number;
  readonly #sealing: BoxStream;
  readonly #opening: BoxStream;
  /** The nonce that went out last, and the one that came in last. */
  readonly #sent: NonceCounter;
  readonly #received: NonceCounter;
  #isWiped: boolean;

  constructor(
    boxes: BoxProvider,
    key: Uint8Array,
    asServer: boolean,
    sent: NonceCounter,
    received: NonceCounter,
  ) {
    this.overhead = BODY_AT;
    this.openedFlags = 0;
    this.#sealing = boxes.openStream(key, asServer ? SERVER_MESSAGE_NONCE : CLIENT_MESSAGE_NONCE);
    this.#opening = boxes.openStream(key, asServer ? CLIENT_MESSAGE_NONCE : SERVER_MESSAGE_NONCE);
    this.#sent = sent;
    this.#received = received;
    this.#isWiped = false;
  }

  seal(flags: number, body: Uint8Array, target: Uint8Array, at: number): void {
    invariant(!this.#isWiped, "a closed connection seals nothing");
    const sent = this.#sent;
    sent.advance();
    for (let i = 0; i < NAME.length; i++) target[at + i] = NAME[i]!;
    sent.write(target, at + NONCE_AT);
    const inner = (flags & MORE ? INNER_MORE : 0) | (flags & COMMAND ? INNER_COMMAND : 0);
    this.#sealing.seal(sent.high, sent.low, inner, body, target, at + BOX_AT);
  }

  open(sealed: Uint8Array): Uint8Array {
    const { length } = sealed;
    if (length < BODY_AT)
      throw malformed(`The peer sent a MESSAGE of ${length} octets; ${BODY_AT} is the least.`);
    for (let i = 0; i < NAME.length; i++) {
      if (sealed[i] === NAME[i]) continue;
      throw curveError(
        "ERR_ZMTP_UNEXPECTED_COMMAND",
        "The peer sent something else than a MESSAGE command after the handshake.",
        "High-level Grammar: *message",
      );
    }
    const received = this.#received;
    if (!received.isBelow(sealed, NONCE_AT)) {
      throw curveError(
        "ERR_ZMTP_INVALID_SEQUENCE",
        "The peer sent a MESSAGE whose nonce is not greater than the one before.",
        'The READY Command: "correctly incrementing short nonces"',
      );
    }
    received.read(sealed, NONCE_AT);
    if (!this.#opening.open(received.high, received.low, sealed, BOX_AT, length)) {
      throw forged("The peer sent a MESSAGE whose box does not open.", "The MESSAGE Command");
    }
    const inner = sealed[FLAGS_AT]!;
    if (inner > (INNER_MORE | INNER_COMMAND)) {
      throw malformed(`The peer sent a MESSAGE with reserved flags set (0x${inner.toString(16)}).`);
    }
    this.openedFlags = (inner & INNER_MORE ? MORE : 0) | (inner & INNER_COMMAND ? COMMAND : 0);
    return platform.view(sealed.buffer, sealed.byteOffset + BODY_AT, length - BODY_AT);
  }

  /** Forgets the keys. */
  close(): void {
    this.#isWiped = true;
    this.#sealing.wipe();
    this.#opening.wipe();
  }
}

function malformed(sentence: string): Error {
  return curveError("ERR_ZMTP_MALFORMED_COMMAND_MESSAGE", sentence, "The MESSAGE Command");
}
