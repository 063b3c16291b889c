import type { Console } from "../console.ts";
import type { Format } from "./format.ts";
import { showMessage } from "./format.ts";

/** Octets that are written together: 256 large messages in one text would be longer than a string can be. */
const WRITE_SIZE = 1 << 20;

/** Prints messages, short ones many at a time. Resolves when there is room for more. */
export async function printMessages(
  messages: readonly (readonly Buffer[])[],
  format: Format,
  console: Console,
): Promise<void> {
  let parts: (string | Buffer)[] = [];
  let size = 0;
  for (const frames of messages) {
    const shown = format.isRaw ? frames : [showMessage(frames, format)];
    for (const part of shown) {
      if (size > 0 && size + part.length > WRITE_SIZE) {
        await console.write(joined(parts));
        parts = [];
        size = 0;
      }
      parts.push(part);
      size += part.length;
    }
  }
  if (size > 0) await console.write(joined(parts));
}

function joined(parts: readonly (string | Buffer)[]): string | Buffer {
  if (parts.length === 1) return parts[0] as string | Buffer;
  return typeof parts[0] === "string" ? parts.join("") : Buffer.concat(parts as Buffer[]);
}
