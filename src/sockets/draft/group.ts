import { showText } from "../../base/bytes.ts";
import { ZmqError } from "../../base/errors.ts";
import { platform } from "../../base/platform.ts";

/** The name of a group: text (UTF-8) or octets, 0 to 255 of them and none of them zero. */
export type GroupLike = string | Uint8Array;

/** 48/RADIO-DISH, Group: "Length MUST be between 0 to 255 bytes." libzmq: ZMQ_GROUP_MAX_LENGTH. */
export const GROUP_SIZE_MAX = 255;

/** The octets of a group. Throws EINVAL for what no group is. */
export function toGroup(group: GroupLike | undefined): Uint8Array {
  if (typeof group !== "string" && !(group instanceof Uint8Array)) {
    throw new ZmqError(
      "EINVAL",
      `A group is a text or octets, not ${group === null ? "null" : typeof group}.`,
      {
        remedy: 'Name it in the options: send(message, { group: "weather" }).',
      },
    );
  }
  const octets = typeof group === "string" ? platform.encodeText(group) : group;
  checkGroup(octets);
  return octets;
}

/** Throws EINVAL for octets that are no group. */
export function checkGroup(octets: Uint8Array): void {
  if (octets.length > GROUP_SIZE_MAX) {
    throw new ZmqError(
      "EINVAL",
      `A group has at most ${GROUP_SIZE_MAX} octets, and this one ${octets.length}.`,
      {
        remedy: "Choose a shorter name.",
      },
    );
  }
  // `Buffer.includes` asks native code: names are too short for that.
  for (let i = 0; i < octets.length; i++) {
    if (octets[i] !== 0) continue;
    throw new ZmqError("EINVAL", `The group ${showGroup(octets)} has a zero octet.`, {
      remedy: "48/RADIO-DISH leaves zero out, because names end with it in libzmq: choose another octet.",
    });
  }
}

/** A copy, for what is kept: the caller may reuse its buffer. */
export function keepGroup(group: GroupLike): Uint8Array {
  return Uint8Array.from(toGroup(group));
}

/** A group for people to read. */
export function showGroup(group: Uint8Array): string {
  return group.length === 0 ? '""' : showText(group);
}
