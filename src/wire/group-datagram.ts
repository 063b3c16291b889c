import type { Message } from "../base/message.ts";
import { platform } from "../base/platform.ts";

/**
 * What RADIO and DISH say to each other over udp, as libzmq lays it out; no RFC has it.
 *
 *      0       1 ... n    n+1 ...
 *   +------+------------+-------- - -
 *   |  n   |   group    |   body          n: 0 to 255
 *   +------+------------+-------- - -
 */
export function encodeGroupDatagram(group: Uint8Array, body: Uint8Array): Uint8Array {
  const datagram = platform.allocate(1 + group.length + body.length);
  datagram[0] = group.length;
  datagram.set(group, 1);
  datagram.set(body, 1 + group.length);
  return datagram;
}

/** `[group, body]` as views, or `undefined` for what is no such datagram. */
export function parseGroupDatagram(datagram: Uint8Array): Message | undefined {
  const size = datagram.length;
  if (size === 0 || datagram[0]! > size - 1) return undefined;
  const bodyAt = 1 + datagram[0]!;
  const { buffer, byteOffset } = datagram;
  return [
    platform.view(buffer, byteOffset + 1, bodyAt - 1),
    platform.view(buffer, byteOffset + bodyAt, size - bodyAt),
  ];
}
