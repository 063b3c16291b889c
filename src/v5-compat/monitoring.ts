import type { EventEmitter } from "node:events";
import type { Event, EventType, Socket } from "../index.ts";
import { toCompatError } from "./error.ts";

/** libzmq's numbers of events, with the names under which version 5 emitted them. */
export const EVENT_NAMES: Readonly<Record<number, string>> = {
  1: "connect",
  2: "connect_delay",
  4: "connect_retry",
  8: "listen",
  16: "bind_error",
  32: "accept",
  64: "accept_error",
  128: "close",
  256: "close_error",
  512: "disconnect",
};

const NAMES: Readonly<Partial<Record<EventType, string>>> = {
  connect: "connect",
  "connect:delay": "connect_delay",
  "connect:retry": "connect_retry",
  bind: "listen",
  "bind:error": "bind_error",
  accept: "accept",
  "accept:error": "accept_error",
  close: "close",
  "close:error": "close_error",
  disconnect: "disconnect",
};

/** libzmq's value of a delayed connect on Linux: EINPROGRESS. */
const IN_PROGRESS = 115;
/** Where libzmq tells a file descriptor: Node has none to tell. */
const NO_DESCRIPTOR = -1;

/** The events of a socket, emitted by another object under version 5's names. */
export class Monitoring {
  readonly #emitter: EventEmitter;
  readonly #socket: Socket;
  readonly #listener: (event: Event) => void;
  #isOn: boolean;

  constructor(emitter: EventEmitter, socket: Socket) {
    this.#emitter = emitter;
    this.#socket = socket;
    this.#listener = (event) => this.#tell(event);
    this.#isOn = false;
  }

  start(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    for (const type of Object.keys(NAMES) as EventType[]) this.#socket.events.on(type, this.#listener);
  }

  stop(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    for (const type of Object.keys(NAMES) as EventType[]) this.#socket.events.off(type, this.#listener);
  }

  #tell(event: Event): void {
    // It may have happened before `stop`, and be told after it.
    if (!this.#isOn || event.type === "end") return;
    const isFailure =
      event.type === "bind:error" || event.type === "accept:error" || event.type === "close:error";
    const error = isFailure ? toCompatError(event.error) : undefined;
    this.#emitter.emit(NAMES[event.type] as string, valueOf(event), event.address, error);
  }
}

function valueOf(event: Event): number {
  switch (event.type) {
    case "connect:delay":
      return IN_PROGRESS;
    case "connect:retry":
      return event.interval;
    case "bind:error":
    case "accept:error":
    case "close:error":
      return event.error.errno;
    default:
      return NO_DESCRIPTOR;
  }
}
