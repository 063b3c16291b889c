import { bytesKey } from "../base/bytes.ts";
import type { ProtocolError, ZmqError } from "../base/errors.ts";
import { AuthError } from "../base/errors.ts";
import { KEY_SIZE } from "../crypto/provider.ts";
import { encodeZ85 } from "../crypto/z85.ts";
import type { Metadata } from "../wire/metadata.ts";

/**
 * CONTRACT. Between a mechanism that has to know whether its peer may come in, and who decides (27/ZAP, or whoever
 * stands in for it). The answer may come at once, out of the call, or at any later time; never twice. An answer that
 * comes after the connection's end is ignored. What is given back, if anything, withdraws the question: nobody waits for
 * the answer any more, and it does not come.
 */
export type Ask = (request: Authentication, answer: Answer) => Withdraw | undefined;

/** May be called at any time, and more than once. */
export type Withdraw = () => void;

/** A verdict, or the error that kept it from being had: that ends the connection too. */
export type Answer = (outcome: Outcome) => void;

export type Outcome = Verdict | ProtocolError | ZmqError;

/** What a mechanism knows of its peer. */
export interface Authentication {
  /** `NULL`, `PLAIN`, `CURVE`. */
  readonly mechanism: string;
  /** PLAIN: user name and password. CURVE: the 32 octets of the client's permanent public key. NULL: none. */
  readonly credentials: readonly Uint8Array[];
}

/** 27/ZAP, Message Format: "status code". */
export interface Verdict {
  /** 200: the peer may come in. 300: not now. 400: its credentials are wrong. 500: the authenticator failed. */
  readonly status: 200 | 300 | 400 | 500;
  /** Why, in words. */
  readonly text: string;
  /** Whom the authenticator takes the peer for; empty if it does not say, or for another status than 200. */
  readonly userId: string;
  /** What else the authenticator tells the application of the peer. */
  readonly metadata: Metadata | null;
}

/** The verdict where nobody needs to be asked. */
export const ADMITTED: Verdict = { status: 200, text: "", userId: "", metadata: null };

/**
 * The one question of a connection. A mechanism puts it with `ask` and has nothing to send until `status` says more
 * than 0; `onAnswered` tells when, unless the answer came out of `ask` itself.
 */
export class Inquiry {
  readonly #ask: Ask;
  /** Who it is about, in words. */
  #whom: string;
  #isAsking: boolean;
  #outcome: Outcome | null;
  #withdraw: Withdraw | undefined;

  constructor(ask: Ask) {
    this.#ask = ask;
    this.#whom = "";
    this.#isAsking = false;
    this.#outcome = null;
    this.#withdraw = undefined;
  }

  ask(request: Authentication, onAnswered: () => void): void {
    this.#isAsking = true;
    this.#whom = nameClient(request);
    this.#withdraw = this.#ask(request, (outcome) => {
      if (this.#outcome !== null) return;
      this.#outcome = outcome;
      this.#withdraw = undefined;
      if (!this.#isAsking) onAnswered();
    });
    this.#isAsking = false;
  }

  /** The connection is over: an answer that is still to come is for nobody. */
  close(): void {
    this.#withdraw?.();
    this.#withdraw = undefined;
  }

  /** 0 while there is no answer. Throws the error that came instead of a verdict. */
  get status(): 0 | Verdict["status"] {
    if (this.#outcome === null) return 0;
    if (this.#outcome instanceof Error) throw this.#outcome;
    return this.#outcome.status;
  }

  /** `null` while there is none. */
  get verdict(): Verdict | null {
    return this.#outcome instanceof Error ? null : this.#outcome;
  }

  /** Another status than 200 as the error that ends this connection. */
  refusal(): AuthError {
    const { status, text } = this.verdict as Verdict;
    const why = text === "" ? "" : `: "${printable(text)}"`;
    return new AuthError(
      status as Exclude<Verdict["status"], 200>,
      `The authenticator refused the peer (${this.#whom}) with status ${status}${why}.`,
    );
  }
}

/** What may be told of a client: whom it calls itself, or its public key. Never what it knows. */
function nameClient({ mechanism, credentials: [first] }: Authentication): string {
  if (mechanism === "PLAIN" && first !== undefined) return `PLAIN, user "${printable(bytesKey(first))}"`;
  if (mechanism === "CURVE" && first?.length === KEY_SIZE) return `CURVE, key ${encodeZ85(first)}`;
  return mechanism;
}

/** It may come from anywhere, and stands between quotation marks. */
function printable(text: string): string {
  return text.replace(/"/g, "'").replace(/[^\x20-\x7e]/g, "?");
}
