import type { FrameSpec, MessageReport, MessageSpec } from "./frames.ts";
import { toBytes } from "./frames.ts";
import { collect, drain, echo, exchange, flood, receive, roundTrips, send } from "./operations.ts";

/**
 * One set of commands for every peer. This file runs them on any library with the API of the `zeromq` package, version 6:
 * ours, in the thread of the test and in others, and libzmq's, in a child process. pyzmq-peer.py is its twin for Python.
 */
export const socketClasses = {
  REQ: "Request",
  REP: "Reply",
  DEALER: "Dealer",
  ROUTER: "Router",
  PUB: "Publisher",
  SUB: "Subscriber",
  XPUB: "XPublisher",
  XSUB: "XSubscriber",
  PUSH: "Push",
  PULL: "Pull",
  PAIR: "Pair",
  STREAM: "Stream",
  SERVER: "Server",
  CLIENT: "Client",
  SCATTER: "Scatter",
  GATHER: "Gather",
  PEER: "Peer",
  CHANNEL: "Channel",
  RADIO: "Radio",
  DISH: "Dish",
  DGRAM: "Datagram",
} as const;

export type SocketType = keyof typeof socketClasses;
export type OptionSpec = Readonly<
  Record<string, string | number | boolean | null | { readonly hex: string }>
>;

/** The part of the API that the commands use. */
export interface DriverSocket {
  readonly lastEndpoint: string | null;
  readonly closed: boolean;
  readonly events: { on(type: string, listener: (event: DriverEvent) => void): unknown };
  /** Where the library tells. */
  readonly peers?: readonly { readonly live: boolean }[];
  linger: number;
  sendTimeout: number;
  receiveTimeout: number;
  bind(endpoint: string): Promise<void>;
  unbind(endpoint: string): Promise<void>;
  connect(endpoint: string, options?: { routingId?: string }): void;
  disconnect(endpoint: string): void;
  send(frames: Buffer[]): Promise<void>;
  receive(): Promise<Uint8Array[]>;
  subscribe(...topics: Buffer[]): void;
  unsubscribe(...topics: Buffer[]): void;
  close(): unknown;
}

export interface DriverEvent {
  readonly type: string;
  readonly address?: string;
  readonly interval?: number;
  /** The code may be a status: `400`. */
  readonly error?: { readonly code?: string; readonly status?: number; readonly message: string };
}

export interface DriverProxy {
  run(): Promise<void>;
  terminate(): void;
}

export interface Library {
  readonly version: string;
  readonly Proxy: new (
    frontEnd: DriverSocket,
    backEnd: DriverSocket,
    options?: { readonly control?: DriverSocket },
  ) => DriverProxy;
  readonly sockets: Readonly<Record<SocketType, new (options: Record<string, unknown>) => DriverSocket>>;
}

export interface Command {
  readonly op: string;
  readonly socket?: number;
  readonly type?: SocketType;
  readonly options?: OptionSpec;
  readonly monitor?: boolean;
  readonly endpoint?: string;
  readonly routingId?: string;
  readonly topics?: readonly FrameSpec[];
  readonly messages?: readonly MessageSpec[];
  readonly envelope?: MessageSpec;
  readonly skip?: string;
  readonly count?: number;
  readonly from?: number;
  readonly size?: number;
  readonly timeoutMs?: number;
  readonly pauseMs?: number;
}

export interface Reply {
  socket?: number;
  endpoint?: string;
  version?: string;
  messages?: MessageReport[];
  events?: DriverEvent[];
  /** How many messages were sent or received. */
  count?: number;
  /** Numbered messages that never came although a later one did. */
  missing?: number;
  first?: number;
  last?: number;
  bytes?: number;
  elapsedMs?: number;
}

const monitorEvents = [
  "accept",
  "accept:error",
  "bind",
  "bind:error",
  "connect",
  "connect:delay",
  "connect:retry",
  "close",
  "close:error",
  "disconnect",
  "end",
  "handshake",
  "handshake:error:protocol",
  "handshake:error:auth",
  "handshake:error:other",
];

interface OpenSocket {
  readonly socket: DriverSocket;
  readonly events: DriverEvent[];
}

export class Driver {
  readonly #library: Library;
  readonly #sockets: Map<number, OpenSocket>;
  #lastNumber: number;

  constructor(library: Library) {
    this.#library = library;
    this.#sockets = new Map();
    this.#lastNumber = 0;
  }

  /** The socket behind a number, for tests that also look at what only our own API has. */
  socket(number: number): DriverSocket {
    return this.#open(number).socket;
  }

