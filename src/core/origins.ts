import type { Message } from "../base/message.ts";
import type { SocketTypeName } from "../base/socket-type.ts";
import { SOCKET_TYPE_NAMES } from "../base/socket-type.ts";
import type { PeerInfo, Pipe } from "../pipe/pipe.ts";

/** Who sent a message: a peer that an authenticator let in, and what it told of it. */
export interface MessageOrigin {
  /** The endpoint that brought the peer, bound or connected, and the peer's own address. */
  readonly endpoint: string;
  readonly address: string;
  readonly socketType: SocketTypeName | undefined;
  /** The routing id that the peer announced; empty if none. */
  readonly routingId: Uint8Array;
  /** Whom the authenticator took the peer for. */
  readonly userId: string;
  /** What else the authenticator told, by name. */
  readonly metadata: ReadonlyMap<string, Uint8Array>;
}

/** Whose messages are noted: peers with a user id or metadata of an authenticator. */
export function isVouchedFor({ userId, metadata }: PeerInfo): boolean {
  return (userId !== undefined && userId !== "") || metadata !== undefined;
}

/**
 * Whom received messages came from, for as long as the application keeps them. Nothing is noted of peers that no
 * authenticator vouched for: it would cost more than receiving them.
 */
export class Origins {
  readonly #ofMessage: WeakMap<Message, MessageOrigin>;
  /** Of each peer whose connection is at hand, once a message of it was noted. */
  readonly #ofPeer: WeakMap<PeerInfo, MessageOrigin>;

  constructor() {
    this.#ofMessage = new WeakMap();
    this.#ofPeer = new WeakMap();
  }

  /** `pipe`: the one that the message was read from just now. */
  note(message: Message, pipe: Pipe): void {
    const { peer, received } = pipe;
    if (!isVouchedFor(peer)) return;
    const { vouchedFrom } = peer;
    // An earlier connection brought it.
    if (vouchedFrom !== undefined && received.accepted - received.queued <= vouchedFrom) return;
    this.#ofMessage.set(message, this.#originOf(peer));
  }

  /** The peer has a connection: one that was made again may belong to somebody else, whatever its address. */
  renew(peer: PeerInfo): void {
    this.#ofPeer.delete(peer);
  }

  find(message: Message): MessageOrigin | undefined {
    return this.#ofMessage.get(message);
  }

  #originOf(peer: PeerInfo): MessageOrigin {
    const known = this.#ofPeer.get(peer);
    if (known !== undefined) return known;
    const { endpoint, address, socketType, routingId, userId, metadata } = peer;
    const origin: MessageOrigin = {
      endpoint,
      address,
      socketType: socketType === undefined ? undefined : SOCKET_TYPE_NAMES[socketType],
      routingId,
      userId: userId ?? "",
      metadata: metadata === undefined ? new Map() : metadata.toMap(),
    };
    this.#ofPeer.set(peer, origin);
    return origin;
  }
}
