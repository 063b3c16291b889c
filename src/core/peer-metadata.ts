import { decodeText } from "../base/bytes.ts";
import { platform } from "../base/platform.ts";

/** Properties of the application's own that each connection's handshake tells the peer, names without doubles. */
export type OwnMetadata = readonly (readonly [name: string, value: Uint8Array])[];

/**
 * Octets of all of them on the wire. The handshake of a peer with our limits takes twice as much (`maxCommandSize`,
 * `maxHandshakeSize`).
 */
const SIZE_MAX = 32768;

/** 37/ZMTP, Connection Metadata: a name is 1 to 255 of these; those of applications begin with "X-". */
const NAME = /^X-[A-Za-z0-9_.+-]{1,253}$/;

/** Octets of the two sizes of a property. */
const SIZES = 5;

/**
 * What is given as `metadata`: an object with all properties, or one as libzmq takes it, `X-name:value`, which is added to
 * those `before`; of two with one name the first counts. `undefined` for anything else.
 */
export function parseOwnMetadata(given: unknown, before: OwnMetadata): OwnMetadata | undefined {
  if (given === null) return [];
  if (typeof given === "string") {
    const colon = given.indexOf(":");
    if (colon === -1) return undefined;
    return checked([...before, [given.slice(0, colon), platform.encodeText(given.slice(colon + 1))]], true);
  }
  if (typeof given !== "object" || ArrayBuffer.isView(given) || Array.isArray(given)) return undefined;
  const properties: [string, Uint8Array][] = [];
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === "string") properties.push([name, platform.encodeText(value)]);
    else if (value instanceof Uint8Array) properties.push([name, Uint8Array.from(value)]);
    else return undefined;
  }
  return checked(properties, false);
}

function checked(properties: OwnMetadata, keepsFirst: boolean): OwnMetadata | undefined {
  const seen = new Set<string>();
  const kept: [string, Uint8Array][] = [];
  let size = 0;
  for (const [name, value] of properties) {
    if (!NAME.test(name)) return undefined;
    // "Metadata names SHALL be case-insensitive."
    const folded = name.toLowerCase();
    if (seen.has(folded)) {
      if (keepsFirst) continue;
      return undefined;
    }
    seen.add(folded);
    kept.push([name, value]);
    size += SIZES + name.length + value.length;
  }
  return size > SIZE_MAX ? undefined : kept;
}

/** As the property shows it. */
export function showOwnMetadata(metadata: OwnMetadata): Readonly<Record<string, string>> | null {
  if (metadata.length === 0) return null;
  return Object.fromEntries(metadata.map(([name, value]) => [name, decodeText(value)]));
}
