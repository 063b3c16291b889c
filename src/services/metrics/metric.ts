/** How a metric's values move: only up, or freely. */
export type MetricKind = "counter" | "gauge";

/** Names and what they are for this value. */
export type MetricLabels = Readonly<Record<string, string>>;

/** One value. */
export interface MetricSample {
  readonly labels: MetricLabels;
  readonly value: number;
}

/** What is measured, with all its values now. Plain data, the same that `Context.metrics` writes as text. */
export interface Metric {
  /** As Prometheus has it, e.g. `"zeromq_messages_dropped_total"`: a counter ends with `_total`. */
  readonly name: string;
  readonly kind: MetricKind;
  /** One sentence. */
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

/** What `Context.metrics` and `Context.measure` give. */
export interface MetricsOptions {
  /**
   * Also each peer's counts. Each peer that comes adds series, so this is for sockets with few and lasting peers. Default
   * false.
   */
  readonly peers?: boolean;
}
