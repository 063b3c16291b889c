import type { EventEmitter } from "node:events";
import { STATE_BUSY, STATE_CLOSED, STATE_READY } from "./constants.ts";
import { toCompatError, translated } from "./error.ts";
import { Monitoring } from "./monitoring.ts";
import type { KeptOptions } from "./options.ts";
import { getOption, setOption } from "./options.ts";
import { makeSocket } from "./socket-types.ts";
import { Traffic } from "./traffic.ts";

/** A timer cannot be armed for longer than 2^31 ms. */
const ANCHOR_MS = 2 ** 30;
/** How long a closed socket keeps the process for what it has to send. Version 5 did not wait at all. */
const GRACE_MS = 1000;

/** Told when a bind or unbind is done. */
export type BindCallback = (error?: Error) => void;

/**
 * What a socket of version 5 had in `_zmq`: the socket itself below the event emitter. Only `state` is of use to
 * applications.
 */
export class Binding {
  readonly traffic: Traffic;
  readonly monitoring: Monitoring;
  readonly #emitter: EventEmitter;
  readonly #socket: ReturnType<typeof makeSocket>;
  readonly #kept: KeptOptions;
  /** Keeps the process alive while the socket has endpoints, unless `unref` was called after the first. */
  readonly #anchor: NodeJS.Timeout;
  #endpointCount: number;
  #busyCount: number;
  #isClosed: boolean;

  constructor(emitter: EventEmitter, type: unknown) {
    this.#emitter = emitter;
    this.#socket = translated(() => makeSocket(type));
    this.#kept = new Map();
    this.#anchor = setInterval(stand, ANCHOR_MS).unref();
    this.#endpointCount = 0;
    this.#busyCount = 0;
    this.#isClosed = false;
    this.traffic = new Traffic(emitter, this.#socket);
    this.monitoring = new Monitoring(emitter, this.#socket);
  }

  /** STATE_READY, STATE_BUSY while `bind` or `unbind` is under way, STATE_CLOSED. */
  get state(): number {
    if (this.#isClosed || this.#socket.closed) return STATE_CLOSED;
    return this.#busyCount > 0 ? STATE_BUSY : STATE_READY;
  }

  ref(): void {
    this.#anchor.ref();
  }

  unref(): void {
    this.#anchor.unref();
  }

  setsockopt(option: number, value: unknown): void {
    translated(() => setOption(this.#socket, this.#kept, option, value));
  }

  getsockopt(option: number): number | string {
    return translated(() => getOption(this.#socket, this.#kept, option));
  }

  bind(address: unknown, callback: BindCallback | undefined): void {
    checkArguments(address, callback);
    this.#run(this.#socket.bind(address as string), callback, () => {
      this.#addEndpoint();
      this.#emitter.emit("bind", address);
    });
  }

  bindSync(address: unknown): void {
    checkArguments(address, undefined);
    translated(() => this.#socket.bindSync(address as string));
    this.#addEndpoint();
  }

  unbind(address: unknown, callback: BindCallback | undefined): void {
    checkArguments(address, callback);
    this.#run(this.#socket.unbind(address as string), callback, () => {
      this.#removeEndpoint();
      this.#emitter.emit("unbind", address);
    });
  }

  unbindSync(address: unknown): void {
    checkArguments(address, undefined);
    translated(() => this.#socket.unbindSync(address as string));
    this.#removeEndpoint();
  }

  connect(address: unknown): void {
    checkArguments(address, undefined);
    translated(() => this.#socket.connect(address as string));
    this.#addEndpoint();
  }

  disconnect(address: unknown): void {
    checkArguments(address, undefined);
    translated(() => this.#socket.disconnect(address as string));
    this.#removeEndpoint();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.monitoring.stop();
    this.traffic.close();
    clearInterval(this.#anchor);
    const grace = setTimeout(stand, GRACE_MS);
    void this.#socket.close({ keepAlive: false }).then(() => clearTimeout(grace));
  }

  /** A call that ends later: meanwhile nothing is read or sent. */
  #run(work: Promise<void>, callback: BindCallback | undefined, done: () => void): void {
    this.#busyCount++;
    this.traffic.stop();
    const settle = (finish: () => void): void =>
      process.nextTick(() => {
        this.#busyCount--;
        this.traffic.go();
        finish();
      });
    work.then(
      () =>
        settle(() => {
          // A closed socket emits nothing more.
          if (!this.#isClosed) done();
          callback?.call(this.#emitter);
        }),
      (error: unknown) => settle(() => this.#refuse(toCompatError(error), callback)),
    );
  }

  /** Version 5 kept silent where there was no callback. */
  #refuse(error: Error, callback: BindCallback | undefined): void {
    if (callback !== undefined) callback.call(this.#emitter, error);
    else if (this.#isClosed) return;
    else if (this.#emitter.listenerCount("error") > 0) this.#emitter.emit("error", error);
    else
      process.emitWarning(
        `bind or unbind failed, and no callback was given: ${sentenceOf(error)}`,
        "ZeroMQWarning",
      );
  }

  #addEndpoint(): void {
    if (this.#endpointCount++ === 0) this.ref();
  }

  #removeEndpoint(): void {
    if (--this.#endpointCount === 0) this.unref();
  }
}

function checkArguments(address: unknown, callback: unknown): void {
  if (typeof address !== "string") throw new TypeError("Address must be a string!");
  if (callback !== undefined && callback !== null && typeof callback !== "function")
    throw new TypeError("Provided callback must be a function");
}

function sentenceOf({ message, cause }: Error): string {
  return cause instanceof Error ? cause.message : message;
}

function stand(): void {
  // Its being armed is all that it is for.
}
