import type { Stats } from "node:fs";
import type { Server } from "node:net";
import { resolve } from "node:path";
import { ZmqError } from "../base/errors.ts";
import { platform } from "../base/platform.ts";
import { parseIpc } from "../core/endpoint.ts";
import type { SocketOptionValues } from "../core/options.ts";
import type {
  Connector,
  ConnectorEvents,
  Listener,
  ListenerEvents,
  StreamTransport,
} from "../core/transport.ts";
import { warnIfPadded } from "./abstract-name.ts";
import { bindError, IpcPlace, removeStale, stat, takenError } from "./ipc-place.ts";
import { NetConnector } from "./net-connector.ts";
import { NetListener } from "./net-listener.ts";
import { probeSocket, probeSocketSync } from "./socket-probe.ts";
import { bindFailure, codeOf } from "./system-error.ts";

/** Whether this system has `ipc://`. */
export const hasIpc: boolean = process.platform !== "win32";

/**
 * `ipc://`: Unix domain sockets. A path where somebody listens, or that is no socket, is EADDRINUSE and stays as it is;
 * a socket file that its owner left behind is taken over.
 */
export class IpcTransport implements StreamTransport {
  readonly kind: "stream";
  readonly scheme: string;

  constructor() {
    this.kind = "stream";
    this.scheme = "ipc";
  }

  checkBind(address: string, _options: SocketOptionValues): void {
    check(address);
  }

  checkConnect(address: string, _options: SocketOptionValues): void {
    if (check(address) === "wildcard") {
      const why = `ipc://${address} names no path to connect to.`;
      throw new ZmqError("EINVAL", why, { remedy: "Give the path: * stands for any path when binding." });
    }
  }

  listen(address: string, options: SocketOptionValues, events: ListenerEvents): Listener {
    if (options.useFd >= 0) return takeOver(address, options, events, false);
    const opening = new Opening(address, options, events);
    opening.start();
    return opening.listener;
  }

  listenSync(address: string, options: SocketOptionValues, events: ListenerEvents): Listener {
    if (options.useFd >= 0) return takeOver(address, options, events, true);
    const opening = new Opening(address, options, events);
    opening.startSync();
    return opening.listener;
  }

  connect(address: string, options: SocketOptionValues, events: ConnectorEvents): Connector {
    const parsed = parseIpc(address);
    const endpoint = `ipc://${address}`;
    const connector = new NetConnector(endpoint, options, namesOf(endpoint), events);
    if (parsed.kind === "abstract") warnIfPadded(endpoint);
    connector.connect({ path: parsed.kind === "abstract" ? `\0${parsed.name}` : address });
    return connector;
  }

  isSameEndpoint(a: string, b: string): boolean {
    if (a === b) return true;
    const [first, second] = [a.slice("ipc://".length), b.slice("ipc://".length)];
    return isPath(first) && isPath(second) && resolve(first) === resolve(second);
  }
}

function check(address: string): string {
  if (!hasIpc) {
    const why =
      "ipc:// is not there on Windows: Node has named pipes there, and libzmq speaks over Unix domain sockets.";
    throw new ZmqError("ENOTSUP", why, { address: `ipc://${address}`, remedy: "Use tcp://127.0.0.1." });
  }
  const { kind } = parseIpc(address);
  if (kind === "abstract" && process.platform !== "linux") {
    const why = `ipc://${address} is a name of the abstract namespace, which only Linux has.`;
    throw new ZmqError("ENOTSUP", why, { address: `ipc://${address}`, remedy: "Use a path." });
  }
  return kind;
}

function isPath(address: string): boolean {
  return !address.startsWith("@") && !address.startsWith("*");
}

/** Both ends of an ipc stream have the one name. */
function namesOf(endpoint: string) {
  return { local: () => endpoint, remote: () => endpoint };
}

/** Listens on a descriptor that somebody else opened; its file is somebody else's, too. */
function takeOver(
  address: string,
  options: SocketOptionValues,
  events: ListenerEvents,
  isSync: boolean,
): NetListener {
  const endpoint = `ipc://${address}`;
  const traits = {
    ...namesOf(endpoint),
    onListening: () => endpoint,
    refuse: () => null,
    closeServer: (server: Server) => void server.close(),
  };
  const listener = new NetListener(endpoint, options, traits, events);
  const toError = (cause: unknown) => bindFailure(endpoint, options.useFd, cause);
  const listen = (server: Server): void => {
    server.listen({ fd: options.useFd, backlog: Math.max(1, options.backlog) });
  };
  if (!isSync) {
    listener.open(listen, (cause) => listener.fail(toError(cause)));
    return listener;
  }
  try {
    listener.openSync(listen);
  } catch (cause) {
    throw toError(cause);
  }
  return listener;
}

/** A listener on its way to a path that may hold a file already. */
class Opening {
  readonly listener: NetListener;
  readonly #place: IpcPlace;
  readonly #backlog: number;

  constructor(address: string, options: SocketOptionValues, events: ListenerEvents) {
    const place = new IpcPlace(address);
    if (place.isAbstract) warnIfPadded(place.endpoint);
    this.#place = place;
    this.#backlog = Math.max(1, options.backlog);
    const traits = {
      ...namesOf(place.endpoint),
      onListening: (server: Server) => {
        place.onListening(server);
        return place.endpoint;
      },
      refuse: () => null,
      closeServer: (server: Server) => {
        const failure = place.close(server);
        if (failure !== null) events.onCloseFailed(failure);
      },
    };
    this.listener = new NetListener(place.endpoint, options, traits, events);
  }

  start(): void {
    const { failure } = this.#place;
    if (failure === null) this.#listen((cause) => this.#onFailed(cause));
    else platform.defer(() => this.#fail(failure));
  }

  startSync(): void {
    if (this.#place.failure !== null) throw this.#given(this.#place.failure);
    const open = (): void => this.listener.openSync((server) => this.#listenOn(server));
    try {
      open();
    } catch (cause) {
      const file = this.#fileInTheWay(cause);
      if (file === undefined) throw this.#given(bindError(this.#place, cause));
      if (!file.isSocket() || probeSocketSync(this.#place.path) === "live")
        throw this.#given(takenError(this.#place, file));
      removeStale(this.#place.path, file);
      try {
        open();
      } catch (again) {
        throw this.#given(bindError(this.#place, again));
      }
    }
  }

  #listen(onFailed: (cause: Error) => void): void {
    this.listener.open((server) => this.#listenOn(server), onFailed);
  }

  #listenOn(server: Server): void {
    server.listen({ path: this.#place.path, exclusive: true, backlog: this.#backlog });
  }

  #onFailed(cause: Error): void {
    const place = this.#place;
    const file = this.#fileInTheWay(cause);
    if (file === undefined) return this.#fail(bindError(place, cause));
    if (!file.isSocket()) return this.#fail(takenError(place, file));
    probeSocket(place.path, (result) => {
      if (result === "live") return this.#fail(takenError(place, file));
      if (result === "stale") removeStale(place.path, file);
      this.#listen((again) => this.#fail(bindError(place, again)));
    });
  }

  /** The file because of which the path is taken, if that is what failed. */
  #fileInTheWay(cause: unknown): Stats | undefined {
    return codeOf(cause) === "EADDRINUSE" && !this.#place.isAbstract ? stat(this.#place.path) : undefined;
  }

  #fail(error: ZmqError): void {
    this.#place.removeDirectory();
    this.listener.fail(error);
  }

  #given(error: ZmqError): ZmqError {
    this.#place.removeDirectory();
    return error;
  }
}
