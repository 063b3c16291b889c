import { bytesKey, readU32, writeU32 } from "../base/bytes.ts";
import { invariant, ProtocolError } from "../base/errors.ts";
import { platform } from "../base/platform.ts";

/**
 * Metadata: the properties in READY (and in PLAIN's and CURVE's INITIATE and READY). 37/ZMTP, The NULL Security
 * Mechanism:
 *
 *      0       1 ... n     n+1 ... n+4     n+5 ...
 *   +------+------------+--------------+------------ - -
 *   |  n   |    name    | value's size |   value           as often as there are properties
 *   +------+------------+--------------+------------ - -
 */
const NAME_SIZE_MAX = 255;
const VALUE_SIZE_MAX = 0x7fffffff;
const VALUE_HEADER_SIZE = 4;

/** Properties that tell what the peer is: two of them in one READY leave open which one counts. */
const UNIQUE = ["Socket-Type", "Identity"];

/** The octets of the properties, in order. The names are ours, so a wrong one is a bug. */
export function encodeMetadata(properties: Iterable<readonly [string, Uint8Array]>): Uint8Array {
  const names: Uint8Array[] = [];
  const values: Uint8Array[] = [];
  let size = 0;
  for (const [name, value] of properties) {
    const octets = platform.encodeText(name);
    invariant(
      octets.length >= 1 && octets.length <= NAME_SIZE_MAX,
      `property name of ${octets.length} octets`,
    );
    invariant(value.length <= VALUE_SIZE_MAX, `property value of ${value.length} octets`);
    names.push(octets);
    values.push(value);
    size += 1 + octets.length + VALUE_HEADER_SIZE + value.length;
  }
  const encoded = new Uint8Array(size);
  let offset = 0;
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    const value = values[i]!;
    encoded[offset] = name.length;
    encoded.set(name, offset + 1);
    offset += 1 + name.length;
    writeU32(encoded, offset, value.length);
    encoded.set(value, offset + VALUE_HEADER_SIZE);
    offset += VALUE_HEADER_SIZE + value.length;
  }
  return encoded;
}

/**
 * Checked properties of a peer, kept as the one octet string that they came in: ten thousand tiny properties cost what
 * the peer paid for them, not an object each. Names are octets too and need be no UTF-8; `__proto__` is a name like
 * any other.
 */
export class Metadata {
  readonly #octets: Uint8Array;
  /** Properties, those with a repeated name included. */
  readonly count: number;

  /** `octets` must have been checked: use `parseMetadata`. */
  constructor(octets: Uint8Array, count: number) {
    this.#octets = octets;
    this.count = count;
  }

  /** All of them as they came: another thread makes the same of them. */
  get octets(): Uint8Array {
    return this.#octets;
  }

  /** The value of the first property of that name, as a copy that pins nothing. Upper and lower case are equal. */
  find(name: string): Uint8Array | undefined {
    const octets = this.#octets;
    const folded = foldCase(name);
    for (let offset = 0; offset < octets.length; ) {
      const nameEnd = offset + 1 + octets[offset]!;
      const valueEnd = nameEnd + VALUE_HEADER_SIZE + readU32(octets, nameEnd);
      if (nameEquals(octets, offset + 1, nameEnd, folded)) {
        return copy(octets, nameEnd + VALUE_HEADER_SIZE, valueEnd);
      }
      offset = valueEnd;
    }
    return undefined;
  }

  /**
   * All properties by name as sent, one UTF-16 unit an octet. Of equal names (by any case) the first one stays. The
   * values are views of the metadata's own octets.
   */
  toMap(): Map<string, Uint8Array> {
    const octets = this.#octets;
    const seen = new Set<string>();
    const properties = new Map<string, Uint8Array>();
    for (let offset = 0; offset < octets.length; ) {
      const nameEnd = offset + 1 + octets[offset]!;
      const valueEnd = nameEnd + VALUE_HEADER_SIZE + readU32(octets, nameEnd);
      const name = bytesKey(octets, offset + 1, nameEnd);
      const folded = foldCase(name);
      if (!seen.has(folded)) {
        seen.add(folded);
        const value = platform.view(
          octets.buffer,
          octets.byteOffset + nameEnd + VALUE_HEADER_SIZE,
          valueEnd - nameEnd - VALUE_HEADER_SIZE,
        );
        properties.set(name, value);
      }
      offset = valueEnd;
    }
    return properties;
  }
}

/** What a peer without a handshake has told: nothing. */
export const NO_METADATA: Metadata = new Metadata(new Uint8Array(0), 0);

/** Reads properties from `bytes[start, end)`; anything but whole properties up to `end` is a ProtocolError. */
export function parseMetadata(bytes: Uint8Array, start = 0, end = bytes.length): Metadata {
  const found = new Uint8Array(UNIQUE.length);
  let count = 0;
  for (let offset = start; offset < end; ) {
    const nameSize = bytes[offset]!;
    if (nameSize === 0) {
      throw invalid("A metadata property has an empty name.", "Zero-sized names are not valid.");
    }
    const nameEnd = offset + 1 + nameSize;
    if (nameEnd + VALUE_HEADER_SIZE > end) {
      throw invalid(
        "The metadata ends within a property's name or size.",
        "name = short-size 1*255name-char",
      );
    }
    const valueSize = readU32(bytes, nameEnd);
    if (valueSize > VALUE_SIZE_MAX || valueSize > end - nameEnd - VALUE_HEADER_SIZE) {
      throw invalid(
        `A metadata value of ${valueSize} octets goes beyond the end of its command.`,
        "value = 4OCTET *OCTET",
      );
    }
    for (let i = 0; i < UNIQUE.length; i++) {
      if (!nameEquals(bytes, offset + 1, nameEnd, UNIQUE_FOLDED[i]!)) continue;
      if (found[i] === 1) throw invalid(`The metadata hold ${UNIQUE[i]} twice.`, "key-value dictionary");
      found[i] = 1;
    }
    count++;
    offset = nameEnd + VALUE_HEADER_SIZE + valueSize;
  }
  return new Metadata(copy(bytes, start, end), count);
}

/** The value of a property, names compared without case: "Metadata names SHALL be case-insensitive." */
export function findProperty(
  properties: Metadata | ReadonlyMap<string, Uint8Array>,
  name: string,
): Uint8Array | undefined {
  if (properties instanceof Metadata) return properties.find(name);
  const exact = properties.get(name);
  if (exact !== undefined) return exact;
  const folded = foldCase(name);
  for (const [key, value] of properties) if (foldCase(key) === folded) return value;
  return undefined;
}

const UNIQUE_FOLDED = UNIQUE.map(foldCase);

/** Only ASCII letters have a case here: `c9` and `e9` are É and é in Latin-1 alone, and two names. */
function foldCase(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function nameEquals(bytes: Uint8Array, start: number, end: number, folded: string): boolean {
  if (end - start !== folded.length) return false;
  for (let i = 0; i < folded.length; i++) {
    const octet = bytes[start + i]!;
    const lower = octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
    if (lower !== folded.charCodeAt(i)) return false;
  }
  return true;
}

/** A copy in memory of its own. (`slice` on a Buffer would be a view.) */
function copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copied = platform.view(new ArrayBuffer(end - start), 0, end - start);
  for (let i = start; i < end; i++) copied[i - start] = bytes[i]!;
  return copied;
}

function invalid(sentence: string, quote: string): ProtocolError {
  return new ProtocolError(
    "ERR_ZMTP_INVALID_METADATA",
    sentence,
    `37/ZMTP, The NULL Security Mechanism: "${quote}"`,
  );
}
