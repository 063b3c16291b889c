import type { Metric, MetricKind, MetricLabels, MetricSample } from "./metric.ts";

/** What there is to measure: name, kind, help. A metric without values is left out. */
const METRICS = {
  zeromq_sockets: ["gauge", "Open sockets."],
  zeromq_sockets_closed_total: ["counter", "Sockets that were closed."],
  zeromq_messages_accepted_total: [
    "counter",
    "Messages that the library took: from the application, or from peers. For fan-out, copies.",
  ],
  zeromq_messages_delivered_total: ["counter", "Messages handed on: to the kernel, or to the application."],
  zeromq_messages_dropped_total: ["counter", "Messages lost, by reason."],
  zeromq_messages_queued: ["gauge", "Messages that wait in the library."],
  zeromq_waiting_calls: ["gauge", "Calls of send and receive that wait."],
  zeromq_peers: ["gauge", "Peers, those that are reachable now and the others."],
  zeromq_high_water_mark_messages: ["gauge", "The most messages that wait for one peer; 0 is unlimited."],
  zeromq_connect_attempts_total: ["counter", "Attempts to connect."],
  zeromq_connect_failures: ["gauge", "Attempts and connections that failed since the last handshake."],
  zeromq_handshakes_total: ["counter", "Handshakes that succeeded."],
  zeromq_disconnects_total: ["counter", "Established connections that ended."],
  zeromq_refusals_total: ["counter", "Peers that were turned away."],
  zeromq_peer_messages_accepted_total: ["counter", "Messages that the library took, of one peer."],
  zeromq_peer_messages_delivered_total: ["counter", "Messages handed on, of one peer."],
  zeromq_peer_messages_dropped_total: ["counter", "Messages lost, of one peer, by reason."],
  zeromq_peer_messages_queued: ["gauge", "Messages of one peer that wait in the library."],
  zeromq_findings: ["gauge", "What the solver finds wrong now, by code."],
} as const satisfies Readonly<Record<string, readonly [MetricKind, string]>>;

export type MetricName = keyof typeof METRICS;

/** Metrics that are being filled. */
export class MetricSet {
  readonly #samples: Map<MetricName, MetricSample[]>;

  constructor() {
    this.#samples = new Map();
  }

  add(name: MetricName, labels: MetricLabels, value: number): void {
    const samples = this.#samples.get(name);
    if (samples === undefined) this.#samples.set(name, [{ labels, value }]);
    else samples.push({ labels, value });
  }

  toArray(): Metric[] {
    const metrics: Metric[] = [];
    for (const name of Object.keys(METRICS) as MetricName[]) {
      const samples = this.#samples.get(name);
      const [kind, help] = METRICS[name];
      if (samples !== undefined) metrics.push({ name, kind, help, samples });
    }
    return metrics;
  }
}
