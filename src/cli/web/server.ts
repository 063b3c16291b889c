import type { IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Asset } from "./assets.ts";
import { loadAssets } from "./assets.ts";
import type { StateSource } from "./feed.ts";
import { Feed } from "./feed.ts";
import { Gate } from "./gate.ts";

const ADDRESS = "127.0.0.1";
const PERIOD_MS = 1000;
const PAGE_COUNT_MAX = 16;
const CONNECTION_COUNT_MAX = 128;
const REQUEST_MS_MAX = 10_000;
const HEADER_SIZE_MAX = 8192;

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

const HEADERS: OutgoingHttpHeaders = {
  "Content-Security-Policy": POLICY,
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
  "Cache-Control": "no-store",
};

export interface WebSettings {
  readonly source: StateSource;
  /** Where the page's files are. */
  readonly folder?: string;
  readonly periodMs?: number;
}

/** Serves the live page on this machine alone, to those who have the token. */
export class WebServer {
  readonly #source: StateSource;
  readonly #feed: Feed;
  readonly #assets: ReadonlyMap<string, Asset>;
  readonly #server: Server;
  #gate: Gate | null;

  constructor({ source, folder = ownFolder(), periodMs = PERIOD_MS }: WebSettings) {
    this.#source = source;
    this.#feed = new Feed(source, periodMs);
    this.#assets = loadAssets(folder);
    this.#server = createServer(
      { maxHeaderSize: HEADER_SIZE_MAX, headersTimeout: REQUEST_MS_MAX, requestTimeout: REQUEST_MS_MAX },
      (request, response) => this.#answer(request, response),
    );
    this.#server.maxConnections = CONNECTION_COUNT_MAX;
    this.#gate = null;
  }

  /** How many pages listen. */
  get pageCount(): number {
    return this.#feed.pageCount;
  }

  /** Listens, and answers the address that lets a browser in. Port 0 is any that is free. */
  async listen(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host: ADDRESS, port, exclusive: true }, resolve);
    });
    const bound = (this.#server.address() as AddressInfo).port;
    this.#gate = new Gate(bound);
    return `http://${ADDRESS}:${bound}/?token=${this.#gate.token}`;
  }

  async close(): Promise<void> {
    this.#feed.close();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const verdict = (this.#gate as Gate).judge(request);
    if (verdict.kind === "out") {
      say(response, verdict.status, verdict.reason, verdict.status === 405 ? { Allow: "GET" } : {});
    } else if (verdict.kind === "welcome") {
      // Away from the address bar, the history and the screenshots with it.
      say(response, 303, "", { Location: "/", "Set-Cookie": verdict.cookie });
    } else {
      this.#serve((request.url as string).split("?")[0] as string, response);
    }
  }

  #serve(path: string, response: ServerResponse): void {
    const asset = this.#assets.get(path);
    if (asset !== undefined) {
      const facts = { "Content-Type": asset.type, "Content-Length": asset.body.length };
      response.writeHead(200, { ...HEADERS, ...facts }).end(asset.body);
    } else if (path === "/events") {
      this.#listenTo(response);
    } else if (path === "/state") {
      void this.#tellState(response);
    } else {
      say(response, 404, "There is no such thing here.");
    }
  }

  #listenTo(response: ServerResponse): void {
    if (this.#feed.pageCount >= PAGE_COUNT_MAX) {
      say(response, 503, `At most ${PAGE_COUNT_MAX} pages are served at a time: close one.`);
      return;
    }
    response.writeHead(200, { ...HEADERS, "Content-Type": "text/event-stream; charset=utf-8" });
    this.#feed.add(response);
  }

  async #tellState(response: ServerResponse): Promise<void> {
    try {
      const text = JSON.stringify(await this.#source.read());
      response.writeHead(200, { ...HEADERS, "Content-Type": "application/json; charset=utf-8" }).end(text);
    } catch (error) {
      say(response, 500, (error as Error).message);
    }
  }
}

function say(
  response: ServerResponse,
  status: number,
  sentence: string,
  headers: OutgoingHttpHeaders = {},
): void {
  response
    .writeHead(status, { ...HEADERS, "Content-Type": "text/plain; charset=utf-8", ...headers })
    .end(`${sentence}\n`);
}

function ownFolder(): string {
  return fileURLToPath(new URL("./page", import.meta.url));
}
