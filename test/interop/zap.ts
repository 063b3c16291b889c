import type { PeerSocket } from "./peer.ts";
import type { Open } from "./scope.ts";
import { until } from "./waiting.ts";

/** What a handler of ZAP was asked, and what it answers; behind version and request id. */
export interface ZapRequest {
  readonly domain: string;
  readonly address: string;
  readonly identity: string;
  readonly mechanism: string;
  readonly credentials: readonly string[];
}

const LOOK_MS = 50;

/**
 * A handler of ZAP on a REP socket of either side: `decide` gives the status. It goes on until `end`.
 */
export class ZapHandler {
  readonly requests: ZapRequest[];
  readonly #socket: PeerSocket;
  readonly #decide: (request: ZapRequest) => string;
  #isEnded: boolean;
  #loop: Promise<void>;

  private constructor(socket: PeerSocket, decide: (request: ZapRequest) => string) {
    this.requests = [];
    this.#socket = socket;
    this.#decide = decide;
    this.#isEnded = false;
    this.#loop = this.#serve();
  }

  static async open(open: Open, decide: (request: ZapRequest) => string): Promise<ZapHandler> {
    const socket = await open("REP");
    // libzmq frees a name some time after its socket was closed.
    await until("the name", () => socket.bind("inproc://zeromq.zap.01").catch(() => undefined));
    return new ZapHandler(socket, decide);
  }

  /** It goes on until its peer stops, instead of until `end`. */
  leave(): void {
    this.#loop.catch(() => undefined);
  }

  async end(): Promise<void> {
    this.#isEnded = true;
    await this.#loop;
    await this.#socket.discard();
  }

  async #serve(): Promise<void> {
    while (!this.#isEnded) {
      const [frames] = await this.#socket.receive(1, LOOK_MS);
      if (frames === undefined) continue;
      const [
        version = "",
        id = "",
        domain = "",
        address = "",
        identity = "",
        mechanism = "",
        ...credentials
      ] = frames.map((frame) => frame.replace(/^'|'$/g, ""));
      const request = { domain, address, identity, mechanism, credentials };
      this.requests.push(request);
      const status = this.#decide(request);
      const userId = status === "200" ? "joe" : "";
      await this.#socket.send([[version, id, status, "text", userId, ""]]);
    }
  }
}
