import { commandIs, encodeCommand, parseReady } from "../wire/command.ts";
import type { Metadata } from "../wire/metadata.ts";
import { encodeMetadata, NO_METADATA } from "../wire/metadata.ts";
import type { LocalIdentity, Mechanism } from "./mechanism.ts";
import { localProperties, refusal } from "./mechanism.ts";
import type { PlainCredentials } from "./plain-commands.ts";
import { asPlainError, encodeHello, plainError } from "./plain-commands.ts";

/** What comes next; what we are to say, and what we are to hear, in turn. */
const SAY_HELLO = 0;
const HEAR_WELCOME = 1;
const SAY_INITIATE = 2;
const HEAR_READY = 3;
const DONE = 4;

/**
 * The client of 24/ZMTP-PLAIN: shows a user name and a password, in clear text.
 *
 *     HELLO -> WELCOME -> INITIATE -> READY          ERROR instead of WELCOME or READY
 */
export class PlainClient implements Mechanism {
  readonly name: string;
  readonly asServer: boolean;
  readonly codec: null;
  readonly verdict: null;
  onProgress: (() => void) | null;
  peerProperties: Metadata;
  readonly #identity: LocalIdentity;
  readonly #credentials: PlainCredentials;
  #state: number;

  constructor(identity: LocalIdentity, credentials: PlainCredentials) {
    this.name = "PLAIN";
    this.asServer = false;
    this.codec = null;
    this.verdict = null;
    this.onProgress = null;
    this.peerProperties = NO_METADATA;
    this.#identity = identity;
    this.#credentials = credentials;
    this.#state = SAY_HELLO;
  }

  get isComplete(): boolean {
    return this.#state === DONE;
  }

  get awaited(): string {
    return this.#state <= HEAR_WELCOME ? "WELCOME" : "READY";
  }

  nextCommand(): Uint8Array | null {
    if (this.#state === SAY_HELLO) {
      this.#state = HEAR_WELCOME;
      return encodeHello(this.#credentials);
    }
    if (this.#state !== SAY_INITIATE) return null;
    this.#state = HEAR_READY;
    return encodeCommand("INITIATE", encodeMetadata(localProperties(this.#identity)));
  }

  receive(command: Uint8Array): void {
    if (this.#state === HEAR_WELCOME && commandIs(command, "WELCOME")) {
      if (command.length !== "?WELCOME".length) {
        throw plainError(
          "ERR_ZMTP_MALFORMED_COMMAND_WELCOME",
          "The server's WELCOME holds something.",
          'welcome = command-size %d7 "WELCOME"',
        );
      }
      this.#state = SAY_INITIATE;
      return;
    }
    if (this.#state === HEAR_READY && commandIs(command, "READY")) {
      this.peerProperties = parseReady(command);
      this.#state = DONE;
      return;
    }
    const error = asPlainError(command);
    if (error !== null) throw refusal(error);
    throw plainError(
      "ERR_ZMTP_UNEXPECTED_COMMAND",
      commandIs(command, "HELLO")
        ? "The peer is a client of PLAIN like this socket: one of the two must be the server."
        : `The server sent something else than ${this.#state === HEAR_READY ? "READY" : "WELCOME"}.`,
      "plain = C:hello ( S:welcome | S:error ) C:initiate ( S:ready | S:error )",
    );
  }
}
