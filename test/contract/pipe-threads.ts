// A shared pipe whose second end is in another thread, for the suite of pipes: every call on that end is a call to the
// thread, which blocks until it has answered.

import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Message } from "../../src/base/message.ts";
import type { DropReason, PeerInfo, Pipe, PipeCounters, PipeEvents, PipeSink } from "../../src/pipe/pipe.ts";
import { createSharedPipe } from "../../src/threads/ring/shared-pipe.ts";
import { Directory } from "../../src/threads/seat/directory.ts";
import { Seat } from "../../src/threads/seat/seat.ts";
import type { PipeMaker, PipeSettings } from "./pipe-rig.ts";

export interface Call {
  readonly name: string;
  readonly values: readonly unknown[];
}

/** What can be seen of the far end. */
export interface FarState {
  readonly unreadCount: number;
  readonly isEnded: boolean;
  readonly isClosed: boolean;
  readonly live: boolean;
  readonly crossesThreads: boolean;
  readonly written: PipeCounters;
  readonly received: PipeCounters;
}

export interface Reply {
  value: unknown;
  error: string | null;
  events: string[];
  /** What a sink took. */
  taken: Message[];
  state: FarState | null;
}

const ANSWER_MS = 10_000;

export class FarThread implements PipeMaker {
  readonly hasDirectSinks = false;
  readonly #seat: Seat;
  readonly #worker: Worker;
  readonly #port: MessageChannel["port1"];
  readonly #turn: Int32Array;
  #end: FarEnd | null = null;

  constructor() {
    const directory = Directory.create();
    this.#seat = Seat.take(directory);
    const cell = new SharedArrayBuffer(8);
    this.#turn = new Int32Array(cell);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.unref();
    this.#worker = new Worker(new URL("./pipe-threads-worker.js", import.meta.url), {
      workerData: { memory: directory.memory, cell, port: port2 },
      transferList: [port2],
    });
    this.#worker.unref();
  }

  make(settings: PipeSettings, first: PeerInfo, second: PeerInfo): readonly [Pipe, Pipe] {
    const near = createSharedPipe(this.#seat, settings, first);
    const far = new FarEnd(this, second);
    this.#end = far;
    const there = this.#seat.directory.threads().find(({ uid }) => uid !== this.#seat.me.uid);
    this.call("open", near.offer(there ?? { seat: 0, uid: 0 }));
    return [near, far];
  }

  async settle(): Promise<void> {
    // What one end tells may make the other tell something.
    for (let quiet = 0; quiet < 2; ) {
      this.#end?.tellSink();
      const near = this.#seat.block(0);
      const before = this.#end?.toldCount;
      this.call("settle");
      quiet = near || this.#end?.toldCount !== before ? 0 : quiet + 1;
    }
  }

  call(name: string, ...values: unknown[]): unknown {
    this.#port.postMessage({ name, values } satisfies Call);
    Atomics.store(this.#turn, 0, 1);
    Atomics.notify(this.#turn, 0);
    // A notify for the answer before may come only now.
    while (Atomics.load(this.#turn, 1) === 0) {
      if (Atomics.wait(this.#turn, 1, 0, ANSWER_MS) === "timed-out")
        throw new Error(`${name} was not answered`);
    }
    Atomics.store(this.#turn, 1, 0);
    const reply = receiveMessageOnPort(this.#port)?.message as Reply;
    if (reply.error !== null) throw new Error(reply.error);
    this.#end?.onReply(reply);
    return reply.value;
  }

  async end(): Promise<void> {
    this.#port.postMessage({ name: "end", values: [] } satisfies Call);
    Atomics.store(this.#turn, 0, 1);
    Atomics.notify(this.#turn, 0);
    this.#worker.ref();
    await new Promise((resolve) => this.#worker.once("exit", resolve));
    this.#seat.vacate();
  }
}

/** Stands for the end in the other thread. */
class FarEnd implements Pipe {
  events: PipeEvents;
  peer: PeerInfo;
  toldCount = 0;
  readonly #thread: FarThread;
  #state: FarState | null = null;
  #sink: PipeSink | null = null;

  constructor(thread: FarThread, peer: PeerInfo) {
    this.#thread = thread;
    this.peer = peer;
    this.events = {
      onReadable: () => undefined,
      onWritable: () => undefined,
      onPeerClosed: () => undefined,
      onDrained: () => undefined,
    };
  }

  get crossesThreads(): boolean {
    return this.#look().crossesThreads;
  }

  get runs(): null {
    return null;
  }

  get live(): boolean {
    return this.#look().live;
  }

  set live(isLive: boolean) {
    this.#thread.call("live", isLive);
  }

  get unreadCount(): number {
    return this.#look().unreadCount;
  }

  get isEnded(): boolean {
    return this.#look().isEnded;
  }

  get isClosed(): boolean {
    return this.#look().isClosed;
  }

  get written(): PipeCounters {
    return this.#look().written;
  }

  get received(): PipeCounters {
    return this.#look().received;
  }

  onReply(reply: Reply): void {
    this.#state = reply.state;
    for (const message of reply.taken) this.#sink?.take(message, true);
    for (const event of reply.events) {
      this.toldCount++;
      const [name, reason] = event.split(" ");
      if (name === "onFirstDrop") this.events.onFirstDrop?.(this, reason as DropReason);
      else this.events[event as "onReadable"](this);
    }
  }

  tryWrite(message: Message, owned: boolean): boolean {
    return this.#thread.call("tryWrite", message, owned) as boolean;
  }

  writeControl(message: Message): void {
    this.#thread.call("writeControl", message);
  }

  restartControl(messages: readonly Message[]): void {
    this.#thread.call("restartControl", messages);
  }

  checkWritable(): boolean {
    return this.#thread.call("checkWritable") as boolean;
  }

  tryRead(): Message | undefined {
    return this.#thread.call("tryRead") as Message | undefined;
  }

  tryReadMany(countMax: number): Message[] | undefined {
    return this.#thread.call("tryReadMany", countMax) as Message[] | undefined;
  }

  checkReadable(): boolean {
    return this.#thread.call("checkReadable") as boolean;
  }

  setSink(sink: (PipeSink & { readonly isOpen?: boolean }) | null): void {
    this.#sink = sink;
    this.tellSink();
  }

  noteRoom(): void {
    this.tellSink();
    this.#thread.call("noteRoom");
  }

  close(reason: DropReason): void {
    this.#thread.call("close", reason);
  }

  discard(count: number, reason: DropReason): void {
    this.#thread.call("discard", count, reason);
  }

  countDrop(reason: DropReason): void {
    this.#thread.call("countDrop", reason);
  }

  retract(count: number, reason: DropReason): void {
    this.#thread.call("retract", count, reason);
  }

  setHighWaterMarks(writeHwm: number, readHwm: number): void {
    this.#thread.call("setHighWaterMarks", writeHwm, readHwm);
  }

  /** As the end is now, without an event of its own. */
  #look(): FarState {
    this.tellSink();
    this.#thread.call("checkNothing");
    return this.#state as FarState;
  }

  tellSink(): void {
    const sink = this.#sink as (PipeSink & { readonly isOpen?: boolean }) | null;
    this.#thread.call("sink", sink === null ? null : { isOpen: sink.isOpen ?? true, held: sink.heldCount });
  }
}
