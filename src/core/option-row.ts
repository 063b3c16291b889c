import { decodeText } from "../base/bytes.ts";
import { ZmqError } from "../base/errors.ts";
import type { HostCall } from "../base/platform.ts";
import { platform } from "../base/platform.ts";
import type { SocketType } from "../base/socket-type.ts";
import { KEY_SIZE } from "../crypto/provider.ts";
import { encodeZ85, tryDecodeKey } from "../crypto/z85.ts";
import type { AcceptFilter } from "./accept-filter.ts";
import { parseAcceptFilter } from "./accept-filter.ts";
import { parseTcpConnect } from "./endpoint.ts";
import type { OwnMetadata } from "./peer-metadata.ts";
import { parseOwnMetadata, showOwnMetadata } from "./peer-metadata.ts";

/** What every row of an option table may say beside its values. */
export interface OptionFacts {
  /** The socket types that have it; all if absent. */
  readonly sockets?: readonly SocketType[];
  /** `now` also for what is connected already, or `next` for connections that the next bind or connect brings. */
  readonly applied: "now" | "next";
  /** libzmq's name and number; absent for our own. */
  readonly libzmq?: string;
  /** Why only the default is possible. */
  readonly refused?: string;
  /** The call of the host with which that is not so. */
  readonly needs?: HostCall;
  /** The socket types for which that is not so. */
  readonly honouredBy?: readonly SocketType[];
  /** What else there is to know, for the guide. */
  readonly remark?: string;
  /** Never shown in a sentence. */
  readonly isSecret?: boolean;
  readonly isReadonly?: boolean;
}

/** One option: how a value is checked, kept and shown. The sentences of errors and the guide are made of it. */
export interface OptionRow<Value> extends OptionFacts {
  readonly initial: Value;
  /** The values that it takes, in words. */
  readonly takes: string;
  /** The form to keep, or `undefined` when the value is wrong. */
  accept(given: unknown, before: Value): Value | undefined;
  /** The form that the public property shows. */
  show(value: Value): unknown;
}

/** A row for each value of a record, and nothing else. */
export type OptionTable<Values> = { readonly [Name in keyof Values]: OptionRow<Values[Name]> };

/** A timer that is armed for longer fires at once. Hosts count its milliseconds in 31 bits. */
export const INT_MAX = 0x7fffffff;

const same = (value: unknown): unknown => value;

export function bool(initial: boolean, facts: OptionFacts): OptionRow<boolean> {
  return {
    ...facts,
    initial,
    takes: "true or false",
    accept: (given) => (typeof given === "boolean" ? given : undefined),
    show: same,
  };
}

export interface IntRange {
  readonly initial: number;
  readonly min: number;
  /** 2147483647 if absent. */
  readonly max?: number;
  readonly unit?: string;
  /** What the values with a meaning of their own mean. */
  readonly means?: string;
  /** Values are rounded down to a multiple of it. */
  readonly step?: number;
}

export function int(range: IntRange, facts: OptionFacts): OptionRow<number> {
  const { initial, min, max = INT_MAX, unit, means, step = 1 } = range;
  return {
    ...facts,
    initial,
    takes: `${min} to ${max === 2 ** 64 ? "2^64" : max}${unit === undefined ? "" : ` ${unit}`}${means === undefined ? "" : `; ${means}`}`,
    accept: (given) => {
      if (typeof given !== "number" || !Number.isInteger(given) || given < min || given > max)
        return undefined;
      return given - (given % step);
    },
    show: same,
  };
}

export function choice<Value extends string | null>(
  values: readonly Value[],
  facts: OptionFacts,
): OptionRow<Value> {
  return {
    ...facts,
    initial: values[0]!,
    takes: values.map((value) => JSON.stringify(value)).join(", "),
    accept: (given) => values.find((value) => value === given),
    show: same,
  };
}

/** Text for a system call or a key: octets are taken as UTF-8, as the native package does. */
export function text(facts: OptionFacts): OptionRow<string | null> {
  return {
    ...facts,
    initial: null,
    takes: "text of 1 to 255 octets in UTF-8, or null",
    accept: (given) => {
      if (given === null) return null;
      const octets = octetsOf(given);
      return octets !== undefined && octets.length >= 1 && octets.length <= 255
        ? decodeText(octets)
        : undefined;
    },
    show: same,
  };
}

/** Where a server is, as an endpoint of tcp names it. */
export function hostAndPort(facts: OptionFacts): OptionRow<string | null> {
  return {
    ...facts,
    initial: null,
    takes: "host:port, an IPv6 address in brackets, or null",
    accept: (given) => {
      if (given === null) return null;
      const octets = octetsOf(given);
      const place = octets === undefined ? "" : decodeText(octets);
      return isTcpPlace(place) ? place : undefined;
    },
    show: same,
  };
}

