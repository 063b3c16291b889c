/**
 * zeromq-ts/opentelemetry: the sockets as OpenTelemetry metrics. It needs `@opentelemetry/api`, which the application
 * installs; the package itself does without.
 */
import type { Attributes, BatchObservableResult, Meter, Observable } from "@opentelemetry/api";
import { metrics } from "@opentelemetry/api";
import type { Context, MetricLabels } from "./index.ts";
import { context as defaultContext, packageVersion } from "./index.ts";

/** What is measured, by whom, and how finely. */
export interface InstrumentOptions {
  /** Whose sockets of this thread. Default: the default context. */
  readonly context?: Context;
  /** Default: the global meter provider's meter `zeromq-ts`. */
  readonly meter?: Meter;
  /**
   * A series for each socket, with its endpoint and number, where there is otherwise one for each socket type. For
   * programs whose sockets are few and last. Default false.
   */
  readonly sockets?: boolean;
}

/** An instrument, and which values of which metric of `Context.measure` it shows. */
interface Row {
  readonly metric: string;
  readonly direction?: "sent" | "received";
  readonly name: string;
  readonly unit: string;
  readonly help: string;
}

/** The first two are named by OpenTelemetry's conventions for messaging; for the others there are none. */
const ROWS: readonly Row[] = [
  {
    metric: "zeromq_messages_accepted_total",
    direction: "sent",
    name: "messaging.client.sent.messages",
    unit: "{message}",
    help: "Messages that the application sent; for fan-out, copies.",
  },
  {
    metric: "zeromq_messages_delivered_total",
    direction: "received",
    name: "messaging.client.consumed.messages",
    unit: "{message}",
    help: "Messages that the application received.",
  },
  {
    metric: "zeromq_messages_delivered_total",
    direction: "sent",
    name: "zeromq.messages.transmitted",
    unit: "{message}",
    help: "Messages handed to the kernel, or to a peer over inproc.",
  },
  {
    metric: "zeromq_messages_accepted_total",
    direction: "received",
    name: "zeromq.messages.arrived",
    unit: "{message}",
    help: "Messages that came from peers.",
  },
  row("zeromq_messages_dropped_total", "zeromq.messages.dropped", "{message}", "Messages lost, by reason."),
  row("zeromq_messages_queued", "zeromq.messages.queued", "{message}", "Messages that wait in the library."),
  row("zeromq_sockets", "zeromq.sockets", "{socket}", "Open sockets."),
  row("zeromq_peers", "zeromq.peers", "{peer}", "Peers, those that are reachable now and the others."),
  row("zeromq_waiting_calls", "zeromq.waiting_calls", "{call}", "Calls of send and receive that wait."),
  row("zeromq_connect_attempts_total", "zeromq.connect.attempts", "{attempt}", "Attempts to connect."),
  row("zeromq_handshakes_total", "zeromq.handshakes", "{handshake}", "Handshakes that succeeded."),
  row("zeromq_disconnects_total", "zeromq.disconnects", "{connection}", "Connections that ended."),
  row("zeromq_refusals_total", "zeromq.refusals", "{peer}", "Peers that were turned away."),
  row("zeromq_findings", "zeromq.findings", "{finding}", "What the solver finds wrong now, by code."),
];

function row(metric: string, name: string, unit: string, help: string): Row {
  return { metric, name, unit, help };
}

/**
 * Registers observable counters for the sockets of a context. They are read when a reader collects; between two
 * collections there is no cost. What it gives back removes them.
 */
export function instrument(options: InstrumentOptions = {}): () => void {
  const { context = defaultContext, meter = metrics.getMeter("zeromq-ts", packageVersion) } = options;
  const instruments: (readonly [Row, Observable])[] = ROWS.map((one) => {
    const about = { unit: one.unit, description: one.help };
    const isCounter = one.metric.endsWith("_total");
    return [
      one,
      isCounter
        ? meter.createObservableCounter(one.name, about)
        : meter.createObservableUpDownCounter(one.name, about),
    ];
  });
  const observables = instruments.map(([, instrument]) => instrument);
  const observe = (result: BatchObservableResult): void => {
    const measured = context.measure();
    for (const [{ metric, direction }, instrument] of instruments) {
      const samples = measured.find(({ name }) => name === metric)?.samples ?? [];
      const chosen = samples.filter(
        ({ labels }) => direction === undefined || labels["direction"] === direction,
      );
      for (const [attributes, value] of sums(chosen, options.sockets === true))
        result.observe(instrument, value, attributes);
    }
  };
  meter.addBatchObservableCallback(observe, observables);
  return () => meter.removeBatchObservableCallback(observe, observables);
}

/** Adds up what has the same attributes. */
function sums(
  samples: readonly { readonly labels: MetricLabels; readonly value: number }[],
  bySocket: boolean,
): Iterable<readonly [Attributes, number]> {
  const found = new Map<string, readonly [Attributes, number]>();
  for (const { labels, value } of samples) {
    const attributes = attributesOf(labels, bySocket);
    const key = JSON.stringify(attributes);
    found.set(key, [attributes, value + (found.get(key)?.[1] ?? 0)]);
  }
  return found.values();
}

/** OpenTelemetry's names for ours; a label without one is left out. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  type: "zeromq.socket.type",
  direction: "messaging.operation.name",
  call: "messaging.operation.name",
  reason: "zeromq.drop.reason",
  live: "zeromq.peer.live",
  code: "zeromq.finding.code",
  severity: "zeromq.finding.severity",
  thread: "thread.id",
};

/** A series for each of these only where they are asked for. */
const SOCKET_ATTRIBUTES: Readonly<Record<string, string>> = {
  endpoint: "messaging.destination.name",
  id: "zeromq.socket.id",
};

const OPERATIONS: Readonly<Record<string, string>> = { sent: "send", received: "receive" };

function attributesOf(labels: MetricLabels, bySocket: boolean): Attributes {
  const attributes: Attributes = { "messaging.system": "zeromq" };
  for (const [label, value] of Object.entries(labels)) {
    const name = ATTRIBUTES[label] ?? (bySocket ? SOCKET_ATTRIBUTES[label] : undefined);
    if (name === undefined) continue;
    if (label === "thread") attributes[name] = Number(value);
    else if (label === "live") attributes[name] = value === "true";
    else attributes[name] = OPERATIONS[value] ?? value;
  }
  return attributes;
}
