import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import type { SocketType } from "./driver.ts";
import type { PeerKind } from "./launch.ts";
import { launchLibrary, launchPeer } from "./launch.ts";
import { subjectName } from "./libraries.ts";
import type { OpenOptions, Peer, PeerSocket } from "./peer.ts";
import { Relay } from "./relay.ts";

export type Transport = "tcp" | "ipc";
export type Open = (type: SocketType, options?: OpenOptions, watch?: Watch) => Promise<PeerSocket>;

export interface Watch {
  /** Collects the socket's events from the start. */
  readonly monitor: boolean;
}

let endpointCount = 0;

/** What a test works with: fresh sockets on both sides, all closed when it ends. */
export class Scope {
  readonly ours: Peer;
  readonly #theirs: Peer;
  readonly #kind: PeerKind | undefined;
  readonly #sockets: PeerSocket[];
  readonly #peers: Peer[];
  readonly #relays: Relay[];
  readonly #directory: string;

  constructor(ours: Peer, theirs: Peer, kind: PeerKind | undefined, directory: string) {
    this.ours = ours;
    this.#theirs = theirs;
    this.#kind = kind;
    this.#sockets = [];
    this.#peers = [];
    this.#relays = [];
    this.#directory = directory;
  }

  /** A socket of ours. */
  readonly our: Open = async (type, options, watch) => this.track(await this.ours.open(type, options, watch));

  /** A socket of libzmq. */
  readonly their: Open = async (type, options, watch) =>
    this.track(await this.#theirs.open(type, options, watch));

  async theirVersion(): Promise<string> {
    return await this.#theirs.version();
  }

  /** Another process, for tests that kill or freeze it. */
  launch(whose: "our" | "their"): Peer {
    const peer =
      whose === "our" || this.#kind === undefined ? launchLibrary(subjectName) : launchPeer(this.#kind);
    this.#peers.push(peer);
    return peer;
  }

  relay(options: { lowerVersion: boolean }): Relay {
    const relay = new Relay(options);
    this.#relays.push(relay);
    return relay;
  }

  /** An endpoint to bind to, which nobody else uses. */
  endpoint(transport: Transport): string {
    if (transport === "tcp") return "tcp://127.0.0.1:*";
    endpointCount += 1;
    return `ipc://${join(this.#directory, String(endpointCount))}`;
  }

  /** An endpoint on which nobody listens yet, for those who connect first. */
  async freePort(): Promise<string> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return `tcp://127.0.0.1:${port}`;
  }

  /** Binds one socket and connects the other one to it. */
  async join(binder: PeerSocket, connector: PeerSocket, transport: Transport = "tcp"): Promise<string> {
    const endpoint = await binder.bind(this.endpoint(transport));
    await connector.connect(endpoint);
    return endpoint;
  }

  async end(): Promise<void> {
    for (const socket of this.#sockets) await socket.discard();
    for (const peer of this.#peers) await peer.process.kill();
    for (const relay of this.#relays) relay.close();
  }

  track(socket: PeerSocket): PeerSocket {
    this.#sockets.push(socket);
    return socket;
  }
}
