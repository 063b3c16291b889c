import { ZmqError } from "../base/errors.ts";
import { SocketType } from "../base/socket-type.ts";
import { ABSENT_SOCKET_OPTIONS, plainOptionName, refuseAbsent } from "./absent-options.ts";
import type { ContextOptionValues } from "./context-options.ts";
import type { OptionRow } from "./option-row.ts";
import { acceptOption } from "./option-row.ts";
import { hasOption, hasReadonly, isOptionName, SOCKET_OPTIONS, socketOptionNames } from "./option-table.ts";
import type { SocketOptionName, SocketOptionValues } from "./option-values.ts";
import { SOCKET_CLASSES } from "./socket-groups.ts";

export type { SocketOptionName, SocketOptionValues } from "./option-values.ts";

/** Copied for each socket, so that all records have one hidden class. */
const DEFAULTS = Object.fromEntries(
  Object.entries(SOCKET_OPTIONS).map(([name, row]: [string, OptionRow<unknown>]) => [name, row.initial]),
) as unknown as SocketOptionValues;

/** These have nothing that could linger but what they ask for. */
const LINGERS_NOT: readonly SocketType[] = [SocketType.Subscriber, SocketType.XSubscriber, SocketType.Dish];

/** The options of a new socket. */
export function createSocketOptions(type: SocketType, context: ContextOptionValues): SocketOptionValues {
  const values: SocketOptionValues = { ...DEFAULTS };
  values.ipv6 = context.ipv6;
  if (!context.blocky || LINGERS_NOT.includes(type)) values.linger = 0;
  return values;
}

/**
 * The options as they are now, for a listener or a connection: what is set later counts for later ones. Options that
 * apply at once are read from the socket's own record.
 */
export function snapshotOptions(values: SocketOptionValues): SocketOptionValues {
  return { ...values };
}

/** Sets one option. A wrong name or value is EINVAL, what cannot be honoured ENOTSUP; both change nothing. */
export function setSocketOption(
  values: SocketOptionValues,
  type: SocketType,
  name: string,
  value: unknown,
): void {
  const known = checkName(type, name);
  const record = values as unknown as Record<string, unknown>;
  const row = SOCKET_OPTIONS[known] as OptionRow<unknown>;
  record[known] = acceptOption(known, row, value, record[known], type);
}

/** Sets what an object passed to a constructor holds; `undefined` leaves an option as it is. */
export function assignSocketOptions(values: SocketOptionValues, type: SocketType, given: object): void {
  for (const [name, value] of Object.entries(given)) {
    if (name !== "context" && value !== undefined) setSocketOption(values, type, name, value);
  }
}

/** An option in its public form. */
export function getSocketOption(values: SocketOptionValues, type: SocketType, name: string): unknown {
  const known = checkName(type, name);
  return (SOCKET_OPTIONS[known] as OptionRow<unknown>).show(values[known]);
}

/** Whether a new value counts for what is bound and connected already. */
export function isImmediate(name: SocketOptionName): boolean {
  return SOCKET_OPTIONS[name].applied === "now";
}

/** By default the full pipes of so many peers that left are kept whole. */
const ORPHAN_PIPES = 10;

/** How many messages of peers that left a socket keeps for its application. */
export function orphanCap(values: SocketOptionValues): number {
  if (values.maxOrphans >= 0) return values.maxOrphans;
  return values.receiveHighWaterMark === 0
    ? Number.POSITIVE_INFINITY
    : values.receiveHighWaterMark * ORPHAN_PIPES;
}

/** How accessors reach the socket that they are called on. */
export interface OptionAccess<Socket> {
  values(socket: Socket): SocketOptionValues;
  /** After a value was set. */
  changed(socket: Socket, name: SocketOptionName): void;
}

/** Defines a property for each option of a socket type. */
export function installOptionAccessors<Socket extends object>(
  prototype: Socket,
  type: SocketType,
  access: OptionAccess<Socket>,
): void {
  for (const name of socketOptionNames(type)) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: Socket) {
        return getSocketOption(access.values(this), type, name);
      },
      set(this: Socket, value: unknown) {
        setSocketOption(access.values(this), type, name, value);
        access.changed(this, name);
      },
    });
  }
}

function checkName(type: SocketType, name: string): SocketOptionName {
  if (isOptionName(name) && hasOption(type, name)) return name;
  if (hasReadonly(type, name)) {
    throw new ZmqError("EINVAL", `${name} can only be read from a socket.`, { remedy: "Leave it out." });
  }
  refuseAbsent(ABSENT_SOCKET_OPTIONS, name);
  throw new ZmqError("EINVAL", `A ${SOCKET_CLASSES[type]} socket has no option ${JSON.stringify(name)}.`, {
    remedy: suggestion(type, name),
  });
}

/** The name that was meant, for those who come from libzmq's names: sndhwm, ZMQ_SNDHWM. */
function suggestion(type: SocketType, name: string): string {
  const wanted = plainOptionName(name);
  const found = socketOptionNames(type).find((one) => {
    const native = SOCKET_OPTIONS[one].libzmq?.split(" ")[0] ?? one;
    return plainOptionName(one) === wanted || plainOptionName(native) === wanted;
  });
  return found === undefined ? "docs/guide/options.md lists the options." : `Use ${found}.`;
}
