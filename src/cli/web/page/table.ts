// A table that is sorted by its headings.
import type { Kept } from "./dom.ts";
import { element, keep, part, say, set } from "./dom.ts";
import type { Row } from "./table-rows.ts";
import { sortRows } from "./table-rows.ts";

/** Columns before this one hold names and are sorted from A, the others from the most. */
const NAME_COLUMN_COUNT = 3;

export class Table {
  readonly #body: HTMLElement;
  readonly #headings: HTMLElement[];
  #column: number | null;
  #isDescending: boolean;
  #rows: readonly Row[];

  constructor(id: string, columns: readonly string[]) {
    this.#body = element("tbody");
    this.#column = null;
    this.#isDescending = false;
    this.#rows = [];
    this.#headings = columns.map((name, column) => {
      const button = element("button", { type: "button" }, name);
      button.addEventListener("click", () => this.#sortBy(column));
      return element("th", { scope: "col" }, button);
    });
    part(id).append(element("thead", {}, element("tr", {}, ...this.#headings)), this.#body);
  }

  show(rows: readonly Row[]): void {
    this.#rows = rows;
    keep(this.#body, sortRows(rows, this.#column, this.#isDescending), ({ key }) => key, makeRow);
  }

  /** Once from the end that is worth seeing, then from the other, then as they come. */
  #sortBy(column: number): void {
    const first = column >= NAME_COLUMN_COUNT;
    if (this.#column !== column) {
      this.#column = column;
      this.#isDescending = first;
    } else if (this.#isDescending === first) {
      this.#isDescending = !first;
    } else {
      this.#column = null;
    }
    for (const [index, heading] of this.#headings.entries()) {
      const order = this.#isDescending ? "descending" : "ascending";
      set(heading, { "aria-sort": index === this.#column ? order : null });
    }
    this.show(this.#rows);
  }
}

function makeRow({ cells }: Row): Kept<Row> {
  const places = cells.map(([, value], index) =>
    index === 0
      ? element("th", { scope: "row" })
      : element("td", { class: typeof value === "number" ? "number" : "name" }),
  );
  const root = element("tr", {}, ...places);
  return {
    root,
    show: (row) => {
      set(root, { class: `${row.isLossy ? "lossy" : ""} ${row.isOver ? "over" : ""}`.trim() || null });
      for (const [index, [text]] of row.cells.entries()) say(places[index] as HTMLElement, text);
    },
  };
}
