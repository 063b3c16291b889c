import { ZmqError } from "../base/errors.ts";

/**
 * 32/Z85: four octets as five printable characters, most significant first. A key of 32 octets has 40 characters.
 */
const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
const VALUES = new Int8Array(128).fill(-1);
for (let i = 0; i < DIGITS.length; i++) VALUES[DIGITS.charCodeAt(i)] = i;

/** The characters of a key. */
export const KEY_TEXT_SIZE = 40;

const RADIX = 85;
/** What five characters may not exceed: the number of four octets. */
const WORD_MAX = 0xffffffff;

/** The characters for octets. "The binary frame SHALL have a length that is divisible by 4 with no remainder." */
export function encodeZ85(octets: Uint8Array): string {
  if (octets.length % 4 !== 0)
    throw invalid(`Z85 encodes octets in groups of four; ${octets.length} are not.`, "Pad them.");
  let text = "";
  for (let i = 0; i < octets.length; i += 4) {
    let word =
      octets[i]! * 0x1000000 + octets[i + 1]! * 0x10000 + octets[i + 2]! * 0x100 + (octets[i + 3] as number);
    let group = "";
    for (let k = 0; k < 5; k++) {
      group = DIGITS[word % RADIX]! + group;
      word = Math.floor(word / RADIX);
    }
    text += group;
  }
  return text;
}

/** The octets of a key, `undefined` for what is none. */
export function tryDecodeKey(text: string): Uint8Array | undefined {
  if (text.length !== KEY_TEXT_SIZE) return undefined;
  try {
    return decodeZ85(text);
  } catch (error) {
    if (error instanceof ZmqError) return undefined;
    throw error;
  }
}

/**
 * The octets that characters stand for. Strict: "The string frame SHALL have a length that is divisible by 5 with no
 * remainder", every character is one of the 85, and no group stands for more than four octets hold.
 */
export function decodeZ85(text: string): Uint8Array {
  if (text.length % 5 !== 0)
    throw invalid(
      `Z85 has groups of five characters; ${text.length} are not.`,
      "Check for a cut or a space.",
    );
  const octets = new Uint8Array((text.length / 5) * 4);
  for (let i = 0, at = 0; i < text.length; i += 5, at += 4) {
    let word = 0;
    for (let k = 0; k < 5; k++) {
      const code = text.charCodeAt(i + k);
      const digit = code < 128 ? VALUES[code]! : -1;
      // The text may be a secret: what stands there is not repeated.
      if (digit < 0) throw invalid(`Character ${i + k + 1} is none of Z85's 85.`, "Check the text.");
      word = word * RADIX + digit;
    }
    if (word > WORD_MAX)
      throw invalid(`The characters from ${i + 1} on stand for more than four octets.`, "Check the text.");
    octets[at] = word >>> 24;
    octets[at + 1] = word >>> 16;
    octets[at + 2] = word >>> 8;
    octets[at + 3] = word;
  }
  return octets;
}

function invalid(sentence: string, remedy: string): ZmqError {
  return new ZmqError("EINVAL", sentence, { remedy });
}
