import { ZmqError } from "../../base/errors.ts";
import type { Timer } from "../../base/platform.ts";
import { platform } from "../../base/platform.ts";
import { Context } from "../../core/context.ts";
import { Dealer } from "../../sockets/reqrep/dealer.ts";
import { coreOf } from "../../sockets/socket.ts";
import { IpcTransport } from "../../transports/ipc.ts";
import type { Answers, Ask, Head, Request } from "./protocol.ts";
import { INSPECT_VERSION, parseJson, toJson } from "./protocol.ts";

/** An answer, put together. */
export interface Answer<A extends Ask> {
  readonly head: Head;
  readonly list: readonly Answers[A][];
}

interface Question {
  readonly resolve: (answer: Answer<Ask>) => void;
  readonly reject: (error: Error) => void;
  readonly timer: Timer;
}

/** A client's connection to the inspector of one thread. While a question is open the process is kept alive. */
export class ThreadLink {
  readonly endpoint: string;
  readonly #dealer: Dealer;
  readonly #questions: Map<number, Question>;
  #lastId: number;
  #failure: ZmqError | null;

  constructor(endpoint: string) {
    this.endpoint = endpoint;
    this.#questions = new Map();
    this.#lastId = 0;
    this.#failure = null;
    this.#dealer = new Dealer({
      context: new Context({}, [new IpcTransport()]),
      linger: 0,
      reconnectInterval: -1,
    });
    this.#dealer.events
      .on("close", ({ error }) => error && this.#fail("Nobody answers at", error))
      .on("disconnect", ({ error }) => this.#fail("The inspected process left", error))
      .on("handshake:error:other", ({ error }) => this.#fail("No inspector answers at", error))
      .on("handshake:error:protocol", ({ error }) => this.#fail("No inspector answers at", error));
    coreOf(this.#dealer).onActivity = () => this.#receive();
    this.#dealer.connect(endpoint);
  }

  /** Whether it answers no more. */
  get isOver(): boolean {
    return this.#failure !== null;
  }

  /** ETIMEDOUT if no answer comes, EPIPE if the process ends, EPROTO for what is no answer, else the inspector's error. */
  ask<A extends Ask>(ask: A, timeoutMs: number, since?: number): Promise<Answer<A>> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const id = ++this.#lastId;
    const request: Request = { v: INSPECT_VERSION, id, ask, ...(since !== undefined && { since }) };
    return new Promise<Answer<A>>((resolve, reject) => {
      platform.hold();
      const timer = platform.setTimer(() => this.#settle(id)?.reject(this.#silence(timeoutMs)), timeoutMs);
      this.#questions.set(id, { resolve: resolve as Question["resolve"], reject, timer });
      this.#dealer.send(toJson(request)).catch((error: Error) => this.#settle(id)?.reject(error));
    });
  }

  async close(): Promise<void> {
    this.#fail("The link was closed to", null);
    coreOf(this.#dealer).onActivity = null;
    await this.#dealer.close();
  }

  #receive(): void {
    while (this.#failure === null) {
      const message = this.#dealer.tryReceive();
      if (message === undefined) return;
      this.#take(message);
    }
  }

  #take([first, ...frames]: readonly Uint8Array[]): void {
    const head = parseJson(first as Uint8Array) as Head | undefined | null;
    const question = this.#settle(head?.id ?? -1);
    if (question === undefined || head === undefined || head === null) return;
    const lists = frames.map(parseJson);
    if (head.error !== undefined) question.reject(refused(head.error));
    else if (lists.every(Array.isArray))
      question.resolve({ head, list: lists.flat() as Answer<Ask>["list"] });
    else question.reject(new ZmqError("EPROTO", `What ${this.endpoint} answered is no list.`));
  }

  #settle(id: number): Question | undefined {
    const question = this.#questions.get(id);
    if (question === undefined) return undefined;
    this.#questions.delete(id);
    platform.clearTimer(question.timer);
    platform.release();
    return question;
  }

  #silence(timeoutMs: number): ZmqError {
    return new ZmqError("ETIMEDOUT", `${this.endpoint} did not answer within ${timeoutMs} ms.`, {
      remedy: "Its thread may be busy or blocked: an inspector answers when the event loop turns.",
    });
  }

  #fail(what: string, cause: Error | null | undefined): void {
    this.#failure ??= new ZmqError("EPIPE", `${what} ${this.endpoint}.`, {
      remedy: "Look with `zmq ps` for what can be inspected.",
      ...(cause && { cause }),
    });
    for (const id of [...this.#questions.keys()]) this.#settle(id)?.reject(this.#failure);
  }
}

function refused({ code, message }: NonNullable<Head["error"]>): ZmqError {
  return new ZmqError(code === "EINVAL" ? "EINVAL" : "EIO", String(message), {
    remedy: "The inspected process may run another version of the package.",
  });
}
