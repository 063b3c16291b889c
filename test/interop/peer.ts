import type { Command, DriverEvent, DriverSocket, Library, OptionSpec, Reply, SocketType } from "./driver.ts";
import { Driver } from "./driver.ts";
import type { FrameSpec, MessageReport, MessageSpec } from "./frames.ts";
import type { LibraryName } from "./libraries.ts";
import { PeerProcess } from "./peer-process.ts";
import { PeerThread } from "./peer-thread.ts";

export interface OpenOptions extends Record<string, OptionSpec[string]> {}

/** Whoever obeys the commands: a driver in this thread, or one in a child process or another thread. */
export interface Executor {
  run(command: Command): Promise<Reply>;
}

interface Remote extends Executor {
  readonly alive: boolean;
  leave(timeoutMs?: number): Promise<void>;
  kill(): Promise<void>;
}

/** One side of a conversation. The tests are written against this alone, whichever library is behind it. */
export class Peer {
  readonly #executor: Executor;

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  static inProcess(library: Library): Peer {
    return new Peer(new Driver(library));
  }

  static inChild(command: string, args: readonly string[]): Peer {
    return new Peer(new PeerProcess(command, args));
  }

  static inThread(library: LibraryName): Peer {
    return new Peer(new PeerThread(library));
  }

  get alive(): boolean {
    return this.#executor instanceof Driver || this.#remote.alive;
  }

  run(command: Command): Promise<Reply> {
    return this.#executor.run(command);
  }

  async version(): Promise<string> {
    return (await this.run({ op: "version" })).version ?? "";
  }

  /** A socket of `type`; `monitor` collects its events from the start. */
  async open(type: SocketType, options: OpenOptions = {}, { monitor = false } = {}): Promise<PeerSocket> {
    const { socket = 0 } = await this.run({ op: "open", type, options, monitor });
    return new PeerSocket(this, type, socket);
  }

