import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** From the built package, and from the tree where it is tested. */
const PLACES = ["../../docs/guide/", "../../../docs/guide/"];

/** The text of a guide page, where it came along. */
export function readGuide(name: string): string | undefined {
  for (const place of PLACES) {
    try {
      return readFileSync(fileURLToPath(new URL(`${place}${name}`, import.meta.url)), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return undefined;
}

/** The section of a page whose heading has this anchor, with its subsections. */
export function sectionOf(page: string, anchor: string): string | undefined {
  const found: string[] = [];
  let level = 0;
  let isCode = false;
  for (const line of page.split("\n")) {
    if (line.startsWith("```")) isCode = !isCode;
    const heading = isCode ? null : /^(#{1,6}) +(.*)$/.exec(line);
    if (heading !== null) {
      const [, marks, title] = heading as unknown as [string, string, string];
      if (level > 0 && marks.length <= level) break;
      if (level === 0 && anchorOf(title) === anchor) level = marks.length;
    }
    if (level > 0) found.push(line);
  }
  return level === 0 ? undefined : found.join("\n").trim();
}

/** As the pages' hosts make them. */
function anchorOf(title: string): string {
  return title
    .trim()
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
}
