import { ZmqError } from "../base/errors.ts";

/** An option of libzmq that is no property here. */
export interface AbsentOption {
  /** libzmq's name and number. */
  readonly libzmq: string;
  /** Why, as the end of a sentence. */
  readonly why: string;
  /** What there is instead; absent where there is nothing. */
  readonly instead?: string;
}

const CREDENTIALS = "Node does not tell which process is at the other end of an ipc connection";
const DIRECTORY = "Let only those into the directory of the socket's file who may connect.";
const BATCHES = "reads and writes are as large as what there is to read and to write";
const NO_WSS = "this release has no ws and wss transports";
const NO_NORM = "there is no norm transport here: it needs native code";
const NO_THREADS = "Node has no call that schedules or names threads";

/** Of sockets. With the option tables these are all that libzmq has. */
export const ABSENT_SOCKET_OPTIONS: readonly AbsentOption[] = [
  { libzmq: "ZMQ_SUBSCRIBE 6", why: "it is a call", instead: "subscribe() of a Subscriber or XPublisher." },
  {
    libzmq: "ZMQ_UNSUBSCRIBE 7",
    why: "it is a call",
    instead: "unsubscribe() of a Subscriber or XPublisher.",
  },
  {
    libzmq: "ZMQ_RCVMORE 13",
    why: "a message comes with all its frames",
    instead: "The length of what receive() gives.",
  },
  {
    libzmq: "ZMQ_FD 14",
    why: "no file descriptor stands for a socket",
    instead: "receive(), poll(), or readable and writable.",
  },
  { libzmq: "ZMQ_EVENTS 15", why: "it is two properties", instead: "readable and writable." },
  {
    libzmq: "ZMQ_IPV4ONLY 31",
    why: "libzmq has it for old programs alone",
    instead: "ipv6, the other way round.",
  },
  { libzmq: "ZMQ_ROUTER_RAW 41", why: "libzmq has it for old programs alone", instead: "Stream." },
  { libzmq: "ZMQ_IPC_FILTER_PID 58", why: CREDENTIALS, instead: DIRECTORY },
  { libzmq: "ZMQ_IPC_FILTER_UID 59", why: CREDENTIALS, instead: DIRECTORY },
  { libzmq: "ZMQ_IPC_FILTER_GID 60", why: CREDENTIALS, instead: DIRECTORY },
  {
    libzmq: "ZMQ_CONNECT_ROUTING_ID 61",
    why: "it belongs to one connection",
    instead: "connect(endpoint, { routingId }) of a Router or Stream.",
  },
  { libzmq: "ZMQ_BLOCKY 70", why: "it is the context's", instead: "blocky of a Context." },
  { libzmq: "ZMQ_IN_BATCH_SIZE 101", why: BATCHES },
  { libzmq: "ZMQ_OUT_BATCH_SIZE 102", why: BATCHES },
  { libzmq: "ZMQ_WSS_KEY_PEM 103", why: NO_WSS },
  { libzmq: "ZMQ_WSS_CERT_PEM 104", why: NO_WSS },
  { libzmq: "ZMQ_WSS_TRUST_PEM 105", why: NO_WSS },
  { libzmq: "ZMQ_WSS_HOSTNAME 106", why: NO_WSS },
  { libzmq: "ZMQ_WSS_TRUST_SYSTEM 107", why: NO_WSS },
  { libzmq: "ZMQ_PRIORITY 112", why: "Node has no call that sets the priority of a connection's packets" },
  {
    libzmq: "ZMQ_BUSY_POLL 113",
    why: "Node has no call that makes the kernel poll for a socket",
    instead: "busyPoll, which keeps the event loop polling.",
  },
  { libzmq: "ZMQ_NORM_MODE 117", why: NO_NORM },
  { libzmq: "ZMQ_NORM_UNICAST_NACK 118", why: NO_NORM },
  { libzmq: "ZMQ_NORM_BUFFER_SIZE 119", why: NO_NORM },
  { libzmq: "ZMQ_NORM_SEGMENT_SIZE 120", why: NO_NORM },
  { libzmq: "ZMQ_NORM_BLOCK_SIZE 121", why: NO_NORM },
  { libzmq: "ZMQ_NORM_NUM_PARITY 122", why: NO_NORM },
  { libzmq: "ZMQ_NORM_NUM_AUTOPARITY 123", why: NO_NORM },
  { libzmq: "ZMQ_NORM_PUSH 124", why: NO_NORM },
];

/** Of contexts. */
export const ABSENT_CONTEXT_OPTIONS: readonly AbsentOption[] = [
  { libzmq: "ZMQ_MSG_T_SIZE 6", why: "it is the size of a structure of C" },
  { libzmq: "ZMQ_THREAD_AFFINITY_CPU_ADD 7", why: NO_THREADS },
  { libzmq: "ZMQ_THREAD_AFFINITY_CPU_REMOVE 8", why: NO_THREADS },
  { libzmq: "ZMQ_THREAD_NAME_PREFIX 9", why: NO_THREADS },
  { libzmq: "ZMQ_ZERO_COPY_RECV 10", why: "large bodies are always received without a copy" },
];

/** A name without its form: `ZMQ_SNDHWM`, `SNDHWM` and `sndhwm` are one. */
export function plainOptionName(name: string): string {
  return name.toLowerCase().replace(/^zmq_/, "").replaceAll("_", "");
}

/** The option of libzmq that is meant by a name in whatever form, if it is none here. */
export function findAbsent(options: readonly AbsentOption[], name: string): AbsentOption | undefined {
  const wanted = plainOptionName(name);
  return options.find(({ libzmq }) => plainOptionName(libzmq.split(" ")[0] as string) === wanted);
}

/** Throws ENOTSUP where the name means such an option. */
export function refuseAbsent(options: readonly AbsentOption[], name: string): void {
  const absent = findAbsent(options, name);
  if (absent === undefined) return;
  const { libzmq, why, instead } = absent;
  const remedy = instead === undefined ? "There is nothing instead." : `There is instead: ${instead}`;
  throw new ZmqError("ENOTSUP", `${libzmq.split(" ")[0]} is no option here: ${why}.`, { remedy });
}
