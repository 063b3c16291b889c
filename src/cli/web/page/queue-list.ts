// Every queue as a bar.
import type { PageState } from "../page-state.ts";
import type { Kept } from "./dom.ts";
import { element, keep, part, say, set } from "./dom.ts";
import { clip, fill, whole } from "./numbers.ts";
import type { Queue } from "./queues.ts";
import { levelOf, queuesOf, share } from "./queues.ts";

/** More would be a wall; the tables have them all. */
const SHOWN_COUNT_MAX = 48;

export function showQueues(state: PageState): void {
  const queues = queuesOf(state);
  // In the order of the processes, so that no bar moves; when there are too many, those that hold something.
  const shown =
    queues.length <= SHOWN_COUNT_MAX
      ? queues
      : [...queues.filter(isOccupied), ...queues.filter((queue) => !isOccupied(queue))].slice(
          0,
          SHOWN_COUNT_MAX,
        );
  keep(part("queues"), shown, ({ key }) => key, makeBar);
  const more = queues.length - shown.length;
  say(part("queue-note"), more > 0 ? `${whole(more)} more in the table of peers` : "");
  part("no-queues").hidden = queues.length > 0;
}

function isOccupied({ queued, dropped }: Queue): boolean {
  return queued > 0 || dropped > 0;
}

function makeBar({ direction }: Queue): Kept<Queue> {
  const name = element("span", { class: "queue-name" });
  const number = element("span", { class: "queue-number" });
  const bar = element("span", { class: "queue-fill" });
  const meter = element("span", { class: "queue-track", role: "meter", "aria-valuemin": 0 }, bar);
  const root = element("li", {}, name, number, meter);
  return {
    root,
    show: ({ process, socketType, place, queued, hwm, dropped }) => {
      const text = `${socketType} ${direction === "out" ? "→" : "←"} ${clip(place, 34)}`;
      say(name, text);
      set(name, { title: `${process}: ${socketType} ${direction === "out" ? "to" : "from"} ${place}` });
      const lost = dropped > 0 ? ` · ${whole(dropped)} lost` : "";
      say(number, `${fill(queued, hwm)}${lost}`);
      set(root, { class: `queue ${levelOf(queued, hwm)}${dropped > 0 ? " lossy" : ""}` });
      set(meter, {
        "aria-label": `${socketType} in ${process} ${direction === "out" ? "to" : "from"} ${place}`,
        "aria-valuenow": queued,
        "aria-valuemax": hwm > 0 ? hwm : Math.max(1, queued),
        "aria-valuetext": `${fill(queued, hwm)}${lost}`,
      });
      bar.style.width = `${(share(queued, hwm) * 100).toFixed(1)}%`;
    },
  };
}
