/**
 * zeromq-ts: ZeroMQ in TypeScript. This file is the public API: it installs Node's platform, makes the default context
 * and re-exports; nothing else.
 */
import { installPlatform } from "./base/platform.ts";
import { Context as ContextCore, setDefaultContext } from "./core/context.ts";
import type { ContextOptions } from "./core/context-options.ts";
import type { ContextHandle } from "./core/context-share.ts";
import type { Finding } from "./core/finding.ts";
import type { Patience } from "./core/solver.ts";
import { ContextSolver } from "./services/explain/context-solver.ts";
import type { Inspection } from "./services/inspect/inspection.ts";
import { inspectByEnvironment, openInspection } from "./services/inspect/inspection.ts";
import type { Metric, MetricsOptions } from "./services/metrics/metric.ts";
import { Metrics } from "./services/metrics/metrics.ts";
import { prometheusText } from "./services/metrics/prometheus.ts";
import { Notices } from "./services/notices/notices.ts";
import { ContextsHere } from "./threads/context-handle.ts";
import { Exchange } from "./threads/inproc/exchange.ts";
import { IoLinks } from "./threads/io/io-links.ts";
import { Directory } from "./threads/seat/directory.ts";
import { defaultDirectory } from "./threads/seat/rendezvous.ts";
import { sharedDefaults } from "./threads/seat/shared-options.ts";
import { SharedContext } from "./threads/shared-context.ts";
import { InprocTransport } from "./transports/inproc.ts";
import { hasIpc, IpcTransport } from "./transports/ipc.ts";
import { nodePlatform } from "./transports/node-platform.ts";
import { TcpTransport } from "./transports/tcp.ts";
import { UdpTransport } from "./transports/udp.ts";
import { packageVersion } from "./version.ts";

installPlatform(nodePlatform);

/** One object for each context that this thread shares with others. */
const contextsHere = new ContextsHere<Context>();
const metricsOf = new WeakMap<Context, Metrics>();

/**
 * Sockets that share inproc names and are terminated together, in whatever threads they are. Most programs need only the
 * default one, `context`, which all threads of the process have without doing anything for it.
 */
export class Context extends ContextCore {
  constructor(options?: Partial<ContextOptions>);
  /** @internal */
  constructor(options: Partial<ContextOptions>, share: SharedContext);
  constructor(options: Partial<ContextOptions> = {}, share: SharedContext = newShare()) {
    const exchange = new Exchange();
    const links = new IoLinks(share);
    share.seatUser = exchange;
    share.onSeat = () => links.prepare();
    super(
      options,
      [new TcpTransport(), new IpcTransport(), new InprocTransport(exchange), new UdpTransport()],
      share,
      links,
    );
    const solver = new ContextSolver(this);
    const metrics = new Metrics(solver);
    solver.listeners.add(new Notices(solver, this)).add(metrics);
    metricsOf.set(this, metrics);
    this.solver = solver;
    contextsHere.add(share.directory.id, this);
  }

  /**
   * What is wrong with the sockets of this context in this thread, and was with those that closed with losses. See
   * `Socket.explain`.
   */
  explain(patience: Partial<Patience> = {}): readonly Finding[] {
    return (this.solver as ContextSolver).explainAll(patience);
  }

  /**
   * The sockets of this context in this thread in numbers, in Prometheus' text format (0.0.4): messages accepted, delivered,
   * queued and dropped by reason, peers, connections, waiting calls, findings. Sockets that closed stay in the sums, so that
   * counters never go back. See docs/guide/monitoring.md.
   */
  metrics(options?: MetricsOptions): string {
    return prometheusText(this.measure(options));
  }

  /** What `metrics` writes, as data: for other formats, and for tests. */
  measure(options?: MetricsOptions): readonly Metric[] {
    return (metricsOf.get(this) as Metrics).measure(options);
  }

  /**
   * Opens this thread to inspection by the user it runs as, and nobody else: `zmq ps`, `doctor`, `top`, `monitor` and
   * `inspect`. It covers all contexts of the thread. `ZEROMQ_TS_INSPECT=1` in the environment does it for every thread.
   * See docs/guide/inspecting.md.
   *
   * @throws ENOTSUP where there is no ipc; EACCES where the directory for it is not the user's alone
   */
  inspect(): Promise<Inspection> {
    return openInspection(packageVersion);
  }

  /**
   * The context that another thread posted the `handle` of: the same object each time in one thread. EINVAL for anything
   * that is no handle, or comes from another version of the package.
   */
  static attach(handle: ContextHandle): Context {
    return contextsHere.attach(handle, (directory) => new Context({}, new SharedContext(directory, true)));
  }
}

function newShare(): SharedContext {
  return new SharedContext(Directory.create(sharedDefaults()), false);
}

const rendezvous = defaultDirectory();

/** The context of all sockets that are given none, and of all threads. */
export const context: Context = new Context({}, new SharedContext(rendezvous.directory, true, rendezvous));
setDefaultContext(context);
contextsHere.default = context;
inspectByEnvironment(packageVersion, (sentence) => nodePlatform.warn(sentence, "inspect"));

/** The level of the ZeroMQ API that this package offers, as programs test it; the package's own is `packageVersion`. */
export const version = "4.3.5";
export { packageVersion };

