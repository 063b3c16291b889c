import { ProtocolError } from "../base/errors.ts";
import type { SocketTypeName } from "../base/socket-type.ts";
import {
  commandIs,
  encodeCancel,
  encodeJoin,
  encodeLeave,
  encodeSubscribe,
  subscriptionFrame,
} from "../wire/command.ts";

/** In pipes, the first octet of a frame that asks for what the rest of it names; below it is that of one that cancels. */
export const ASK = 1;
const CANCEL = 0;

/** 48/RADIO-DISH, Group: "Length MUST be between 0 to 255 bytes." */
const GROUP_SIZE_MAX = 255;

/**
 * The commands by which a receiver tells a sender what it wants: SUBSCRIBE and CANCEL of topics, JOIN and LEAVE of groups.
 * In pipes both are one frame, `01 name` or `00 name`, whatever the wire has for it.
 */
export interface Interest {
  /** A peer of ZMTP 3.0 knows the commands, too. */
  readonly isInEveryVersion: boolean;
  /** Names are as long as messages may be. */
  readonly hasLongNames: boolean;
  /** What peers send beside commands is of no use, and could look like a command in a pipe. */
  readonly hearsCommandsAlone: boolean;
  /** The command for a frame of a pipe. */
  encode(frame: Uint8Array): Uint8Array;
  /** The frame for a peer's command, whose data starts at `dataAt`; `null` if it is another command. */
  read(command: Uint8Array, dataAt: number): Uint8Array | null;
}

const TOPICS: Interest = {
  isInEveryVersion: false,
  hasLongNames: true,
  hearsCommandsAlone: false,
  encode(frame) {
    const topic = frame.subarray(1);
    return frame[0] === CANCEL ? encodeCancel(topic) : encodeSubscribe(topic);
  },
  read(command, dataAt) {
    if (commandIs(command, "SUBSCRIBE")) return subscriptionFrame(ASK, command, dataAt);
    return commandIs(command, "CANCEL") ? subscriptionFrame(CANCEL, command, dataAt) : null;
  },
};

const GROUPS: Interest = {
  isInEveryVersion: true,
  hasLongNames: false,
  hearsCommandsAlone: true,
  encode(frame) {
    const group = frame.subarray(1);
    return frame[0] === CANCEL ? encodeLeave(group) : encodeJoin(group);
  },
  read(command, dataAt) {
    const kind = commandIs(command, "JOIN") ? ASK : commandIs(command, "LEAVE") ? CANCEL : -1;
    if (kind < 0) return null;
    checkGroup(command, dataAt);
    return subscriptionFrame(kind, command, dataAt);
  },
};

function checkGroup(command: Uint8Array, dataAt: number): void {
  const size = command.length - dataAt;
  if (size <= GROUP_SIZE_MAX && command.indexOf(0, dataAt) < 0) return;
  const what = size > GROUP_SIZE_MAX ? `of ${size} octets; 255 are allowed` : "with a zero octet";
  throw new ProtocolError(
    "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
    `The peer named a group ${what}.`,
    '48/RADIO-DISH, Group: "group = 0*255group-char", "group-char = %d1-255"',
  );
}

const ASKERS: Readonly<Partial<Record<SocketTypeName, Interest>>> = {
  SUB: TOPICS,
  XSUB: TOPICS,
  DISH: GROUPS,
};

const HEARERS: Readonly<Partial<Record<SocketTypeName, Interest>>> = {
  PUB: TOPICS,
  XPUB: TOPICS,
  RADIO: GROUPS,
};

/** What sockets of a type tell their peers that they want; `null` for types that know no such commands. */
export function toldBy(type: SocketTypeName): Interest | null {
  return ASKERS[type] ?? null;
}

/** What sockets of a type hear from their peers that they want; `null` likewise. */
export function heardBy(type: SocketTypeName): Interest | null {
  return HEARERS[type] ?? null;
}
