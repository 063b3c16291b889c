import { commandDataStart, commandIs, encodeCommand, encodeReady } from "../wire/command.ts";
import type { Metadata } from "../wire/metadata.ts";
import { NO_METADATA, parseMetadata } from "../wire/metadata.ts";
import type { Ask, Verdict } from "./authenticator.ts";
import { Inquiry } from "./authenticator.ts";
import type { LocalIdentity, Mechanism } from "./mechanism.ts";
import { localProperties, refusal } from "./mechanism.ts";
import { asPlainError, encodePlainErrors, parseHello, plainError } from "./plain-commands.ts";

/** What comes next; what we are to say, and what we are to hear, in turn. */
const HEAR_HELLO = 0;
const HEAR_VERDICT = 1;
const HEAR_INITIATE = 2;
const SAY_READY = 3;
const DONE = 4;

/**
 * The server of 24/ZMTP-PLAIN: lets in whom the authenticator lets in.
 *
 *     HELLO -> (ask) -> WELCOME -> INITIATE -> READY
 *                  \--> ERROR 400 or 500; 300 is silent, "a temporary error": the client tries again
 */
export class PlainServer implements Mechanism {
  readonly name: string;
  readonly asServer: boolean;
  readonly codec: null;
  onProgress: (() => void) | null;
  peerProperties: Metadata;
  readonly #identity: LocalIdentity;
  readonly #inquiry: Inquiry;
  #state: number;
  /** ERRORs that have yet to go out. */
  #farewell: Uint8Array[] | null;

  constructor(identity: LocalIdentity, ask: Ask) {
    this.name = "PLAIN";
    // 24/ZMTP-PLAIN uses the field; libzmq sends zero, and nobody may rely on it.
    this.asServer = true;
    this.codec = null;
    this.onProgress = null;
    this.peerProperties = NO_METADATA;
    this.#identity = identity;
    this.#inquiry = new Inquiry(ask);
    this.#state = HEAR_HELLO;
    this.#farewell = null;
  }

  get isComplete(): boolean {
    return this.#state === DONE;
  }

  get awaited(): string | null {
    if (this.#state === HEAR_HELLO) return "HELLO";
    return this.#state === HEAR_VERDICT ? null : "INITIATE";
  }

  get verdict(): Verdict | null {
    return this.#inquiry.verdict;
  }

  nextCommand(): Uint8Array | null {
    if (this.#state === SAY_READY) {
      this.#state = DONE;
      return encodeReady(localProperties(this.#identity));
    }
    if (this.#state !== HEAR_VERDICT) return null;
    const { status } = this.#inquiry;
    if (status === 0) return null;
    if (status === 200) {
      this.#state = HEAR_INITIATE;
      return encodeCommand("WELCOME");
    }
    this.#farewell ??= status === 300 ? [] : encodePlainErrors(status).reverse();
    const error = this.#farewell.pop();
    if (error === undefined) throw this.#inquiry.refusal();
    return error;
  }

  receive(command: Uint8Array): void {
    if (this.#state === HEAR_HELLO && commandIs(command, "HELLO")) {
      const { username, password } = parseHello(command);
      this.#state = HEAR_VERDICT;
      this.#inquiry.ask({ mechanism: "PLAIN", credentials: [username, password] }, () => this.onProgress?.());
      return;
    }
    if (this.#state === HEAR_INITIATE && commandIs(command, "INITIATE")) {
      this.peerProperties = parseMetadata(command, commandDataStart(command));
      this.#state = SAY_READY;
      return;
    }
    const error = asPlainError(command);
    if (error !== null) throw refusal(error);
    const awaited =
      ["HELLO", "nothing before its WELCOME", "INITIATE"][this.#state] ?? "nothing before READY";
    throw plainError(
      "ERR_ZMTP_UNEXPECTED_COMMAND",
      `The client sent something else than ${awaited}.`,
      "plain = C:hello ( S:welcome | S:error ) C:initiate ( S:ready | S:error )",
    );
  }

  close(): void {
    this.#inquiry.close();
  }
}
