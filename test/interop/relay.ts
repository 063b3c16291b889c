import { once } from "node:events";
import type { AddressInfo, Server, Socket } from "node:net";
import { connect, createServer } from "node:net";

/** 37/ZMTP, Greeting: signature of 10 bytes, major version, minor version. */
const MINOR_VERSION_AT = 11;

/**
 * A TCP relay between two peers that tells each of them that the other one speaks ZMTP 3.0: every libzmq that one can
 * install today speaks 3.1, but it falls back. It also keeps what went through, and can cut all connections.
 */
export class Relay {
  readonly #server: Server;
  readonly #connections: Set<Socket>;
  readonly #recorded: Buffer[];
  readonly #lowerVersion: boolean;
  #target: number;

  constructor({ lowerVersion }: { lowerVersion: boolean }) {
    this.#connections = new Set();
    this.#recorded = [];
    this.#lowerVersion = lowerVersion;
    this.#target = 0;
    this.#server = createServer((client) => this.#onClient(client));
  }

  /** Relays to `endpoint`; answers with the endpoint to connect to instead. */
  async open(endpoint: string): Promise<string> {
    this.#target = Number(new URL(endpoint).port);
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** All bytes of the connecting side, in one piece per connection. */
  get recorded(): Buffer {
    return Buffer.concat(this.#recorded);
  }

  get connectionCount(): number {
    return this.#connections.size / 2;
  }

  cut(): void {
    for (const socket of this.#connections) socket.destroy();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #onClient(client: Socket): void {
    const upstream = connect(this.#target, "127.0.0.1");
    this.#forward(client, upstream, (chunk) => this.#recorded.push(chunk));
    this.#forward(upstream, client, () => undefined);
  }

  #forward(from: Socket, to: Socket, record: (chunk: Buffer) => void): void {
    let passed = 0;
    this.#connections.add(from);
    from.setNoDelay(true);
    from.on("data", (chunk: Buffer) => {
      const at = MINOR_VERSION_AT - passed;
      if (this.#lowerVersion && at >= 0 && at < chunk.length) chunk[at] = 0;
      passed += chunk.length;
      record(chunk);
      if (!to.write(chunk)) {
        from.pause();
        to.once("drain", () => from.resume());
      }
    });
    // Either end, in whatever way it goes, takes the other one along.
    from.on("error", () => to.destroy());
    from.on("end", () => to.end());
    from.on("close", () => {
      this.#connections.delete(from);
      to.destroy();
    });
  }
}
