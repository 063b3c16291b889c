import type { Socket } from "../index.ts";
import { XPublisher, ZmqError } from "../index.ts";
import * as zmq from "./constants.ts";

/** The names under which version 5 had options as properties, with libzmq's numbers. */
export const SHORT_NAMES: Readonly<Record<string, number>> = {
  _fd: zmq.ZMQ_FD,
  _ioevents: zmq.ZMQ_EVENTS,
  _receiveMore: zmq.ZMQ_RCVMORE,
  _subscribe: zmq.ZMQ_SUBSCRIBE,
  _unsubscribe: zmq.ZMQ_UNSUBSCRIBE,
  affinity: zmq.ZMQ_AFFINITY,
  backlog: zmq.ZMQ_BACKLOG,
  connect_timeout: zmq.ZMQ_CONNECT_TIMEOUT,
  curve_publickey: zmq.ZMQ_CURVE_PUBLICKEY,
  curve_secretkey: zmq.ZMQ_CURVE_SECRETKEY,
  curve_server: zmq.ZMQ_CURVE_SERVER,
  curve_serverkey: zmq.ZMQ_CURVE_SERVERKEY,
  heartbeat_ivl: zmq.ZMQ_HEARTBEAT_IVL,
  heartbeat_timeout: zmq.ZMQ_HEARTBEAT_TIMEOUT,
  heartbeat_ttl: zmq.ZMQ_HEARTBEAT_TTL,
  hwm: zmq.ZMQ_HWM,
  identity: zmq.ZMQ_IDENTITY,
  last_endpoint: zmq.ZMQ_LAST_ENDPOINT,
  linger: zmq.ZMQ_LINGER,
  mcast_loop: zmq.ZMQ_MCAST_LOOP,
  mechanism: zmq.ZMQ_MECHANISM,
  plain_password: zmq.ZMQ_PLAIN_PASSWORD,
  plain_server: zmq.ZMQ_PLAIN_SERVER,
  plain_username: zmq.ZMQ_PLAIN_USERNAME,
  rate: zmq.ZMQ_RATE,
  rcvbuf: zmq.ZMQ_RCVBUF,
  reconnect_ivl: zmq.ZMQ_RECONNECT_IVL,
  recovery_ivl: zmq.ZMQ_RECOVERY_IVL,
  sndbuf: zmq.ZMQ_SNDBUF,
  swap: zmq.ZMQ_SWAP,
  zap_domain: zmq.ZMQ_ZAP_DOMAIN,
};

type Kind = "integer" | "switch" | "octets";
type Row = readonly [name: string, kind: Kind];

