// The little Markdown that the generated documents need.

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

function marks(name: string): readonly [string, string] {
  return [`<!-- ${name}: written by \`npm run docs\` -->`, `<!-- end of ${name} -->`];
}

/** A document with what stands between its two marks replaced. */
export function replaceMarked(document: string, name: string, text: string): string {
  const [begin, end] = marks(name);
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the marks of ${name} are missing`);
  return `${document.slice(0, from + begin.length)}\n${text}\n${document.slice(to)}`;
}
