import { ZmqError } from "../../base/errors.ts";
import type { Timer } from "../../base/platform.ts";
import { platform } from "../../base/platform.ts";
import type { SocketTypeName } from "../../base/socket-type.ts";
import { SOCKET_TYPE_NAMES, SocketType } from "../../base/socket-type.ts";
import { createContextOptions } from "../../core/context-options.ts";
import { parseEndpoint } from "../../core/endpoint.ts";
import { createMechanism } from "../../core/mechanisms.ts";
import type { SocketOptionValues } from "../../core/options.ts";
import { assignSocketOptions, createSocketOptions } from "../../core/options.ts";
import { checkSecurity } from "../../core/security-options.ts";
import type { ByteStream, Connector, StreamTransport } from "../../core/transport.ts";
import { abortError } from "../../core/waiters.ts";
import { curveKeyPair } from "../../crypto/key-pair.ts";
import { loadBoxes } from "../../crypto/load-boxes.ts";
import type { Mechanism } from "../../security/mechanism.ts";
import { IpcTransport } from "../../transports/ipc.ts";
import { TcpTransport } from "../../transports/tcp.ts";
import type { Learned } from "./conversation.ts";
import { Conversation } from "./conversation.ts";
import type { EndpointState, Verdict } from "./verdict.ts";
import { judge, peersOf } from "./verdict.ts";

const TIMEOUT_MS = 3000;
/** A peer that waits for us to say first what we are is told after so long. */
const NUDGE_MS = 500;

/**
 * As what a server with security is met, in turn: who shows credentials must say what it is before it learns who is there,
 * and a peer of libzmq's ends the handshake with a type that does not suit it. Each gives away no message and no place.
 */
const CLAIMS = [SocketType.Subscriber, SocketType.Request, SocketType.Push, SocketType.Publisher] as const;

/** What a client shows, in the names of socket options; keys are texts in Z85. CURVE, if there is a `curveServerKey`. */
export interface ProbeCredentials {
  /** The server's public key. */
  readonly curveServerKey?: string | undefined;
  /** The own secret key; a fresh one if it is missing. */
  readonly curveSecretKey?: string | undefined;
  readonly plainUsername?: string | undefined;
  readonly plainPassword?: string | undefined;
}

/** How a probe is bounded, and what it shows. */
export interface ProbeOptions {
  /** Milliseconds for all of it; default 3000. */
  readonly timeoutMs?: number | undefined;
  /** Aborting rejects with ABORT_ERR. */
  readonly signal?: AbortSignal | undefined;
  /** For an endpoint with PLAIN or CURVE: without them it tells its mechanism alone. */
  readonly credentials?: ProbeCredentials | undefined;
}

/** What is known of an endpoint that was tried. */
export interface EndpointReport {
  readonly endpoint: string;
  /**
   * `zmtp`: a ZeroMQ socket is there. `refused`: one is there and wants no connection. `other`: something else speaks
   * there. `silent`: it takes connections and says nothing. `closed`: it takes connections and ends them. `unreachable`.
   */
  readonly state: EndpointState;
  /** All of it in a sentence or two, and what to do. */
  readonly what: string;
  readonly remedy: string;
  /** The address that answered. */
  readonly address: string | null;
  /** The version of ZMTP that its greeting names: `3.1`. */
  readonly protocol: string | null;
  /** `NULL`, `PLAIN`, `CURVE`, ... */
  readonly mechanism: string | null;
  readonly asServer: boolean;
  /** `ROUTER`, ...; `null` where it is not told: before its security has let us in. */
  readonly socketType: string | null;
  /** Types of sockets that can talk to it. */
  readonly peerTypes: readonly string[];
  /** In hexadecimal digits; empty if it announces none. */
  readonly routingId: string;
  /** What else it tells of itself. */
  readonly properties: Readonly<Record<string, string>>;
  /** Milliseconds until the connection stood, from then to its greeting, and to the end of its handshake. */
  readonly connectMs: number | null;
  readonly greetingMs: number | null;
  readonly handshakeMs: number | null;
  /** Milliseconds from PING to PONG; `null` where none came, or none was asked for because it might disturb the peer. */
  readonly pongMs: number | null;
  readonly isPinged: boolean;
  /** What speaks there if not ZMTP: `HTTP`, `TLS`, ... */
  readonly speaks: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/**
 * Tries an endpoint, `tcp://` or `ipc://`, without a socket: who is there, what it speaks, which socket type it is. It
 * sends no message, and takes none: a peer that gives its work to whoever joins is left before it counts us as a peer.
 * With `credentials` it finishes the handshake of PLAIN or CURVE.
 *
 * @throws EINVAL, ENOTSUP, EPROTONOSUPPORT for what is no endpoint of these; ABORT_ERR. All else is in the report.
 */
export async function probeEndpoint(endpoint: string, options: ProbeOptions = {}): Promise<EndpointReport> {
  if (endpoint.startsWith("inproc://"))
    throw new ZmqError("ENOTSUP", "inproc:// is within one process: nobody outside can try it.", {
      remedy: "Inspect that process: see docs/guide/inspecting.md.",
    });
  const { scheme, address } = parseEndpoint(endpoint, ["tcp", "ipc"]);
  if (options.signal?.aborted) throw abortError(options.signal);
  const transport: StreamTransport = scheme === "tcp" ? new TcpTransport() : new IpcTransport();
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const makeMechanism = toMechanisms(options.credentials, endpoint);
  const untilMs = platform.now() + timeoutMs;
  let probe: Probe | null = null;
  const stop = (): void => probe?.abort(abortError(options.signal as AbortSignal));
  options.signal?.addEventListener("abort", stop);
  platform.hold();
  try {
    if (options.credentials?.curveServerKey !== undefined) await loadBoxes();
    for (let at = 0; ; at++) {
      const type = CLAIMS[at] as SocketType;
      if (options.signal?.aborted) throw abortError(options.signal);
      const leftMs = Math.max(1, untilMs - platform.now());
      probe = new Probe(endpoint, address, transport, leftMs, makeMechanism(type));
      const report = await probe.report;
      if (!probe.isDeclined || at === CLAIMS.length - 1) return report;
    }
  } finally {
    platform.release();
    options.signal?.removeEventListener("abort", stop);
  }
}

/** A mechanism for each connection, as a client of a type. */
function toMechanisms(
  given: ProbeCredentials | undefined,
  endpoint: string,
): (type: SocketType) => Mechanism | null {
  if (given === undefined) return () => null;
  const { curveServerKey, plainUsername, plainPassword } = given;
  const secretKey = given.curveSecretKey ?? curveKeyPair().secretKey;
  const curve = curveServerKey === undefined ? {} : { curveServerKey, curveSecretKey: secretKey };
  const own = (type: SocketType): SocketOptionValues => {
    const values = createSocketOptions(type, createContextOptions());
    assignSocketOptions(values, type, { plainUsername, plainPassword, ...curve });
    checkSecurity(type, values, "The probe");
    return values;
  };
  own(SocketType.Request);
  return (type) => createMechanism({}, SOCKET_TYPE_NAMES[type] as SocketTypeName, own(type), endpoint);
}

class Probe {
  readonly report: Promise<EndpointReport>;
  readonly #endpoint: string;
  readonly #timeoutMs: number;
  readonly #beganMs: number;
  readonly #timers: Timer[];
  readonly #connector: Connector;
  #settle: { resolve: (report: EndpointReport) => void; reject: (error: Error) => void } | null;
  #stream: ByteStream | null;
  readonly #mechanism: Mechanism | null;
  #conversation: Conversation | null;
  #connectMs: number | null;
  #address: string | null;