/** What this package can do, in zeromq v6's names: transports and mechanisms beyond tcp, inproc and NULL. */
export const capability: Readonly<Partial<Record<Capability, boolean>>> = Object.freeze({
  ipc: hasIpc,
  curve: true,
  draft: true,
});

/** A name in `capability`. */
export type Capability = "ipc" | "pgm" | "tipc" | "norm" | "curve" | "gssapi" | "draft";

export type { ErrorCode, ProtocolErrorCode } from "./base/errors.ts";
export { AuthError, ProtocolError, ZmqError } from "./base/errors.ts";
export { SocketType } from "./base/socket-type.ts";
export type { BlockingOptions } from "./core/blocking.ts";
export type { CloseOptions, CloseReport } from "./core/closing.ts";
export type { ContextHandle } from "./core/context-share.ts";
export type { Finding, Severity } from "./core/finding.ts";
export type { HeartbeatOptions } from "./core/heartbeat.ts";
export { heartbeat } from "./core/heartbeat.ts";
export type { FlowStats, PeerStats, SocketStats } from "./core/ledger.ts";
export type { FrameLike, MessageLike } from "./core/message-like.ts";
export type { MonitorEvent as Event, MonitorEventType as EventType } from "./core/monitor-event.ts";
export { Observer } from "./core/observer.ts";
export type * from "./core/option-types.ts";
export type { MessageOrigin } from "./core/origins.ts";
export type { EndpointView, FlowView, PeerView, SocketView } from "./core/socket-view.ts";
export type { Patience } from "./core/solver.ts";
export type { WaitOptions } from "./core/waiters.ts";
export type { CurveKeyPair } from "./crypto/key-pair.ts";
export { curveKeyPair, curvePublicKey } from "./crypto/key-pair.ts";
export { decodeZ85, encodeZ85 } from "./crypto/z85.ts";
export type { DropCounts, DropReason } from "./pipe/pipe.ts";
export type {
  AuthenticationAnswer,
  AuthenticationCallback,
  AuthenticationRequest,
  AuthenticationVerdict,
} from "./services/authentication-request.ts";
export type { AuthenticatorOptions, CurvePolicy, PlainPolicy } from "./services/authenticator.ts";
export { Authenticator } from "./services/authenticator.ts";
export type { Certificate } from "./services/certificate.ts";
export {
  formatCertificate,
  parseCertificate,
  readCertificate,
  writeCertificate,
} from "./services/certificate.ts";
export type { PublicCertificate, ReadCertificate } from "./services/certificate-directory.ts";
export type {
  InspectableProcess,
  InspectedProcess,
  InspectOptions,
  ThreadAnswer,
} from "./services/inspect/inspected-process.ts";
export type { Inspection } from "./services/inspect/inspection.ts";
export { inspectProcess, listInspectable } from "./services/inspect/inspection.ts";
export type {
  ContextInfo,
  Fill,
  InspectionEvent,
  SocketCounts,
  SocketReport,
  ThreadInfo,
} from "./services/inspect/protocol.ts";
export type {
  Metric,
  MetricKind,
  MetricLabels,
  MetricSample,
  MetricsOptions,
} from "./services/metrics/metric.ts";
export type { PollRequest, PollResult } from "./services/poll.ts";
export { pollSync } from "./services/poll.ts";
export type { EndpointReport, ProbeCredentials, ProbeOptions } from "./services/probe/probe-endpoint.ts";
export { probeEndpoint } from "./services/probe/probe-endpoint.ts";
export type { EndpointState } from "./services/probe/verdict.ts";
export type { ProxyOptions } from "./services/proxy.ts";
export { Proxy } from "./services/proxy.ts";
export type { ProxyFlow, ProxyStatistics } from "./services/proxy-statistics.ts";
export type { SequenceCounterOptions } from "./services/sequence-counter.ts";
export { SequenceCounter } from "./services/sequence-counter.ts";
export type { SequenceGap, SequenceGapsOptions, SequenceTotals } from "./services/sequence-gaps.ts";
export { SequenceGaps } from "./services/sequence-gaps.ts";
export type { SequenceFormat } from "./services/sequence-number.ts";
export type { ConnectOptions } from "./sockets/connect-named.ts";
export { Pair } from "./sockets/pair.ts";
export { Pull } from "./sockets/pipeline/pull.ts";
export { Push } from "./sockets/pipeline/push.ts";
export { Publisher } from "./sockets/pubsub/pub.ts";
export { Subscriber } from "./sockets/pubsub/sub.ts";
export { XPublisher } from "./sockets/pubsub/xpub.ts";
export { XSubscriber } from "./sockets/pubsub/xsub.ts";
export type { Readable, ReceivedMessage } from "./sockets/readable.ts";
export { Dealer } from "./sockets/reqrep/dealer.ts";
export { Reply } from "./sockets/reqrep/rep.ts";
export { Request } from "./sockets/reqrep/req.ts";
export type { RetryOptions } from "./sockets/reqrep/request-call.ts";
export type { Requesting } from "./sockets/reqrep/requesting.ts";
export { Router } from "./sockets/reqrep/router.ts";
export { Socket } from "./sockets/socket.ts";
export { Stream } from "./sockets/stream.ts";
export type { Writable } from "./sockets/writable.ts";
export { allocateShared } from "./threads/ring/shared-body.ts";
