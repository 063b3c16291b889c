import { STANDARD_OPTIONS } from "./arguments.ts";
import type { Command, CommandEntry, Option, OptionTable } from "./command.ts";
import { paint } from "./console.ts";
import type { Sink } from "./io.ts";

const EXIT_CODES = `  0    done
  1    failed: the sentence on stderr says why
  2    called wrongly
  3    nobody came, or nothing was received, within the time
  130  interrupted by Ctrl-C before it was done (143: by SIGTERM);
       what is meant to run until Ctrl-C ends with 0`;

/** Wider lines are hard to read. */
const COLUMNS_MAX = 110;

/** The help of `zmq` itself. */
export function generalHelp(sink: Sink, entries: readonly CommandEntry[]): string {
  const shown = entries.filter(({ isHidden }) => isHidden !== true);
  const width = Math.max(...shown.map(({ name }) => name.length)) + 2;
  const heading = (text: string): string => paint(sink, "bold", text);
  return `${heading("zmq")}: ZeroMQ sockets on the command line

${heading("Usage:")} zmq COMMAND [options] [arguments]

${heading("Commands:")}
${shown.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`).join("\n")}

zmq COMMAND --help shows a command's options and examples.

${heading("Exit codes:")}
${EXIT_CODES}
`;
}

/** The help of one command. */
export function commandHelp(sink: Sink, entry: CommandEntry, command: Command): string {
  const heading = (text: string): string => paint(sink, "bold", text);
  const columns = Math.min(sink.columns, COLUMNS_MAX);
  const parts = [
    `${heading(`zmq ${entry.name}`)}: ${entry.summary}`,
    `${heading("Usage:")} zmq ${entry.name} ${command.usage}`,
    ...(command.details === undefined ? [] : [paragraphs(command.details, columns)]),
    `${heading("Options:")}\n${optionLines({ ...command.options, ...STANDARD_OPTIONS }, columns)}`,
    `${heading("Examples:")}\n${command.examples.map((line) => `  ${line}`).join("\n")}`,
    `${heading("Exit codes:")}\n${EXIT_CODES}`,
  ];
  return `${parts.join("\n\n")}\n`;
}

const VALUE_NAMES = { text: "TEXT", number: "N", duration: "MS", size: "SIZE" } as const;

function signature(name: string, { short, kind, value }: Option): string {
  const letter = short === undefined ? "    " : `-${short}, `;
  return kind === "flag" ? `${letter}--${name}` : `${letter}--${name} ${value ?? VALUE_NAMES[kind]}`;
}

function optionLines(table: OptionTable, columns: number): string {
  const rows = Object.entries(table).map(
    ([name, option]) => [signature(name, option), describe(option)] as const,
  );
  const width = Math.max(...rows.map(([left]) => left.length)) + 4;
  return rows
    .map(([left, right]) => {
      const lines = wrap(right, Math.max(30, columns - width - 1));
      return `  ${left.padEnd(width - 2)}${lines.join(`\n${" ".repeat(width)}`)}`;
    })
    .join("\n");
}

function describe({ help, initial, multiple }: Option): string {
  const facts = [
    ...(multiple === true ? ["may be given again"] : []),
    ...(initial === undefined ? [] : [`default ${initial}`]),
  ];
  return facts.length === 0 ? help : `${help} (${facts.join("; ")})`;
}

/** Paragraphs are divided by an empty line; their own line breaks are the source's. */
function paragraphs(text: string, columns: number): string {
  return text
    .split("\n\n")
    .map((paragraph) => wrap(paragraph.replaceAll("\n", " "), columns).join("\n"))
    .join("\n\n");
}

/** Lines of at most `width` characters, broken between words. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