/** libzmq's number -> the option here. Those above 79 version 5 refused. */
const ROWS: Readonly<Record<number, Row>> = {
  [zmq.ZMQ_AFFINITY]: ["affinity", "integer"],
  [zmq.ZMQ_IDENTITY]: ["routingId", "octets"],
  [zmq.ZMQ_RATE]: ["rate", "integer"],
  [zmq.ZMQ_RECOVERY_IVL]: ["recoveryInterval", "integer"],
  [zmq.ZMQ_SNDBUF]: ["sendBufferSize", "integer"],
  [zmq.ZMQ_RCVBUF]: ["receiveBufferSize", "integer"],
  [zmq.ZMQ_LINGER]: ["linger", "integer"],
  [zmq.ZMQ_RECONNECT_IVL]: ["reconnectInterval", "integer"],
  [zmq.ZMQ_BACKLOG]: ["backlog", "integer"],
  [zmq.ZMQ_RECOVERY_IVL_MSEC]: ["recoveryInterval", "integer"],
  [zmq.ZMQ_RECONNECT_IVL_MAX]: ["reconnectMaxInterval", "integer"],
  [zmq.ZMQ_MAXMSGSIZE]: ["maxMessageSize", "integer"],
  [zmq.ZMQ_SNDHWM]: ["sendHighWaterMark", "integer"],
  [zmq.ZMQ_RCVHWM]: ["receiveHighWaterMark", "integer"],
  [zmq.ZMQ_MULTICAST_HOPS]: ["multicastHops", "integer"],
  [zmq.ZMQ_RCVTIMEO]: ["receiveTimeout", "integer"],
  [zmq.ZMQ_SNDTIMEO]: ["sendTimeout", "integer"],
  [zmq.ZMQ_ROUTER_MANDATORY]: ["mandatory", "switch"],
  [zmq.ZMQ_TCP_KEEPALIVE]: ["tcpKeepalive", "integer"],
  [zmq.ZMQ_TCP_KEEPALIVE_CNT]: ["tcpKeepaliveCount", "integer"],
  [zmq.ZMQ_TCP_KEEPALIVE_IDLE]: ["tcpKeepaliveIdle", "integer"],
  [zmq.ZMQ_TCP_KEEPALIVE_INTVL]: ["tcpKeepaliveInterval", "integer"],
  [zmq.ZMQ_TCP_ACCEPT_FILTER]: ["tcpAcceptFilter", "octets"],
  [zmq.ZMQ_DELAY_ATTACH_ON_CONNECT]: ["immediate", "switch"],
  [zmq.ZMQ_IPV6]: ["ipv6", "switch"],
  [zmq.ZMQ_PLAIN_SERVER]: ["plainServer", "switch"],
  [zmq.ZMQ_PLAIN_USERNAME]: ["plainUsername", "octets"],
  [zmq.ZMQ_PLAIN_PASSWORD]: ["plainPassword", "octets"],
  [zmq.ZMQ_CURVE_SERVER]: ["curveServer", "switch"],
  [zmq.ZMQ_CURVE_PUBLICKEY]: ["curvePublicKey", "octets"],
  [zmq.ZMQ_CURVE_SECRETKEY]: ["curveSecretKey", "octets"],
  [zmq.ZMQ_CURVE_SERVERKEY]: ["curveServerKey", "octets"],
  51: ["probeRouter", "switch"],
  52: ["correlate", "switch"],
  53: ["relaxed", "switch"],
  54: ["conflate", "switch"],
  [zmq.ZMQ_ZAP_DOMAIN]: ["zapDomain", "octets"],
  [zmq.ZMQ_ROUTER_HANDOVER]: ["handover", "switch"],
  57: ["typeOfService", "integer"],
  66: ["handshakeInterval", "integer"],
  69: ["noDrop", "switch"],
  71: ["manual", "switch"],
  72: ["welcomeMessage", "octets"],
  73: ["notify", "switch"],
  74: ["invertMatching", "switch"],
  [zmq.ZMQ_HEARTBEAT_IVL]: ["heartbeatInterval", "integer"],
  [zmq.ZMQ_HEARTBEAT_TTL]: ["heartbeatTimeToLive", "integer"],
  [zmq.ZMQ_HEARTBEAT_TIMEOUT]: ["heartbeatTimeout", "integer"],
  [zmq.ZMQ_CONNECT_TIMEOUT]: ["connectTimeout", "integer"],
  80: ["tcpMaxRetransmitTimeout", "integer"],
  93: ["zapEnforceDomain", "switch"],
};

const MECHANISMS: readonly (string | null)[] = [null, "plain", "curve"];
/** Options that say something of multicast alone, which tcp and ipc never heeded. */
const UNHEEDED: readonly number[] = [
  zmq.ZMQ_RATE,
  zmq.ZMQ_RECOVERY_IVL,
  zmq.ZMQ_RECOVERY_IVL_MSEC,
  zmq.ZMQ_MULTICAST_HOPS,
];
const warned = new Set<number>();

type TopicCall = (topic: Uint8Array) => void;

/** Values that the socket itself does not take: options that libzmq has on every socket type, and those Node cannot honour. */
export type KeptOptions = Map<number, number | string>;

/** The number of an option by its name, or the number itself. */
export function optionNumber(option: unknown): number {
  const number =
    typeof option === "string" && Object.hasOwn(SHORT_NAMES, option) ? SHORT_NAMES[option] : option;
  if (typeof number !== "number") throw new TypeError("Option must be an integer");
  return number;
}

/** Sets an option as version 5 did: by number, integers for switches, buffers or strings for octets. */
export function setOption(socket: Socket, kept: KeptOptions, option: number, value: unknown): void {
  if (option === zmq.ZMQ_SUBSCRIBE || option === zmq.ZMQ_UNSUBSCRIBE) return setTopic(socket, option, value);
  if (option === zmq.ZMQ_HWM) {
    setOption(socket, kept, zmq.ZMQ_SNDHWM, value);
    return setOption(socket, kept, zmq.ZMQ_RCVHWM, value);
  }
  if (option === zmq.ZMQ_IPV4ONLY) return setOption(socket, kept, zmq.ZMQ_IPV6, !toSwitch(value));
  if (option === zmq.ZMQ_XPUB_VERBOSE) return setVerbosity(socket, value);
  const row = ROWS[option];
  if (row === undefined) throw unknownOption(option);
  const [name, kind] = row;
  const accepted = acceptedValue(kind, value);
  if (name in socket) {
    if (assign(socket, name, accepted)) {
      kept.delete(option);
      return;
    }
    warnKept(option, name);
  }
  kept.set(option, Buffer.isBuffer(accepted) ? accepted.toString() : Number(accepted));
}

