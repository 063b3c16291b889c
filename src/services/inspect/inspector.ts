import { threadId } from "node:worker_threads";
import { platform } from "../../base/platform.ts";
import { Context } from "../../core/context.ts";
import { Router } from "../../sockets/reqrep/router.ts";
import { coreOf } from "../../sockets/socket.ts";
import { IpcTransport } from "../../transports/ipc.ts";
import { answer } from "./answers.ts";
import { EventLog } from "./event-log.ts";
import { claimPath, closeToOthers } from "./place.ts";
import type { Head } from "./protocol.ts";
import { INSPECT_VERSION, parseRequest, REQUEST_SIZE_MAX, requestId, toJson } from "./protocol.ts";
import { ThreadReport } from "./thread-report.ts";

/** Requests of one client that wait. */
const WAITING_MAX = 32;
/** Answers that a client may leave unread: some megabytes each. */
const ANSWERS_MAX = 8;

/**
 * Answers who inspects this thread: a ROUTER on a private ipc endpoint, in a context of its own that nobody inspects. It
 * does not keep the process alive, and works a few milliseconds at a time.
 */
export class Inspector {
  readonly endpoint: string;
  readonly #router: Router;
  readonly #report: ThreadReport;
  readonly #log: EventLog;
  #isServing: boolean;
  #isClosed: boolean;

  /** Rejects with ZmqError: ENOTSUP without ipc, EACCES where the directory is not ours alone. */
  static async open(packageVersion: string): Promise<Inspector> {
    const path = claimPath(process.pid, threadId);
    const inspector = new Inspector(`ipc://${path}`, packageVersion);
    await inspector.#router.bind(inspector.endpoint);
    closeToOthers(path);
    inspector.#start();
    return inspector;
  }

  /** Not open yet. */
  constructor(endpoint: string, packageVersion: string) {
    this.endpoint = endpoint;
    this.#report = new ThreadReport(packageVersion);
    this.#log = new EventLog();
    this.#isServing = false;
    this.#isClosed = false;
    this.#router = new Router({
      context: new Context({}, [new IpcTransport()]),
      linger: 0,
      receiveHighWaterMark: WAITING_MAX,
      sendHighWaterMark: ANSWERS_MAX,
      maxMultipartSize: REQUEST_SIZE_MAX,
      maxFramesPerMessage: 1,
    });
  }

  #start(): void {
    // No call waits on the socket: that would keep the process alive.
    coreOf(this.#router).onActivity = () => this.#schedule();
    this.#schedule();
  }

  close(): Promise<unknown> {
    this.#isClosed = true;
    this.#report.close();
    this.#log.close();
    coreOf(this.#router).onActivity = null;
    return this.#router.close();
  }

  #schedule(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    platform.defer(() => void this.#serve());
  }

  /** One request after the other. Never rejects. */
  async #serve(): Promise<void> {
    for (;;) {
      const message = this.#isClosed ? undefined : this.#router.tryReceive();
      if (message === undefined) break;
      const reply = await this.#reply(message.at(-1) as Uint8Array);
      if (!this.#isClosed) this.#router.trySend([message[0] as Uint8Array, ...reply]);
    }
    this.#isServing = false;
  }

  async #reply(octets: Uint8Array): Promise<Uint8Array[]> {
    try {
      const request = parseRequest(octets);
      if (typeof request === "string") return [toJson(refusal(requestId(octets), "EINVAL", request))];
      const sources = { report: this.#report, log: this.#log, nowMs: () => platform.now() };
      const [head, ...frames] = await answer(request, sources);
      return [toJson(head), ...frames];
    } catch (error) {
      // A fault of ours must not end the process that is looked at.
      return [toJson(refusal(requestId(octets), "EIO", `The inspector failed: ${String(error)}`))];
    }
  }
}

function refusal(id: number | null, code: string, message: string): Head {
  return { v: INSPECT_VERSION, id, error: { code, message } };
}
