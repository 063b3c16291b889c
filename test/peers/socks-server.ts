// A SOCKS5 proxy of the tests (RFC 1928, RFC 1929): it writes down what it is asked, and answers as a test wants it to.

import { once } from "node:events";
import type { AddressInfo, Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import type { TestContext } from "node:test";

export interface SocksServerOptions {
  /** Lets nobody in without these. */
  readonly username?: string;
  readonly password?: string;
  /** The status of every reply, instead of making the connection. */
  readonly status?: number;
  /** What is sent when a client comes, or after its greeting, instead of any conversation. */
  readonly says?: Uint8Array;
  /** Never says anything. */
  readonly isSilent?: boolean;
  /** Hangs up after the greeting. */
  readonly hangsUp?: boolean;
  /** Sends octet by octet. */
  readonly isSlow?: boolean;
  /** The reply and the peer's first octets go out in one write. */
  readonly sticksTogether?: boolean;
  /** What names stand for: `host:port` for `host:port`. Addresses stand for themselves. */
  readonly names?: Readonly<Record<string, string>>;
}

export class SocksServer {
  /** `host:port`, as `socksProxy` takes it. */
  address: string;
  /** What clients asked to be connected with, e.g. `name far.example:5555`. */
  readonly requests: string[];
  /** Usernames and passwords that clients gave. */
  readonly logins: string[];
  /** Methods that clients offered. */
  readonly offers: string[];
  clientCount: number;
  readonly #options: SocksServerOptions;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  constructor(options: SocksServerOptions) {
    this.address = "";
    this.requests = [];
    this.logins = [];
    this.offers = [];
    this.clientCount = 0;
    this.#options = options;
    this.#sockets = new Set();
    this.#server = createServer((client) => this.#serve(client));
  }

  static async open(
    t: TestContext | { after(done: () => Promise<void>): void },
    options: SocksServerOptions = {},
    host = "127.0.0.1",
  ): Promise<SocksServer> {
    const proxy = new SocksServer(options);
    t.after(() => proxy.close());
    await proxy.listen(0, host);
    return proxy;
  }

  async listen(port: number, host = "127.0.0.1"): Promise<void> {
    this.#server.listen(port, host);
    await once(this.#server, "listening");
    const { port: given } = this.#server.address() as AddressInfo;
    this.address = host.includes(":") ? `[${host}]:${given}` : `${host}:${given}`;
  }

  /** Ends all connections, and goes on listening. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.drop();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(client: Socket): void {
    this.clientCount++;
    this.#own(client);
    const { isSilent, isSlow } = this.#options;
    if (isSilent) return;
    const say = (octets: Uint8Array): void => {
      client.setNoDelay(true);
      if (!isSlow) client.write(octets);
      else void saySlowly(client, octets);
    };
    let input = Buffer.alloc(0);
    let take: (octets: Buffer) => number = (octets) =>
      this.#onGreeting(octets, say, client, (next) => (take = next));
    const onData = (chunk: Buffer): void => {
      input = Buffer.concat([input, chunk]);
      for (let size = take(input); size > 0; size = input.length === 0 ? 0 : take(input)) {
        input = input.subarray(size);
      }
    };
    client.on("data", onData);
  }

  #onGreeting(octets: Buffer, say: Say, client: Socket, then: Then): number {
    if (octets.length < 2 || octets.length < 2 + octets[1]!) return 0;
    const methods = [...octets.subarray(2, 2 + octets[1]!)];
    this.offers.push(`${octets[0]}: ${methods.join(" ")}`);
    const { says, hangsUp, username } = this.#options;
    if (hangsUp) client.destroy();
    else if (says !== undefined) say(says);
    else {
      const method = username === undefined ? 0 : 2;
      if (!methods.includes(method)) {
        client.end(Buffer.of(5, 0xff));
        return octets.length;
      }
      say(Buffer.of(5, method));
      const onRequest: Take = (request) => this.#onRequest(request, say, client);
      then(method === 0 ? onRequest : (login) => this.#onLogin(login, say, client, () => then(onRequest)));
    }
    return 2 + methods.length;
  }

  #onLogin(octets: Buffer, say: Say, client: Socket, onDone: () => void): number {
    const nameSize = octets[1] ?? 0;
    const secretSize = octets[2 + nameSize];
    if (secretSize === undefined || octets.length < 3 + nameSize + secretSize) return 0;
    const username = octets.toString("utf8", 2, 2 + nameSize);
    const password = octets.toString("utf8", 3 + nameSize, 3 + nameSize + secretSize);
    this.logins.push(`${octets[0]}: ${username} ${password}`);
    const isRight = username === this.#options.username && password === (this.#options.password ?? "");
    if (isRight) {
      say(Buffer.of(1, 0));
      onDone();
    } else client.end(Buffer.of(1, 1));
    return 3 + nameSize + secretSize;
  }

  #onRequest(octets: Buffer, say: Say, client: Socket): number {
    const kind = octets[3];
    if (octets.length < 5 || kind === undefined) return 0;
    const addressSize = kind === 1 ? 4 : kind === 4 ? 16 : 1 + octets[4]!;
    if (octets.length < 4 + addressSize + 2) return 0;
    const address = octets.subarray(4, 4 + addressSize);
    const port = octets.readUInt16BE(4 + addressSize);
    const host =
      kind === 1
        ? address.join(".")
        : kind === 4
          ? (address.toString("hex").match(/..../g) as string[]).join(":")
          : address.toString("latin1", 1);
    this.requests.push(`${["", "ipv4", "", "name", "ipv6"][kind]} ${host}:${port}`);
    this.#answer(host, port, say, client);
    return 4 + addressSize + 2;
  }

  #answer(host: string, port: number, say: Say, client: Socket): void {
    const { status, names = {}, sticksTogether } = this.#options;
    const reply = (code: number): Buffer => Buffer.from([5, code, 0, 1, 127, 0, 0, 1, 0, 80]);
    if (status !== undefined) return say(reply(status));
    const there = names[`${host}:${port}`] ?? `${host}:${port}`;
    const far = connect(
      Number(there.slice(there.lastIndexOf(":") + 1)),
      there.slice(0, there.lastIndexOf(":")),
    );
    this.#own(far);
    client.removeAllListeners("data");
    client.pause();
    const join = (): void => {
      client.pipe(far);
      far.pipe(client);
    };
    far.once("connect", () => {
      if (sticksTogether) {
        client.pipe(far);
        far.once("data", (first) => {
          client.write(Buffer.concat([reply(0), first]));
          far.pipe(client);
        });
      } else {
        say(reply(0));
        setTimeout(join, this.#options.isSlow ? 50 : 0);
      }
    });
    far.once("error", () => client.write(reply(5)));
    far.once("close", () => client.destroy());
    client.once("close", () => far.destroy());
  }

  #own(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#sockets.delete(socket));
  }
}

type Say = (octets: Uint8Array) => void;
/** Octets that came: how many of them were taken, 0 while there are too few. */
type Take = (octets: Buffer) => number;
type Then = (next: Take) => void;

async function saySlowly(client: Socket, octets: Uint8Array): Promise<void> {
  for (const octet of octets) {
    if (client.destroyed) return;
    client.write(Buffer.of(octet));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
