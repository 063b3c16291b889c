import { isUtf8 } from "node:buffer";
import type { OptionTable, ValuesOf } from "../command.ts";
import { UsageError } from "../command.ts";

export const FORMAT_OPTIONS = {
  hex: { kind: "flag", short: "x", help: "bodies are hexadecimal digits" },
  base64: { kind: "flag", help: "bodies are in base64" },
  delimiter: {
    kind: "text",
    short: "d",
    value: "TEXT",
    help: "what stands between the frames of a message in a line (printed: a tab if not given)",
  },
  null: { kind: "flag", short: "0", help: "messages end with a NUL instead of a line break" },
} as const satisfies OptionTable;

export const RAW_OPTION = {
  raw: { kind: "flag", short: "r", help: "print bodies as they are, with nothing between them" },
} as const satisfies OptionTable;

export const FORMAT_DETAILS = `A frame is printed as text if it is text in UTF-8 without control characters, else as hexadecimal
digits after 0x. With --json a message is {"frames":[...]}, a frame a string or {"hex":"..."}; as
input, a string, an array of frames or what is printed.`;

export type Encoding = "text" | "hex" | "base64";

/** How messages are written, on input and on output. */
export interface Format {
  readonly encoding: Encoding;
  readonly isJson: boolean;
  readonly isRaw: boolean;
  /** What ends a message. */
  readonly end: "\n" | "\0";
  /** What divides its frames, if it was given. */
  readonly delimiter: string | undefined;
}

export function toFormat(
  values: ValuesOf<typeof FORMAT_OPTIONS> & Partial<ValuesOf<typeof RAW_OPTION>>,
  isJson: boolean,
): Format {
  if (values.hex && values.base64) throw new UsageError("--hex and --base64 exclude each other.");
  if (isJson && values.raw === true) throw new UsageError("--json and --raw exclude each other.");
  if (values.delimiter === "") throw new UsageError("--delimiter cannot be empty.");
  return {
    encoding: values.hex ? "hex" : values.base64 ? "base64" : "text",
    isJson,
    isRaw: values.raw === true,
    end: values.null ? "\0" : "\n",
    delimiter: values.delimiter,
  };
}

/** Control characters but tab and line break: they would move a terminal's cursor or worse. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are looked for
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/;

/** A frame for people: text where it is text, else digits. */
export function showFrame(frame: Buffer, encoding: Encoding): string {
  if (encoding !== "text") return frame.toString(encoding);
  if (isUtf8(frame)) {
    const text = frame.toString();
    if (!CONTROL.test(text)) return text;
  }
  return `0x${frame.toString("hex")}`;
}

/** A frame as a value of JSON. */
export type FrameValue = string | { readonly hex: string };

export function toFrameValue(frame: Buffer, encoding: Encoding): FrameValue {
  if (encoding !== "text") return frame.toString(encoding);
  return isUtf8(frame) ? frame.toString() : { hex: frame.toString("hex") };
}

/** A message as it is printed, with its end. */
export function showMessage(frames: readonly Buffer[], format: Format): string {
  if (format.isJson)
    return `${JSON.stringify({ frames: frames.map((frame) => toFrameValue(frame, format.encoding)) })}\n`;
  return `${frames.map((frame) => showFrame(frame, format.encoding)).join(format.delimiter ?? "\t")}${format.end}`;
}

/** A frame from what the user wrote. */
export function readFrame(written: Buffer, encoding: Encoding): Buffer {
  if (encoding === "text") return written;
  const text = written.toString("latin1").replace(/\s/g, "");
  if (encoding === "hex") {
    const digits = text.replace(/^0x/i, "");
    if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits))
      throw new UsageError(`"${text}" is not an even number of hexadecimal digits.`);
    return Buffer.from(digits, "hex");
  }
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) throw new UsageError(`"${text}" is not base64.`);
  return Buffer.from(text, "base64");
}

/** A message from one argument or line. */
export function readMessage(written: Buffer, format: Format): Buffer[] {
  if (format.isJson) return readJson(written.toString(), format.encoding);
  return splitFrames(written, format.delimiter).map((frame) => readFrame(frame, format.encoding));
}

function splitFrames(written: Buffer, delimiter: string | undefined): Buffer[] {
  if (delimiter === undefined) return [written];
  const frames: Buffer[] = [];
  const size = Buffer.byteLength(delimiter);
  let from = 0;
  for (let at = written.indexOf(delimiter); at >= 0; at = written.indexOf(delimiter, from)) {
    frames.push(written.subarray(from, at));
    from = at + size;
  }
  return [...frames, written.subarray(from)];
}

function readJson(text: string, encoding: Encoding): Buffer[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`"${abridged(text)}" is not JSON: ${(error as Error).message}.`);
  }
  const given = hasOwn(value, "frames") ? value["frames"] : value;
  const frames = Array.isArray(given) ? given : [given];
  if (frames.length === 0) throw new UsageError("A message has at least one frame; [] has none.");
  return frames.map((frame) => readFrameValue(frame, encoding));
}

function readFrameValue(value: unknown, encoding: Encoding): Buffer {
  if (value === null) return Buffer.alloc(0);
  if (typeof value === "string") return readFrame(Buffer.from(value), encoding);
  if (typeof value === "number") return Buffer.from(String(value));
  for (const each of ["hex", "base64"] as const) {
    if (hasOwn(value, each) && typeof value[each] === "string")
      return readFrame(Buffer.from(value[each]), each);
  }
  const wanted = 'A frame is a string, a number, null, {"hex":"..."} or {"base64":"..."}';
  throw new UsageError(`${wanted}, not ${abridged(JSON.stringify(value))}.`);
}

function hasOwn<Name extends string>(value: unknown, name: Name): value is Record<Name, unknown> {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name);
}

function abridged(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
