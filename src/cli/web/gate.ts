import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

const SECRET_SIZE = 32;

/** What the gate thinks of a request: in, to be let in with the cookie, or why not. */
export type Verdict =
  | { readonly kind: "in" }
  | { readonly kind: "welcome"; readonly cookie: string }
  | { readonly kind: "out"; readonly status: 403 | 405; readonly reason: string };

/**
 * Who may see the page: whoever has the token that was printed with the address. It is good for a cookie that no script
 * reads and no other site sends. The Host header must name this server, so that a foreign name that is made to lead here
 * (DNS rebinding) leads nowhere.
 */
export class Gate {
  readonly token: string;
  readonly #cookieName: string;
  readonly #session: string;
  readonly #hosts: ReadonlySet<string>;

  constructor(port: number) {
    this.token = randomBytes(SECRET_SIZE).toString("base64url");
    this.#session = randomBytes(SECRET_SIZE).toString("base64url");
    // Cookies know no ports: two pages on one machine must not take each other's.
    this.#cookieName = `zmq-inspect-${port}`;
    this.#hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  }

  judge(request: Pick<IncomingMessage, "method" | "url" | "headers">): Verdict {
    const { host, cookie, origin } = request.headers;
    if (host === undefined || !this.#hosts.has(host)) return out(403, "This server has another name.");
    if (request.method !== "GET") return out(405, "There is nothing here but to look at: GET.");
    if (origin !== undefined && origin !== `http://${host}`)
      return out(403, "Other sites have no business here.");
    // Not `new URL`, which throws at what a stranger may write.
    const [path, query = ""] = (request.url ?? "/").split("?", 2) as [string, string?];
    const token = new URLSearchParams(query).get("token");
    if (path === "/" && token !== null && isSame(token, this.token)) {
      return {
        kind: "welcome",
        cookie: `${this.#cookieName}=${this.#session}; Path=/; HttpOnly; SameSite=Strict`,
      };
    }
    const session = readCookie(cookie ?? "", this.#cookieName);
    if (session !== undefined && isSame(session, this.#session)) return { kind: "in" };
    return out(403, "Open the address that `zmq inspect --web` printed: it has the token in it.");
  }
}

function out(status: 403 | 405, reason: string): Verdict {
  return { kind: "out", status, reason };
}

/** In a time that says nothing of either. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

function readCookie(header: string, name: string): string | undefined {
  for (const part of header.split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}
