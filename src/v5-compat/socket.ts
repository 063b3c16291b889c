import { EventEmitter } from "node:events";
import type { BindCallback } from "./binding.ts";
import { Binding } from "./binding.ts";
import * as zmq from "./constants.ts";
import { optionNumber, SHORT_NAMES } from "./options.ts";
import type { SendCallback } from "./outgoing.ts";
import type { SocketTypeName } from "./socket-types.ts";

/**
 * A socket of version 5: an event emitter. `message` comes with a `Buffer` for each frame; `bind` and `unbind` with the
 * address; `error` with an `Error`; after `monitor()` also `connect`, `connect_delay`, `connect_retry`, `listen`,
 * `bind_error`, `accept`, `accept_error`, `close`, `close_error` and `disconnect` with value, address and, where there is
 * one, error. The value is -1 where libzmq gave a file descriptor. Options are properties with the short names of
 * `options`; applications may add properties of their own.
 */
export interface Socket extends EventEmitter {
  /** As it was given. */
  type: SocketTypeName;
  /** Whether `close` was called. */
  readonly closed: boolean;
  readonly _zmq: Binding;
  /** Emits `bind` and calls back when peers can connect. Messages sent meanwhile wait. */
  bind(address: string, callback?: BindCallback | null): this;
  /** Throws `Error`, with libzmq's sentence in `message`. */
  bindSync(address: string): this;
  /** Emits `unbind` and calls back when the address is free. */
  unbind(address: string, callback?: BindCallback | null): this;
  /** The address is free when it returns. */
  unbindSync(address: string): this;
  connect(address: string): this;
  disconnect(address: string): this;
  /** Sends text, octets or an array of them, together with all before it that had ZMQ_SNDMORE. */
  send(message: unknown, flags?: number | null, callback?: SendCallback | null): this;
  /** The next message, or `null`: for a paused socket. */
  read(): Buffer[] | null;
  /** Reads and sends nothing until `resume`. */
  pause(): void;
  resume(): void;
  /** Keeps the process alive, as a socket with endpoints does without being told. */
  ref(): void;
  /** Lets the process end. */
  unref(): void;
  subscribe(topic: string | Uint8Array): this;
  unsubscribe(topic: string | Uint8Array): this;
  /** Sets an option by its short name or libzmq's number. */
  setsockopt(option: number | string, value: unknown): this;
  getsockopt(option: number | string): number | string;
  /** Events come as they happen; `interval` and `count`, by which version 5 looked for them, are only checked. */
  monitor(interval?: number, count?: number): this;
  unmonitor(): this;
  /** May be called again. Afterwards nothing is emitted. */
  close(): this;
  /** Options by their short names, and what applications add. */
  [name: string]: unknown;
}

/** Works with and without `new`, and on the objects of classes that were made with `util.inherits`. */
export interface SocketConstructor {
  new (type: SocketTypeName | number): Socket;
  (type: SocketTypeName | number): Socket;
  readonly prototype: Socket;
}

/** Makes a socket. TypeError for an unknown type. */
export const Socket = construct as unknown as SocketConstructor;

function construct(this: unknown, type: SocketTypeName): unknown {
  if (!(this instanceof Socket)) return new Socket(type);
  (EventEmitter as unknown as () => void).call(this);
  this.type = type;
  Object.defineProperty(this, "_zmq", { value: new Binding(this, type), writable: true, configurable: true });
  return undefined;
}

Object.defineProperty(Socket, "name", { value: "Socket" });

Object.setPrototypeOf(Socket, EventEmitter);
Object.setPrototypeOf(Socket.prototype, EventEmitter.prototype);

type Methods = Omit<Socket, keyof EventEmitter | "type" | "closed" | "_zmq">;

const methods: Partial<Methods> & ThisType<Socket> = {
  bind(address: string, callback?: BindCallback | null) {
    this._zmq.bind(address, callback ?? undefined);
    return this;
  },
  bindSync(address: string) {
    this._zmq.bindSync(address);
    return this;
  },
  unbind(address: string, callback?: BindCallback | null) {
    this._zmq.unbind(address, callback ?? undefined);
    return this;
  },
  unbindSync(address: string) {
    this._zmq.unbindSync(address);
    return this;
  },
  connect(address: string) {
    this._zmq.connect(address);
    return this;
  },
  disconnect(address: string) {
    this._zmq.disconnect(address);
    return this;
  },
  send(message: unknown, flags?: number | null, callback?: SendCallback | null) {
    this._zmq.traffic.send(message, Number(flags) | 0, callback ?? undefined);
    return this;
  },
  read() {
    return this._zmq.state === zmq.STATE_READY ? this._zmq.traffic.read() : null;
  },
  pause() {
    this._zmq.traffic.pause();
  },
  resume() {
    this._zmq.traffic.resume();
  },
  ref() {
    this._zmq.ref();
  },
  unref() {
    this._zmq.unref();
  },
  subscribe(topic: string | Uint8Array) {
    this._zmq.setsockopt(zmq.ZMQ_SUBSCRIBE, topic);
    return this;
  },
  unsubscribe(topic: string | Uint8Array) {
    this._zmq.setsockopt(zmq.ZMQ_UNSUBSCRIBE, topic);
    return this;
  },
  setsockopt(option: number | string, value: unknown) {
    this._zmq.setsockopt(optionNumber(option), value);
    return this;
  },
  getsockopt(option: number | string) {
    return this._zmq.getsockopt(optionNumber(option));
  },
  monitor(interval?: number, count?: number) {
    checkPace(interval, count);
    this._zmq.monitoring.start();
    return this;
  },
  unmonitor() {
    this._zmq.monitoring.stop();
    return this;
  },
  close() {
    this._zmq.close();
    return this;
  },
};

Object.assign(Socket.prototype, methods);

Object.defineProperty(Socket.prototype, "closed", {
  configurable: true,
  get(this: Socket) {
    return this._zmq.state === zmq.STATE_CLOSED;
  },
});

for (const [name, option] of Object.entries(SHORT_NAMES)) {
  Object.defineProperty(Socket.prototype, name, {
    configurable: true,
    enumerable: true,
    get(this: Socket) {
      return this._zmq.getsockopt(option);
    },
    set(this: Socket, value: unknown) {
      this._zmq.setsockopt(option, value);
    },
  });
}

function checkPace(interval: unknown, count: unknown): void {
  if (interval !== undefined && !(typeof interval === "number" && interval > 0))
    throw new TypeError("The interval of monitor() is a number of milliseconds above 0.");
  if (count !== undefined && !(typeof count === "number" && count >= 0))
    throw new TypeError("The count of monitor() is 0 or more events.");
}

/** A new socket, with options set as properties, in their order. */
export function createSocket(
  type: SocketTypeName | number,
  options?: Readonly<Record<string, unknown>> | null,
): Socket {
  const socket = new Socket(type);
  for (const name in options) socket[name] = options[name];
  return socket;
}
