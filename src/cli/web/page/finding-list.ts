// What the solver found, worst first.
import type { PageState } from "../page-state.ts";
import type { Kept } from "./dom.ts";
import { element, keep, part, say, set } from "./dom.ts";
import type { Found } from "./finding-order.ts";
import { announcement, evidenceOf, SEVERITY_NAMES, sortFindings, summary } from "./finding-order.ts";

/** So many are shown unasked. */
const SHOWN_COUNT = 4;

export class FindingList {
  readonly #seen: Map<string, number>;
  #isFirst: boolean;
  #showsAll: boolean;
  #state: PageState | null;

  constructor() {
    this.#seen = new Map();
    this.#isFirst = true;
    this.#showsAll = false;
    this.#state = null;
    part("more-findings").addEventListener("click", () => {
      this.#showsAll = !this.#showsAll;
      if (this.#state !== null) this.show(this.#state);
    });
  }

  show(state: PageState): void {
    this.#state = state;
    const knownCount = this.#seen.size;
    const found = sortFindings(state, this.#seen);
    const news = found.filter(({ key }) => (this.#seen.get(key) as number) >= knownCount);
    const shown = this.#showsAll ? found : found.slice(0, SHOWN_COUNT);
    keep(part("findings"), shown, ({ key }) => key, card);
    const unsent = state.processes.reduce((sum, one) => sum + one.findingCount - one.findings.length, 0);
    say(part("finding-count"), summary(found, unsent));
    part("no-findings").hidden = found.length > 0 || state.processes.length === 0;
    const button = part("more-findings");
    button.hidden = found.length <= SHOWN_COUNT;
    say(button, this.#showsAll ? "Show the worst only" : `Show all ${found.length}`);
    set(button, { "aria-expanded": String(this.#showsAll) });
    if (news.length > 0) say(part("announcer"), announcement(news, this.#isFirst));
    this.#isFirst = false;
  }
}

function card({ finding, key }: Found): Kept<Found> {
  const what = element("p", { class: "what" });
  const remedy = element("span");
  const where = element("p", { class: "where" });
  const evidence = element("dl", { class: "evidence" });
  const id = `finding-${key.replace(/[^\w-]+/g, "-")}`;
  const title = element(
    "h3",
    { id },
    element("span", { class: "severity" }, SEVERITY_NAMES[finding.severity]),
    " ",
    element("code", {}, finding.code),
  );
  const root = element(
    "article",
    { class: `finding ${finding.severity}`, "aria-labelledby": id, "data-code": finding.code },
    element("header", {}, title, where),
    what,
    element("p", { class: "fix" }, element("strong", {}, "Fix "), remedy),
    evidence,
  );
  return {
    root,
    show({ finding: now, process }) {
      say(what, now.what);
      say(remedy, now.remedy);
      say(where, `${now.socketLabel} in ${process.title} (${process.pid})`);
      keep(evidence, evidenceOf(now), ([name]) => name, fact);
    },
  };
}

/** A term with its value. */
export function fact([name]: readonly [string, string]): Kept<readonly [string, string]> {
  const value = element("dd");
  return {
    root: element("div", {}, element("dt", {}, name), value),
    show: ([, text]) => say(value, text),
  };
}
