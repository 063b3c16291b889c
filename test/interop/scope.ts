import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import type { SocketType } from "./driver.ts";
import type { PeerKind } from "./launch.ts";
import { launchLibrary, launchPeer } from "./launch.ts";
import { isInBackground, subjectName } from "./libraries.ts";
import type { OpenOptions, Peer, PeerSocket } from "./peer.ts";
import { Relay } from "./relay.ts";

export type Transport = "tcp" | "ipc" | "inproc";
export type Open = (type: SocketType, options?: OpenOptions, watch?: Watch) => Promise<PeerSocket>;

export interface Watch {
  /** Collects the socket's events from the start. */
  readonly monitor: boolean;
}

const wires: readonly Transport[] = process.platform === "win32" ? ["tcp"] : ["tcp", "ipc"];

/**
 * How sockets of ours reach such a peer; the first one is what tests use that need one alone. In background mode threads
 * share an I/O thread, so what they have to show is that it serves them all.
 */
export function transportsTo(kind: PeerKind | undefined): readonly Transport[] {
  return kind === "thread" && !isInBackground ? ["inproc"] : wires;
}

let endpointCount = 0;

/** What a test works with: fresh sockets on both sides, all closed when it ends. */
export class Scope {
  readonly ours: Peer;
  readonly theirs: Peer;
  readonly #kind: PeerKind | undefined;
  readonly #sockets: PeerSocket[];
  readonly #peers: Peer[];
  readonly #relays: Relay[];
  readonly #directory: string;
  /** What sockets are joined over where a test does not say. */
  readonly #transport: Transport;

  constructor(ours: Peer, theirs: Peer, kind: PeerKind | undefined, directory: string) {
    this.ours = ours;
    this.theirs = theirs;
    this.#kind = kind;
    this.#sockets = [];
    this.#peers = [];
    this.#relays = [];
    this.#directory = directory;
    this.#transport = transportsTo(kind)[0];
  }

  /** A socket of ours, in the test's own thread. */
  readonly our: Open = async (type, options, watch) => this.track(await this.ours.open(type, options, watch));

  /** A socket of libzmq, or of ours in another thread. */
  readonly their: Open = async (type, options, watch) =>
    this.track(await this.theirs.open(type, options, watch));

  async theirVersion(): Promise<string> {
    return await this.theirs.version();
  }

  /** Another process or thread, for tests that kill or freeze it. */
  launch(whose: "our" | "their"): Peer {
    const isProcessOfOurs = this.#kind === undefined || (whose === "our" && this.#kind !== "thread");
    const peer = isProcessOfOurs ? launchLibrary(subjectName) : launchPeer(this.#kind as PeerKind);
    this.#peers.push(peer);
    return peer;
  }

  relay(options: { lowerVersion: boolean }): Relay {
    const relay = new Relay(options);
    this.#relays.push(relay);
    return relay;
  }

  /** An endpoint to bind to, which nobody else uses. */
  endpoint(transport: Transport = this.#transport): string {
    if (transport === "tcp") return "tcp://127.0.0.1:*";
    endpointCount += 1;
    if (transport === "inproc") return `inproc://interop-${endpointCount}`;
    return `ipc://${join(this.#directory, String(endpointCount))}`;
  }

  /** An endpoint that nobody has bound yet, for those who connect first. */
  async freeEndpoint(transport: Transport = this.#transport): Promise<string> {
    if (transport !== "tcp") return this.endpoint(transport);
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return `tcp://127.0.0.1:${port}`;
  }

  /** Binds one socket and connects the other one to it. */
  async join(binder: PeerSocket, connector: PeerSocket, transport?: Transport): Promise<string> {
    const endpoint = await binder.bind(this.endpoint(transport));
    await connector.connect(endpoint);
    return endpoint;
  }

  async end(): Promise<void> {
    for (const socket of this.#sockets) await socket.discard();
    for (const peer of this.#peers) await peer.kill();
    for (const relay of this.#relays) relay.close();
  }

  track(socket: PeerSocket): PeerSocket {
    this.#sockets.push(socket);
    return socket;
  }
}
