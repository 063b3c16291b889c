/**
 * ZMTP's octets, put together here a second time and without src/wire: what the tests send must not share a fault with
 * what they test.
 */

/** Text with one octet a character, so that `"\xff"` is one octet. */
export type Octets = Uint8Array | string;

export function octets(source: Octets): Buffer {
  return typeof source === "string" ? Buffer.from(source, "latin1") : Buffer.from(source);
}

/** `fromHex("04 01 00")` */
export function fromHex(digits: string): Buffer {
  return Buffer.from(digits.replace(/\s/g, ""), "hex");
}

export interface GreetingFields {
  readonly major?: number;
  readonly minor?: number;
  /** Padded with NULs to 20 octets. */
  readonly mechanism?: Octets;
  readonly asServer?: number;
  readonly padding?: number;
  readonly signatureEnd?: number;
  readonly filler?: number;
}

export function greeting(fields: GreetingFields = {}): Buffer {
  const {
    major = 3,
    minor = 1,
    mechanism = "NULL",
    asServer = 0,
    padding = 0,
    signatureEnd = 0x7f,
    filler = 0,
  } = fields;
  const whole = Buffer.alloc(64);
  whole[0] = 0xff;
  whole.fill(padding, 1, 9);
  whole[9] = signatureEnd;
  whole[10] = major;
  whole[11] = minor;
  octets(mechanism).copy(whole, 12, 0, 20);
  whole[32] = asServer;
  whole.fill(filler, 33);
  return whole;
}

export const MORE = 1;
export const LONG = 2;
export const COMMAND = 4;

/** A frame; the long form where LONG is among the flags or the body needs it. */
export function frame(flags: number, body: Octets): Buffer {
  const content = octets(body);
  if ((flags & LONG) === 0 && content.length <= 255)
    return Buffer.concat([Buffer.from([flags, content.length]), content]);
  return Buffer.concat([longHeader(flags | LONG, BigInt(content.length)), content]);
}

/** The header of a long frame that says any size. */
export function longHeader(flags: number, size: bigint): Buffer {
  const header = Buffer.alloc(9);
  header[0] = flags;
  header.writeBigUInt64BE(size, 1);
  return header;
}

/** A message of one frame or more. */
export function message(...bodies: Octets[]): Buffer {
  return Buffer.concat(bodies.map((body, i) => frame(i < bodies.length - 1 ? MORE : 0, body)));
}

export function commandBody(name: string, data: Octets = ""): Buffer {
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name, "latin1"), octets(data)]);
}

export function command(name: string, data: Octets = ""): Buffer {
  return frame(COMMAND, commandBody(name, data));
}

export function property(name: Octets, value: Octets): Buffer {
  const nameOctets = octets(name);
  const valueOctets = octets(value);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(valueOctets.length);
  return Buffer.concat([Buffer.from([nameOctets.length]), nameOctets, size, valueOctets]);
}

export function ready(socketType: string, ...properties: Buffer[]): Buffer {
  return command("READY", Buffer.concat([property("Socket-Type", socketType), ...properties]));
}

export function identity(value: Octets): Buffer {
  return property("Identity", value);
}

export function ping(ttlTenths: number, context: Octets = ""): Buffer {
  return command("PING", Buffer.concat([Buffer.from([ttlTenths >>> 8, ttlTenths & 0xff]), octets(context)]));
}

export function pong(context: Octets = ""): Buffer {
  return command("PONG", context);
}

export function subscribe(topic: Octets): Buffer {
  return command("SUBSCRIBE", topic);
}

export function cancel(topic: Octets): Buffer {
  return command("CANCEL", topic);
}

export function error(reason: Octets): Buffer {
  return command("ERROR", Buffer.concat([Buffer.from([reason.length]), octets(reason)]));
}

/** Socket types and one that each may meet. */
export const LEGAL_PEER: Readonly<Record<string, string>> = {
  PAIR: "PAIR",
  PUB: "SUB",
  SUB: "PUB",
  REQ: "REP",
  REP: "REQ",
  DEALER: "ROUTER",
  ROUTER: "DEALER",
  PULL: "PUSH",
  PUSH: "PULL",
  XPUB: "XSUB",
  XSUB: "XPUB",
  RADIO: "DISH",
  DISH: "RADIO",
};
