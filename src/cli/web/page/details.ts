// The panel with all that is known of one box, socket or arrow.
import type { Subject } from "./describe.ts";
import { subjectOf } from "./describe.ts";
import { keep, part, say } from "./dom.ts";
import { fact } from "./finding-list.ts";
import type { Topology } from "./topology.ts";

export class Details {
  readonly #dialog: HTMLDialogElement;
  #key: string | null;
  #topology: Topology;

  constructor() {
    this.#dialog = part<HTMLDialogElement>("details");
    this.#key = null;
    this.#topology = { boxes: [], arrows: [] };
    this.#dialog.addEventListener("close", () => {
      this.#key = null;
    });
    // A click beside it.
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    part("close-details").addEventListener("click", () => this.#dialog.close());
  }

  /** The browser gives the focus back when it is closed. */
  open(key: string): void {
    this.#key = key;
    this.#fill();
    this.#dialog.showModal();
  }

  show(topology: Topology): void {
    this.#topology = topology;
    this.#fill();
  }

  #fill(): void {
    if (this.#key === null) return;
    const gone: Subject = { title: "Gone", facts: [["State", "It is not there any more."]] };
    const { title, facts } = subjectOf(this.#topology, this.#key) ?? gone;
    say(part("details-title"), title);
    const nth = new Map<string, number>();
    const keyed = facts.map(([term, text]) => {
      const count = (nth.get(term) ?? 0) + 1;
      nth.set(term, count);
      return { key: `${term} ${count}`, pair: [term, text] as [string, string] };
    });
    keep(
      part("details-facts"),
      keyed,
      ({ key }) => key,
      ({ pair }) => {
        const { root, show } = fact(pair);
        return { root, show: ({ pair: now }) => show(now) };
      },
    );
  }
}
