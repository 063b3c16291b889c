import { isMainThread, workerData } from "node:worker_threads";
import type { ProtocolError } from "../../base/errors.ts";
import { installPlatform, platform } from "../../base/platform.ts";
import type { StreamTransport } from "../../core/transport.ts";
import type { DropReason } from "../../pipe/pipe.ts";
import { IpcTransport } from "../../transports/ipc.ts";
import { nodePlatform } from "../../transports/node-platform.ts";
import { TcpTransport } from "../../transports/tcp.ts";
import { CONTEXT_STATE, SEAT, seatWord } from "../layout.ts";
import type { PipeOffer, ThreadRef } from "../pipe-thread.ts";
import { Directory } from "../seat/directory.ts";
import { Seat } from "../seat/seat.ts";
import type { ErrorData, OutcomeData } from "./io-codec.ts";
import { decodeError } from "./io-codec.ts";
import { IoHost } from "./io-host.ts";
import type { IoAnswer, IoCall, IoTold, LinkOrder } from "./io-mail.ts";
import { IO_ANSWER_TOPIC, IO_TOPIC } from "./io-mail.ts";

/** What an I/O thread is started with. */
export interface IoWorkerData {
  readonly zeromqIo: {
    readonly memory: SharedArrayBuffer;
    readonly number: number;
    /** The thread that made it. */
    readonly maker: ThreadRef;
  };
}

/** An I/O thread: does what threads of the application call on IoThread, `onConnect` for `connect`. */
export class IoWorker {
  readonly #seat: Seat;
  readonly #transports: ReadonlyMap<string, StreamTransport>;
  /** Links by the uid of their sockets' thread, and by their numbers there. */
  readonly #hosts: Map<number, Map<number, IoHost>>;
  readonly #onIdle: () => void;

