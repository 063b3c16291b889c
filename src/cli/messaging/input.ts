import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { addAbortSignal } from "node:stream";
import type { OptionTable, ValuesOf } from "../command.ts";
import { UsageError } from "../command.ts";
import type { Console } from "../console.ts";
import type { Io } from "../io.ts";
import type { Format } from "./format.ts";
import { readFrame, readMessage } from "./format.ts";

export const INPUT_OPTIONS = {
  frame: {
    kind: "text",
    short: "f",
    value: "TEXT",
    multiple: true,
    help: "a frame; all of them make one message",
  },
  file: { kind: "text", value: "PATH", multiple: true, help: "a file's content is one message; - is stdin" },
} as const satisfies OptionTable;

export const INPUT_DETAILS = `Messages are the arguments, then --frame, then --file. Without any of them each line of stdin is
one, with --json as JSON.`;

/** Messages to send, some at a time. */
export interface Input {
  /** Known before anything is sent; `undefined` where stdin brings them. */
  readonly messages: readonly Buffer[][] | undefined;
  batches(): AsyncIterable<Buffer[][]>;
}

/** Tells who sits at the terminal that it is for him to type. */
export function tellTyping(
  input: Input,
  { isInputTerminal }: Pick<Io, "isInputTerminal">,
  console: Console,
): void {
  if (input.messages === undefined && isInputTerminal)
    console.note("each line that you type is a message; Ctrl-D ends the input");
}

/** What to send. `head`: the frames in front of every message. */
export async function openInput(
  values: ValuesOf<typeof INPUT_OPTIONS>,
  args: readonly string[],
  format: Format,
  io: Pick<Io, "stdin" | "signal">,
  head: readonly Buffer[] = [],
): Promise<Input> {
  // Arguments are what they are: with --json it is lines that are JSON.
  const plain = { ...format, isJson: false };
  const messages = args.map((arg) => readMessage(Buffer.from(arg), plain));
  if (values.frame.length > 0)
    messages.push(values.frame.map((text) => readFrame(Buffer.from(text), format.encoding)));
  for (const path of values.file) messages.push([await readBody(path, io)]);
  if (messages.length === 0) return fromLines(format, io, head);
  const whole = messages.map((frames) => [...head, ...frames]);
  return {
    messages: whole,
    async *batches() {
      yield whole;
    },
  };
}

async function readBody(path: string, { stdin, signal }: Pick<Io, "stdin" | "signal">): Promise<Buffer> {
  if (path === "-") {
    const chunks: Buffer[] = [];
    for await (const chunk of abortable(stdin, signal)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
  try {
    return await readFile(path, { signal });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new UsageError(`The file ${path} cannot be read: ${(error as Error).message}.`);
  }
}

function fromLines(
  format: Format,
  { stdin, signal }: Pick<Io, "stdin" | "signal">,
  head: readonly Buffer[],
): Input {
  return {
    messages: undefined,
    async *batches() {
      let lineCount = 0;
      for await (const lines of splitLines(abortable(stdin, signal), format.end)) {
        const messages: Buffer[][] = [];
        for (const line of lines) {
          lineCount++;
          if (format.isJson && line.length === 0) continue;
          messages.push([...head, ...readLine(line, lineCount, format)]);
        }
        if (messages.length > 0) yield messages;
      }
    },
  };
}

function readLine(line: Buffer, number: number, format: Format): Buffer[] {
  try {
    return readMessage(line, format);
  } catch (error) {
    throw new UsageError(`Line ${number} of stdin: ${(error as Error).message}`);
  }
}

/** The chunks of a stream until it ends, or the signal is aborted, which throws its reason. */
export async function* abortable(stream: Readable, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of addAbortSignal(signal, stream)) {
      yield typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Buffer);
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error;
  }
}

/** The lines of each chunk together. A carriage return before the line break belongs to it; a NUL stands alone. */
export async function* splitLines(chunks: AsyncIterable<Buffer>, end: "\n" | "\0"): AsyncGenerator<Buffer[]> {
  const octet = end.charCodeAt(0);
  let begun: Buffer[] = [];
  for await (const chunk of chunks) {
    const lines: Buffer[] = [];
    let from = 0;
    for (let at = chunk.indexOf(octet); at >= 0; at = chunk.indexOf(octet, from)) {
      begun.push(chunk.subarray(from, at));
      lines.push(toLine(begun, end));
      begun = [];
      from = at + 1;
    }
    if (from < chunk.length) begun.push(chunk.subarray(from));
    if (lines.length > 0) yield lines;
  }
  if (begun.length > 0) yield [toLine(begun, end)];
}

function toLine(parts: readonly Buffer[], end: "\n" | "\0"): Buffer {
  const line = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  return end === "\n" && line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
}
