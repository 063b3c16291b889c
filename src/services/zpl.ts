import { ZmqError } from "../base/errors.ts";

/** A property of 4/ZPL: a name, a value that may be empty, and the properties that are indented below it. */
export interface ZplProperty {
  readonly name: string;
  readonly value: string;
  readonly children: ZplProperty[];
}

const INDENT = 4;
const LINE = /^( *)([A-Za-z0-9$_@.&+/-]+)[ \t]*(?:=[ \t]*(.*))?$/;

/** The properties of a text in 4/ZPL, as CZMQ reads it. EINVAL, with the line, for what is none. */
export function parseZpl(text: string): ZplProperty[] {
  const root: ZplProperty[] = [];
  /** Where a property of each level goes. */
  const levels: ZplProperty[][] = [root];
  // "newline, carriage-return, or carriage-return followed by newline"
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    if (/^[ \t]*(#.*)?$/.test(line)) continue;
    const found = LINE.exec(plain(line));
    if (found === null) throw malformed(index, "is no name with a value");
    const [, spaces = "", name = "", value = ""] = found;
    const level = spaces.length / INDENT;
    const siblings = levels[level];
    if (siblings === undefined)
      throw malformed(
        index,
        `is indented by ${spaces.length}; a level is ${INDENT} spaces below the one above`,
      );
    const property: ZplProperty = { name, value: unquoted(value), children: [] };
    siblings.push(property);
    levels.length = level + 1;
    levels.push(property.children);
  }
  return root;
}

/** The text for properties: every value in quotes. EINVAL for what no quotes can hold. */
export function formatZpl(properties: readonly ZplProperty[], indent = ""): string {
  let text = "";
  for (const { name, value, children } of properties) {
    if (!/^[A-Za-z0-9$_@.&+/-]+$/.test(name))
      throw new ZmqError("EINVAL", `${JSON.stringify(name)} is no name of ZPL.`, { remedy: NAMES });
    text += `${indent}${name}${value === "" ? "" : ` = ${quoted(value)}`}\n`;
    text += formatZpl(children, `${indent}    `);
  }
  return text;
}

const NAMES = "Names have letters, digits and $ - _ @ . & + / alone.";

function quoted(value: string): string {
  const isWhole = !/[\r\n\0]/.test(value);
  if (isWhole && !value.includes('"')) return `"${value}"`;
  if (isWhole && !value.includes("'")) return `'${value}'`;
  throw new ZmqError(
    "EINVAL",
    "A value with both kinds of quotes or a line's end cannot be written in ZPL.",
    {
      remedy: "There is no escaping: choose another value.",
    },
  );
}

/** The line without its comment and the blanks at its end: "whitespace following a value is discarded". */
function plain(line: string): string {
  const at = line.indexOf("=");
  const value = at < 0 ? "" : line.slice(at + 1).trimStart();
  const quote = value[0];
  if (quote === '"' || quote === "'") {
    const end = value.indexOf(quote, 1);
    // "A value that starts with a quote and does not end in a matching quote is treated as unquoted."
    if (end > 0 && /^[ \t]*(#.*)?$/.test(value.slice(end + 1)))
      return `${line.slice(0, at + 1)}${value.slice(0, end + 1)}`;
  }
  return line.replace(/#.*$/, "").trimEnd();
}

function unquoted(value: string): string {
  const quote = value[0];
  const isQuoted = value.length > 1 && (quote === '"' || quote === "'") && value.endsWith(quote);
  return isQuoted ? value.slice(1, -1) : value;
}

function malformed(index: number, problem: string): ZmqError {
  // The line may hold a secret: it is not repeated.
  return new ZmqError("EINVAL", `Line ${index + 1} ${problem}.`, { remedy: "4/ZPL describes the format." });
}
