import { bytesKey } from "../base/bytes.ts";
import { ProtocolError } from "../base/errors.ts";
import type { SocketTypeName } from "../base/socket-type.ts";
import { mayMeet } from "../wire/compatibility.ts";
import type { Metadata } from "../wire/metadata.ts";
import type { EnginePeer } from "./engine.ts";

/** Longer names are no socket type's; no error need repeat them whole. */
const TYPE_SIZE_MAX = 32;

/** What the properties of a handshake tell of the peer. */
export function describePeer(properties: Metadata): EnginePeer {
  const type = properties.find("Socket-Type");
  const socketTypeName =
    type === undefined ? undefined : bytesKey(type, 0, Math.min(TYPE_SIZE_MAX, type.length));
  return { socketTypeName, routingId: properties.find("Identity") ?? new Uint8Array(0), properties };
}

/** Whether the types fit; a peer that does not say its type may be anything. */
export function mayTalk(ours: SocketTypeName, { socketTypeName }: EnginePeer): boolean {
  return socketTypeName === undefined || mayMeet(ours, socketTypeName);
}

/** Throws ProtocolError for a peer that a socket of this type cannot talk to. */
export function checkPeer(ours: SocketTypeName, peer: EnginePeer): void {
  const { routingId } = peer;
  if (!mayTalk(ours, peer)) {
    const sentence = `The peer is a ${JSON.stringify(peer.socketTypeName)} socket; ${ours} cannot talk to it.`;
    throw new ProtocolError("ERR_ZMTP_INVALID_METADATA", sentence, "37/ZMTP, The Socket-Type Property");
  }
  if (ours !== "ROUTER" || routingId.length === 0) return;
  if (routingId.length <= 255 && routingId[0] !== 0) return;
  throw new ProtocolError(
    "ERR_ZMTP_INVALID_METADATA",
    `The peer announced an identity of ${routingId.length} octets that starts with 0x${routingId[0]!.toString(16)}.`,
    '28/REQREP, ROUTER: "identity = 1*255 octets, the first not zero"',
  );
}
