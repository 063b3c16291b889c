/** Octet strings: comparison, keys and big-endian numbers. Identities and topics are octets, never text. */

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/**
 * A string that is equal exactly when the octets are: one UTF-16 unit an octet. `ff 01` and `fe 01` stay two keys, as
 * they would not after a decoding as UTF-8.
 */
export function bytesKey(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (end - start <= 16) {
    let key = "";
    for (let i = start; i < end; i++) key += String.fromCharCode(bytes[i]!);
    return key;
  }
  const pieces: string[] = [];
  for (let i = start; i < end; i += 4096) {
    pieces.push(
      String.fromCharCode.apply(null, bytes.subarray(i, Math.min(end, i + 4096)) as unknown as number[]),
    );
  }
  return pieces.join("");
}

/** The octets that `bytesKey` made a string of. */
export function keyBytes(key: string): Uint8Array {
  const bytes = new Uint8Array(key.length);
  for (let i = 0; i < key.length; i++) bytes[i] = key.charCodeAt(i);
  return bytes;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text that octets are in UTF-8; what is none becomes U+FFFD. `platform.encodeText` is the way back. */
export function decodeText(octets: Uint8Array): string {
  return decoder.decode(octets);
}

export function readU32(bytes: Uint8Array, offset: number): number {
  return (
    bytes[offset]! * 0x1000000 + ((bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!)
  );
}

export function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

/** An unsigned 64-bit number; beyond 2^53 - 1, where a double is no longer exact, `Infinity`. */
export function readU64(bytes: Uint8Array, offset: number): number {
  const high = readU32(bytes, offset);
  if (high > 0x1fffff) return Number.POSITIVE_INFINITY;
  return high * 0x100000000 + readU32(bytes, offset + 4);
}

export function writeU64(bytes: Uint8Array, offset: number, value: number): void {
  writeU32(bytes, offset, Math.floor(value / 0x100000000));
  writeU32(bytes, offset + 4, value >>> 0);
}

/** Octets as hexadecimal digits, for sentences in errors and events. */
export function hex(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += (bytes[i]! + 0x100).toString(16).slice(1);
  return text;
}

/** Octets for people to read: `"text"` where all are printable, hexadecimal digits else, cut after `sizeMax`. */
export function showText(bytes: Uint8Array, sizeMax = 32): string {
  const shown = bytes.subarray(0, sizeMax);
  const rest = bytes.length > sizeMax ? `... (${bytes.length} octets)` : "";
  if (!shown.every((octet) => octet >= 0x20 && octet < 0x7f)) return `0x${hex(shown)}${rest}`;
  return `"${String.fromCharCode(...shown)}"${rest}`;
}