  /** `onIdle`: the context is over, and nothing is left to do. */
  constructor(seat: Seat, transports: readonly StreamTransport[], onIdle: () => void) {
    this.#seat = seat;
    this.#transports = new Map(transports.map((transport) => [transport.scheme, transport]));
    this.#hosts = new Map();
    this.#onIdle = onIdle;
    seat.mail.on(IO_TOPIC, (value, from) => this.#onCall(value as IoCall, from));
    seat.onGone((thread) => this.#onGone(thread));
    seat.addNewsListener(() => this.#endIfIdle());
    // Those that wait for us look around.
    seat.bell.ringAll();
  }

  onConnect(order: LinkOrder, offer: PipeOffer | null, from: ThreadRef): void {
    this.#makeHost(order, from, false).connect(this.#transportOf(order), offer);
  }

  onListen(order: LinkOrder, isSync: boolean, from: ThreadRef): void {
    this.#makeHost(order, from, isSync).listen(this.#transportOf(order), isSync);
  }

  onFinish(link: number, from: ThreadRef): void {
    this.#hostOf(link, from)?.finish();
  }

  onAbort(link: number, reason: DropReason, from: ThreadRef): void {
    this.#hostOf(link, from)?.abort(reason);
  }

  onBreakConnection(link: number, pipe: string, error: ErrorData, from: ThreadRef): void {
    this.#hostOf(link, from)?.breakConnection(pipe, decodeError(error) as ProtocolError);
  }

  onEndConnection(link: number, pipe: string, from: ThreadRef): void {
    this.#hostOf(link, from)?.endConnection(pipe);
  }

  onConfirm(link: number, turn: number, from: ThreadRef): void {
    this.#hostOf(link, from)?.confirm(turn);
  }

  onRefuse(mail: Extract<IoCall, { readonly call: "refuse" }>, from: ThreadRef): void {
    this.#hostOf(mail.link, from)?.refuse(mail.pipe, mail.turn, mail.address, mail.why);
  }

  onAnswer(link: number, question: number, outcome: OutcomeData, from: ThreadRef): void {
    this.#hostOf(link, from)?.onAnswer(question, outcome);
  }

  /** Listeners are closed at once, so that no file stays; what was written goes on to be taken. */
  onLeave(isProcess: boolean, from: ThreadRef): void {
    const leaving = [...this.#hosts.entries()].filter(([uid]) => isProcess || uid === from.uid);
    for (const [, hosts] of leaving) for (const host of [...hosts.values()]) host.finish();
    this.#answer(from, { told: "left" });
  }

  #onCall(mail: IoCall, from: ThreadRef): void {
    switch (mail.call) {
      case "connect":
        return this.onConnect(mail.order, mail.offer, from);
      case "listen":
        return this.onListen(mail.order, mail.isSync, from);
      case "finish":
        return this.onFinish(mail.link, from);
      case "abort":
        return this.onAbort(mail.link, mail.reason, from);
      case "breakConnection":
        return this.onBreakConnection(mail.link, mail.pipe, mail.error, from);
      case "endConnection":
        return this.onEndConnection(mail.link, mail.pipe, from);
      case "confirm":
        return this.onConfirm(mail.link, mail.turn, from);
      case "refuse":
        return this.onRefuse(mail, from);
      case "answer":
        return this.onAnswer(mail.link, mail.question, mail.outcome, from);
      case "leave":
        return this.onLeave(mail.isProcess, from);
    }
  }

  #makeHost(order: LinkOrder, from: ThreadRef, isSync: boolean): IoHost {
    const post = (told: IoTold): void => {
      // Who waits for it without the event loop may be in the midst of other mail.
      if (isSync && told.told === "bound") this.#answer(from, told);
      else if (!this.#seat.mail.post(from, IO_TOPIC, told) && told.told === "ended") this.#lighten();
    };
    const host = new IoHost(this.#seat, from, order, post, (ended) => this.#onEnded(ended));
    const hosts = this.#hosts.get(from.uid) ?? new Map<number, IoHost>();
    this.#hosts.set(from.uid, hosts);
    hosts.set(host.number, host);
    return host;
  }

  /** A link is gone whose crew will not hear of it, and so not count. */
  #lighten(): void {
    const { directory, me } = this.#seat;
    Atomics.sub(directory.words, seatWord(me.seat, SEAT.LOAD), 1);
  }

  #hostOf(link: number, from: ThreadRef): IoHost | undefined {
    return this.#hosts.get(from.uid)?.get(link);
  }

  #transportOf({ scheme }: LinkOrder): StreamTransport {
    return this.#transports.get(scheme) as StreamTransport;
  }

  #answer(to: ThreadRef, answer: IoAnswer): void {
    this.#seat.mail.post(to, IO_ANSWER_TOPIC, answer);
  }

  #onEnded(host: IoHost): void {
    const { uid } = host.owner;
    const hosts = this.#hosts.get(uid);
    hosts?.delete(host.number);
    if (hosts?.size === 0) this.#hosts.delete(uid);
    this.#endIfIdle();
  }

  /** The thread that had the sockets is gone: nobody can lose or win anything by what is left. */
  #onGone(thread: ThreadRef): void {
    const hosts = this.#hosts.get(thread.uid);
    if (hosts === undefined) return;
    for (const host of [...hosts.values()]) host.abort("peer-gone");
  }

  #endIfIdle(): void {
    const { directory } = this.#seat;
    if (directory.state !== CONTEXT_STATE.TERMINATED || this.#hosts.size > 0) return;
    if (directory.socketCount() === 0) this.#onIdle();
  }
}

/** Runs this thread as an I/O thread. */
function run({ memory, number, maker }: IoWorkerData["zeromqIo"]): void {
  installPlatform(nodePlatform);
  const seat = Seat.take(new Directory(memory), 1 + number);
  installPlatform({
    warn: (sentence, code) =>
      seat.mail.post(maker, IO_ANSWER_TOPIC, { told: "warning", sentence, code } satisfies IoAnswer),
  });
  // Its handles are unref'd, like everybody's.
  platform.hold();
  let isOver = false;
  new IoWorker(seat, [new TcpTransport(), new IpcTransport()], () => {
    if (isOver) return;
    isOver = true;
    seat.vacate();
    platform.release();
  });
}

const { zeromqIo } = (workerData ?? {}) as Partial<IoWorkerData>;
if (!isMainThread && zeromqIo !== undefined) run(zeromqIo);
