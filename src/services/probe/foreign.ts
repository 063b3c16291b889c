import { hex } from "../../base/bytes.ts";

/** What speaks first, or answers a ZMTP greeting, so. */
const SPEAKERS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^HTTP\/\d/, "HTTP"],
  [/^<(!doctype|html)/i, "HTTP"],
  [/^SSH-/, "SSH"],
  [/^220[ -].*(ftp|smtp|mail|esmtp)/i, "SMTP or FTP"],
  [/^[+-](OK|ERR)/, "Redis or POP3"],
  [/^\* OK/, "IMAP"],
  [/^(INFO|PING) \{?/, "NATS"],
  [/^AMQP/, "AMQP"],
  [/^RFB \d/, "VNC"],
];

/** The octets of a peer that does not speak ZMTP, made out. */
export interface Foreign {
  /** `HTTP`, `TLS`, ...; `null` for what nobody here knows. */
  readonly protocol: string | null;
  /** The beginning of what it said, printable. */
  readonly shown: string;
}

const SHOWN_MAX = 48;

export function identifyForeign(octets: Uint8Array): Foreign {
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("latin1");
  const protocol = isTls(octets) ? "TLS" : (SPEAKERS.find(([pattern]) => pattern.test(text))?.[1] ?? null);
  const line = (text.split(/\r?\n/, 1)[0] as string).slice(0, SHOWN_MAX);
  const isText = line.length > 0 && /^[\x20-\x7e]*$/.test(line);
  return { protocol, shown: isText ? JSON.stringify(line) : `octets ${hex(octets.subarray(0, 16))}` };
}

/** A record of the handshake, or an alert, of SSL 3 to TLS 1.3. */
function isTls([type, major, minor = 0xff]: Uint8Array): boolean {
  return (type === 0x15 || type === 0x16) && major === 3 && minor <= 4;
}
