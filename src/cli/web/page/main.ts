// The live page: each second a state comes, and every part shows it.
import type { PageState } from "../page-state.ts";
import { Chart } from "./charts.ts";
import { Details } from "./details.ts";
import { part, say, set } from "./dom.ts";
import { FindingList } from "./finding-list.ts";
import { Graph } from "./graph.ts";
import { History } from "./history.ts";
import type { FeedStatus } from "./live-feed.ts";
import { listen } from "./live-feed.ts";
import { count, rate } from "./numbers.ts";
import { showQueues } from "./queue-list.ts";
import { Table } from "./table.ts";
import { PEER_COLUMNS, peerRows, SOCKET_COLUMNS, socketRows } from "./table-rows.ts";
import { topologyOf } from "./topology.ts";

const STATUS_TEXTS: Readonly<Record<FeedStatus, string>> = {
  waiting: "Waiting for the first numbers",
  live: "Live",
  lost: "Connection lost: the numbers are old. Trying again",
  refused: "The command has ended: start zmq inspect --web again and open the address that it prints",
};

/** A reason has its colour, whichever came first. */
const REASON_COLORS: Readonly<Record<string, string>> = {
  hwm: "--series-2",
  "no-subscriber": "--series-4",
  unroutable: "--series-5",
  "peer-gone": "--series-3",
  linger: "--series-6",
  conflated: "--series-7",
  orphaned: "--series-8",
  protocol: "--series-1",
};

const history = new History();
const details = new Details();
const graph = new Graph(history, (key) => details.open(key));
const findings = new FindingList();
const throughput = new Chart("throughput", (past) => past.throughput);
const drops = new Chart(
  "drops",
  (past) => past.drops,
  (key) => REASON_COLORS[key] ?? "--series-1",
);
const sockets = new Table("sockets", SOCKET_COLUMNS);
const peers = new Table("peers", PEER_COLUMNS);

function show(state: PageState): void {
  history.add(state);
  const topology = topologyOf(state, history);
  findings.show(state);
  graph.show(topology);
  details.show(topology);
  throughput.show(history);
  drops.show(history);
  showQueues(state);
  sockets.show(socketRows(state, history));
  peers.show(peerRows(state, history));
  showTotals(state);
  part("no-process").hidden = state.processes.length > 0;
  document.body.dataset["sequence"] = String(state.sequence);
}

function showTotals({ processes }: PageState): void {
  const live = processes.filter(({ status }) => status !== "ended");
  const socketCount = live.reduce((sum, one) => sum + one.socketCount, 0);
  const now = (values: readonly (number | null)[]): number => values.at(-1) ?? 0;
  const moved = history.throughput.reduce((sum, { values }) => sum + now(values), 0);
  const lost = history.drops.reduce((sum, { values }) => sum + now(values), 0);
  say(part("total-processes"), count(live.length, "process").replace("processs", "processes"));
  say(part("total-sockets"), count(socketCount, "socket"));
  say(part("total-rate"), `${rate(moved)} moved`);
  say(part("total-lost"), `${rate(lost)} lost`);
  part("total-lost").classList.toggle("lossy", lost > 0);
}

function showStatus(status: FeedStatus): void {
  say(part("status-text"), STATUS_TEXTS[status]);
  set(part("status"), { class: status });
  document.body.classList.toggle("stale", status === "lost" || status === "refused");
}

// What is wider than the window must be scrolled without a mouse, too.
for (const frame of document.querySelectorAll<HTMLElement>(".scroll")) frame.tabIndex = 0;
listen({
  onState: show,
  onStatus: showStatus,
  onTrouble: (sentence) => say(part("status-text"), sentence),
});