function isTcpPlace(place: string): boolean {
  try {
    return parseTcpConnect(place).source === undefined;
  } catch (error) {
    if (error instanceof ZmqError) return false;
    throw error;
  }
}

/** A key of CURVE: 32 octets, shown as the 40 characters that they are in Z85. */
export function curveKey(facts: OptionFacts): OptionRow<Uint8Array | null> {
  return {
    ...facts,
    initial: null,
    takes: "a key of 40 characters in Z85 or of 32 octets, or null for none",
    accept: (given) => {
      if (given === null) return null;
      const octets = octetsOf(given);
      if (octets === undefined) return undefined;
      if (octets.length === KEY_SIZE && typeof given !== "string") return octets;
      return tryDecodeKey(decodeText(octets));
    },
    show: (value) => (value === null ? null : encodeZ85(value)),
  };
}

/** 37/ZMTP, The Identity Property: at most 255 octets, and a leading zero is reserved for ids that a ROUTER makes. */
export function identity(facts: OptionFacts): OptionRow<Uint8Array> {
  const none = new Uint8Array(0);
  return {
    ...facts,
    initial: none,
    takes: "text or octets, 1 to 255 octets of which the first is not zero, or null for none",
    accept: (given) => {
      if (given === null) return none;
      const octets = octetsOf(given);
      return octets !== undefined && isRoutingId(octets) ? octets : undefined;
    },
    show: (value) => (value.length === 0 ? null : decodeText(value)),
  };
}

export function isRoutingId(octets: Uint8Array): boolean {
  return octets.length >= 1 && octets.length <= 255 && octets[0] !== 0;
}

export function message(facts: OptionFacts): OptionRow<Uint8Array | null> {
  return {
    ...facts,
    initial: null,
    takes: "text or octets, or null for none",
    accept: (given) => {
      if (given === null) return null;
      const octets = octetsOf(given);
      return octets !== undefined && octets.length === 0 ? null : octets;
    },
    show: (value) => (value === null ? null : decodeText(value)),
  };
}

/** Properties of the application's own for the handshake. */
export function properties(facts: OptionFacts): OptionRow<OwnMetadata> {
  return {
    ...facts,
    initial: [],
    takes:
      'an object of names that begin with "X-" and texts or octets, 32768 octets in all; a text "X-name:value", which is ' +
      "added; or null for none",
    accept: (given, before) => parseOwnMetadata(given, before),
    show: showOwnMetadata,
  };
}

/** Each assignment adds a filter and `null` removes all, as in libzmq. */
export function filters(facts: OptionFacts): OptionRow<readonly AcceptFilter[]> {
  return {
    ...facts,
    initial: [],
    takes: "an address or a range of addresses (192.168.0.0/16, 2001:db8::/32), or null for no filter",
    accept: (given, before) => {
      if (given === null) return [];
      const octets = octetsOf(given);
      const filter = octets === undefined ? undefined : parseAcceptFilter(decodeText(octets));
      return filter === undefined ? undefined : [...before, filter];
    },
    show: (value) => (value.length === 0 ? null : value.map((filter) => filter.text).join(", ")),
  };
}

/** Checks a value for an option; the error names the option, the value, the range and the unit. */
export function acceptOption<Value>(
  name: string,
  row: OptionRow<Value>,
  given: unknown,
  before: Value,
  type?: SocketType,
): Value {
  const value = row.accept(given, before);
  if (value === undefined) {
    throw new ZmqError("EINVAL", `${name} cannot be ${shown(row, given)}.`, {
      remedy: `It takes ${row.takes}.`,
    });
  }
  const isHonoured =
    (type !== undefined && row.honouredBy?.includes(type) === true) ||
    (row.needs !== undefined && platform.can(row.needs));
  if (row.refused !== undefined && !isHonoured && row.show(value) !== row.show(row.initial)) {
    throw new ZmqError("ENOTSUP", `${name} cannot be set to ${shown(row, given)}: ${row.refused}.`, {
      remedy: `Leave it at ${JSON.stringify(row.show(row.initial))}; docs/guide/options.md lists what cannot be honoured.`,
    });
  }
  return value;
}

function shown(row: OptionFacts, given: unknown): string {
  if (row.isSecret === true) return "the value given";
  if (typeof given === "string")
    return given.length > 64 ? `a text of ${given.length} characters` : JSON.stringify(given);
  if (typeof given === "function") return "a function";
  if (typeof given !== "object" || given === null) return String(given);
  return ArrayBuffer.isView(given) ? `${given.byteLength} octets` : "an object";
}

/** A copy: the caller may go on using its memory. */
function octetsOf(given: unknown): Uint8Array | undefined {
  if (typeof given === "string") return platform.encodeText(given);
  if (given instanceof ArrayBuffer) return new Uint8Array(given.slice(0));
  if (ArrayBuffer.isView(given))
    return new Uint8Array(given.buffer, given.byteOffset, given.byteLength).slice();
  return undefined;
}