  async run(command: Command): Promise<Reply> {
    switch (command.op) {
      case "version":
        return { version: this.#library.version };
      case "open":
        return this.#openSocket(command);
      case "close-all":
        for (const number of [...this.#sockets.keys()]) this.#discard(number);
        return {};
      default:
        return await this.#runOn(this.#open(command.socket ?? 0), command);
    }
  }

  async #runOn({ socket, events }: OpenSocket, command: Command): Promise<Reply> {
    const endpoint = command.endpoint ?? "";
    switch (command.op) {
      case "bind":
        await socket.bind(endpoint);
        return { endpoint: socket.lastEndpoint ?? "" };
      case "connect":
        if (command.routingId === undefined) socket.connect(endpoint);
        else socket.connect(endpoint, { routingId: command.routingId });
        return {};
      case "unbind":
        await socket.unbind(endpoint);
        return {};
      case "disconnect":
        socket.disconnect(endpoint);
        return {};
      case "set":
        Object.assign(socket, toOptions(command.options ?? {}));
        return {};
      case "subscribe":
        socket.subscribe(...(command.topics ?? []).map(toBytes));
        return {};
      case "unsubscribe":
        socket.unsubscribe(...(command.topics ?? []).map(toBytes));
        return {};
      case "send":
        return await send(socket, command);
      case "receive":
        return await receive(socket, command);
      case "exchange":
        return await exchange(socket, command);
      case "echo":
        return await echo(socket, command);
      case "collect":
        return await collect(socket, command);
      case "flood":
        return await flood(socket, command);
      case "drain":
        return await drain(socket, command);
      case "round-trips":
        return await roundTrips(socket, command);
      case "events":
        return { events };
      case "peers":
        return { count: socket.peers?.filter((peer) => peer.live).length ?? countPeers(events) };
      case "close":
        this.#take(command.socket ?? 0).close();
        return {};
      case "forget":
        this.#take(command.socket ?? 0);
        return {};
      case "discard":
        this.#discard(command.socket ?? 0);
        return {};
      default:
        throw new Error(`unknown command ${command.op}`);
    }
  }

  #openSocket({ type = "PAIR", options = {}, monitor = false }: Command): Reply {
    const socket = new this.#library.sockets[type](toOptions(options));
    const events: DriverEvent[] = [];
    if (monitor)
      for (const name of monitorEvents) socket.events.on(name, (event) => events.push(toEvent(event)));
    this.#lastNumber += 1;
    this.#sockets.set(this.#lastNumber, { socket, events });
    return { socket: this.#lastNumber };
  }

  #open(number: number): OpenSocket {
    const open = this.#sockets.get(number);
    if (open === undefined) throw new Error(`no open socket has the number ${number}`);
    return open;
  }

  /** Closes without a care for what is queued; a proxy may have closed the socket already. */
  #discard(number: number): void {
    const socket = this.#take(number);
    if (socket.closed) return;
    socket.linger = 0;
    socket.close();
  }

  #take(number: number): DriverSocket {
    const { socket } = this.#open(number);
    this.#sockets.delete(number);
    return socket;
  }
}

/** Makes a `Library` of a module with the class names of `zeromq` v6. */
export function toLibrary(module: object): Library {
  const exported = module as Record<string, unknown>;
  const sockets = {};
  for (const [type, name] of Object.entries(socketClasses))
    Object.defineProperty(sockets, type, { get: () => exported[name] });
  return {
    version: String(exported.version),
    Proxy: exported.Proxy as Library["Proxy"],
    sockets: sockets as Library["sockets"],
  };
}

function toOptions(options: OptionSpec): Record<string, unknown> {
  const entries = Object.entries(options).map(([name, value]) => {
    return [name, typeof value === "object" && value !== null ? toBytes(value) : value];
  });
  return Object.fromEntries(entries);
}

/** Connections that stand, where nothing but events tells of them. */
function countPeers(events: readonly DriverEvent[]): number {
  const count = (type: string) => events.filter((event) => event.type === type).length;
  return count("handshake") - count("disconnect");
}

function toEvent(event: DriverEvent): DriverEvent {
  const { type, address, interval, error } = event;
  return {
    type,
    ...(address === undefined ? {} : { address }),
    ...(interval === undefined ? {} : { interval }),
    ...(error === undefined ? {} : { error: { code: codeOf(error), message: error.message } }),
  };
}

function codeOf({ code, status }: NonNullable<DriverEvent["error"]>): string {
  return code ?? (status === undefined ? "" : String(status));
}