  constructor(
    endpoint: string,
    address: string,
    transport: StreamTransport,
    timeoutMs: number,
    mechanism: Mechanism | null,
  ) {
    const settings = createSocketOptions(SocketType.Dealer, createContextOptions());
    settings.ipv6 = true;
    transport.checkConnect(address, settings);
    this.#endpoint = endpoint;
    this.#timeoutMs = timeoutMs;
    this.#beganMs = platform.now();
    this.#timers = [];
    this.#settle = null;
    this.#stream = null;
    this.#mechanism = mechanism;
    this.#conversation = null;
    this.#connectMs = null;
    this.#address = null;
    this.report = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#after(timeoutMs, () => this.#end(null));
    this.#connector = transport.connect(address, settings, {
      onConnected: (stream) => this.#onConnected(stream),
      onConnectFailed: (error) => this.#end(error),
    });
  }

  /** The peer knew the credentials, and left when it was told our type. */
  get isDeclined(): boolean {
    const learned = this.#conversation?.learned;
    return learned?.progress === "initiate" && learned.isClosed && learned.refusal === null;
  }

  abort(error: Error): void {
    this.#release()?.reject(error);
  }

  #onConnected(stream: ByteStream): void {
    this.#connectMs = platform.now() - this.#beganMs;
    this.#stream = stream;
    this.#address = stream.remoteEndpoint;
    this.#after(Math.min(NUDGE_MS, this.#timeoutMs / 3), () => this.#conversation?.nudge());
    const conversation = new Conversation(
      stream,
      () => platform.now(),
      (inMs) => (inMs === 0 ? this.#end(null) : this.#after(inMs, () => this.#end(null))),
      this.#mechanism,
    );
    this.#conversation = conversation;
  }

  #after(delayMs: number, act: () => void): void {
    this.#timers.push(platform.setTimer(act, delayMs));
  }

  #end(error: ZmqError | null): void {
    const settle = this.#release();
    if (settle === null) return;
    const learned = this.#conversation?.learned ?? null;
    const verdict = judge({
      endpoint: this.#endpoint,
      learned,
      error,
      isConnected: this.#connectMs !== null,
      timeoutMs: this.#timeoutMs,
    });
    settle.resolve(reportOf(this.#endpoint, this.#address, this.#connectMs, learned, verdict));
  }

  /** Lets go of everything; `null` if that was done before. */
  #release() {
    const settle = this.#settle;
    this.#settle = null;
    for (const timer of this.#timers) platform.clearTimer(timer);
    this.#connector?.cancel();
    this.#stream?.destroy();
    this.#conversation?.close();
    return settle;
  }
}

function reportOf(
  endpoint: string,
  address: string | null,
  connectMs: number | null,
  learned: Learned | null,
  { state, what, remedy, speaks, error }: Verdict,
): EndpointReport {
  const socketType = learned?.socketType ?? null;
  return {
    endpoint,
    state,
    what,
    remedy,
    address: address === "" ? null : address,
    protocol: learned?.protocol ?? null,
    mechanism: learned?.mechanism ?? null,
    asServer: learned?.asServer ?? false,
    socketType,
    peerTypes: peersOf(socketType),
    routingId: learned?.routingId ?? "",
    properties: learned?.properties ?? {},
    connectMs,
    greetingMs: learned?.greetingMs ?? null,
    handshakeMs: learned?.handshakeMs ?? null,
    pongMs: learned?.pongMs ?? null,
    isPinged: learned?.isPinged ?? false,
    speaks,
    error,
  };
}