/** The value of an option as version 5 gave it: integers for switches, `""` for octets that were not set. */
export function getOption(socket: Socket, kept: KeptOptions, option: number): number | string {
  switch (option) {
    case zmq.ZMQ_EVENTS:
      return (socket.readable ? zmq.ZMQ_POLLIN : 0) | (socket.writable ? zmq.ZMQ_POLLOUT : 0);
    case zmq.ZMQ_RCVMORE:
      return 0; // Messages are read whole.
    case zmq.ZMQ_TYPE:
      return socket.type;
    case zmq.ZMQ_LAST_ENDPOINT:
      return socket.lastEndpoint ?? "";
    case zmq.ZMQ_MECHANISM:
      return MECHANISMS.indexOf(socket.securityMechanism);
    case zmq.ZMQ_IPV4ONLY:
      return 1 - Number(getOption(socket, kept, zmq.ZMQ_IPV6));
    case zmq.ZMQ_HWM:
      return getOption(socket, kept, "sendHighWaterMark" in socket ? zmq.ZMQ_SNDHWM : zmq.ZMQ_RCVHWM);
    case zmq.ZMQ_FD:
      throw new ZmqError("ENOTSUP", "ZMQ_FD: there is no file descriptor that becomes readable.", {
        remedy: "Use on('message').",
      });
  }
  const row = ROWS[option];
  if (row === undefined) throw unknownOption(option);
  const [name, kind] = row;
  const value: unknown = kept.get(option) ?? Reflect.get(socket, name);
  if (kind === "octets") return typeof value === "string" ? value : "";
  return Number(value ?? 0);
}

function setTopic(socket: Socket, option: number, value: unknown): void {
  const { subscribe, unsubscribe } = socket as Socket & { subscribe?: TopicCall; unsubscribe?: TopicCall };
  if (subscribe === undefined || unsubscribe === undefined)
    throw new ZmqError("EINVAL", "Only a sub socket subscribes.", {
      remedy: "An xsub socket sends 0x01 and the topic.",
    });
  (option === zmq.ZMQ_SUBSCRIBE ? subscribe : unsubscribe).call(socket, toOctets(value));
}

function setVerbosity(socket: Socket, value: unknown): void {
  if (!(socket instanceof XPublisher))
    throw new ZmqError("EINVAL", "ZMQ_XPUB_VERBOSE is an option of xpub sockets.");
  socket.verbosity = toSwitch(value) ? "allSubs" : null;
}

/** Whether the socket took the value; not, where Node has no call for it. */
function assign(socket: Socket, name: string, value: unknown): boolean {
  try {
    Reflect.set(socket, name, value);
    return true;
  } catch (error) {
    if (error instanceof ZmqError && error.code === "ENOTSUP") return false;
    throw error;
  }
}

/** Old programs tune what only native code can: they are told, and go on. */
function warnKept(option: number, name: string): void {
  if (warned.has(option) || UNHEEDED.includes(option)) return;
  warned.add(option);
  process.emitWarning(
    `Option ${option} (${name}) is kept without effect: Node has no call for it.`,
    "ZeroMQWarning",
  );
}

function acceptedValue(kind: Kind, value: unknown): unknown {
  if (kind === "octets") return toOctets(value);
  if (kind === "switch") return toSwitch(value);
  if (typeof value !== "number") throw new TypeError("Value must be an integer");
  return value;
}

function toSwitch(value: unknown): boolean {
  if (typeof value !== "number" && typeof value !== "boolean")
    throw new TypeError("Value must be an integer");
  return Boolean(value);
}

function toOctets(value: unknown): Buffer {
  if (typeof value === "string") return Buffer.from(value, "utf8");
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  throw new TypeError("Value must be a buffer");
}

function unknownOption(option: number): ZmqError {
  return new ZmqError("EINVAL", `There is no socket option ${option}.`, {
    remedy: "docs/guide/options.md lists libzmq's numbers.",
  });
}