  /** The socket itself, where the peer is in this process. */
  direct(number: number): DriverSocket {
    if (this.#executor instanceof Driver) return this.#executor.socket(number);
    throw new Error("this peer is elsewhere");
  }

  async stop(): Promise<void> {
    if (this.alive) await this.run({ op: "close-all" });
    if (!(this.#executor instanceof Driver)) await this.leave();
  }

  /** Its process or thread comes to its end, as at the end of its program: with its sockets open. */
  async leave(timeoutMs?: number): Promise<void> {
    await this.#remote.leave(timeoutMs);
  }

  /** It dies, as by a crash. */
  async kill(): Promise<void> {
    await this.#remote.kill();
  }

  /** The child process, for tests about one that hangs. */
  get process(): PeerProcess {
    if (this.#executor instanceof PeerProcess) return this.#executor;
    throw new Error("this peer is no process of its own");
  }

  get #remote(): Remote {
    if (this.#executor instanceof PeerProcess || this.#executor instanceof PeerThread) return this.#executor;
    throw new Error("this peer is the thread of the test");
  }
}

export interface Tally {
  readonly count: number;
  readonly missing: number;
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
  readonly elapsedMs: number;
}

export interface Flood {
  readonly count: number;
  readonly size?: number;
  readonly from?: number;
  readonly envelope?: MessageSpec;
  readonly timeoutMs?: number;
}

export class PeerSocket {
  readonly peer: Peer;
  readonly type: SocketType;
  readonly #number: number;
  #closed: boolean;

  constructor(peer: Peer, type: SocketType, number: number) {
    this.peer = peer;
    this.type = type;
    this.#number = number;
    this.#closed = false;
  }

  /** The object of the library itself. */
  get direct(): DriverSocket {
    return this.peer.direct(this.#number);
  }

  /** Answers with the endpoint that a peer can connect to. */
  async bind(endpoint: string): Promise<string> {
    return (await this.#run({ op: "bind", endpoint })).endpoint ?? "";
  }

  async connect(endpoint: string, routingId?: string): Promise<void> {
    await this.#run({ op: "connect", endpoint, ...(routingId === undefined ? {} : { routingId }) });
  }

  async unbind(endpoint: string): Promise<void> {
    await this.#run({ op: "unbind", endpoint });
  }

  async disconnect(endpoint: string): Promise<void> {
    await this.#run({ op: "disconnect", endpoint });
  }

  async set(options: OpenOptions): Promise<void> {
    await this.#run({ op: "set", options });
  }

  async subscribe(...topics: FrameSpec[]): Promise<void> {
    await this.#run({ op: "subscribe", topics });
  }

  async unsubscribe(...topics: FrameSpec[]): Promise<void> {
    await this.#run({ op: "unsubscribe", topics });
  }

  async send(messages: readonly MessageSpec[], timeoutMs?: number): Promise<void> {
    await this.#run({ op: "send", messages, ...within(timeoutMs) });
  }

  /** Up to `count` messages; fewer when no further one comes within the time. */
  async receive(count: number, timeoutMs?: number, skip?: string): Promise<MessageReport[]> {
    const reply = await this.#run({
      op: "receive",
      count,
      ...within(timeoutMs),
      ...(skip === undefined ? {} : { skip }),
    });
    return reply.messages ?? [];
  }

  /** The bytes that a STREAM receives from one connection, in one piece, with its id in front. */
  async collect(size: number, timeoutMs?: number): Promise<MessageReport> {
    return (await this.#run({ op: "collect", size, ...within(timeoutMs) })).messages?.[0] ?? [];
  }

  /** Sends each message and receives its answer before the next one. */
  async exchange(messages: readonly MessageSpec[], timeoutMs?: number): Promise<MessageReport[]> {
    return (await this.#run({ op: "exchange", messages, ...within(timeoutMs) })).messages ?? [];
  }

  /** Sends back each of `count` messages as it came. */
  async echo(count: number, timeoutMs?: number): Promise<number> {
    return (await this.#run({ op: "echo", count, ...within(timeoutMs) })).count ?? 0;
  }

  /** Sends numbered messages; answers how many were accepted before the send timed out. */
  async flood(flood: Flood): Promise<{ count: number; elapsedMs: number }> {
    const { count = 0, elapsedMs = 0 } = await this.#run({ op: "flood", ...flood });
    return { count, elapsedMs };
  }

  /** Sends numbered messages, each when the answer to the one before has come. */
  async roundTrips(count: number, size: number): Promise<{ count: number; elapsedMs: number }> {
    const reply = await this.#run({ op: "round-trips", count, size });
    return { count: reply.count ?? 0, elapsedMs: reply.elapsedMs ?? 0 };
  }

  /** Receives numbered messages until `count` or silence; they must come in order. */
  async drain(count: number, timeoutMs?: number, pauseMs = 0): Promise<Tally> {
    const reply = await this.#run({ op: "drain", count, pauseMs, ...within(timeoutMs) });
    return { count: 0, missing: 0, first: -1, last: -1, bytes: 0, elapsedMs: 0, ...reply };
  }

  /** How many peers are connected; of a socket of libzmq by its events, so it must be watched. */
  async peerCount(): Promise<number> {
    return (await this.#run({ op: "peers" })).count ?? 0;
  }

  async events(): Promise<readonly DriverEvent[]> {
    return (await this.#run({ op: "events" })).events ?? [];
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#run({ op: "close" });
  }

  /** The test closes the socket itself. */
  async forget(): Promise<void> {
    this.#closed = true;
    await this.#run({ op: "forget" });
  }

  /** The end of a test: nothing that is still queued matters any more. */
  async discard(): Promise<void> {
    if (this.#closed || !this.peer.alive) return;
    this.#closed = true;
    await this.#run({ op: "discard" });
  }

  #run(command: Command): Promise<Reply> {
    return this.peer.run({ ...command, socket: this.#number });
  }
}

function within(timeoutMs: number | undefined): { timeoutMs?: number } {
  return timeoutMs === undefined ? {} : { timeoutMs };
}
