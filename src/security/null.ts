import { ProtocolError } from "../base/errors.ts";
import { commandIs, encodeError, encodeReady, parseReady } from "../wire/command.ts";
import type { Metadata } from "../wire/metadata.ts";
import { NO_METADATA } from "../wire/metadata.ts";
import type { Ask, Verdict } from "./authenticator.ts";
import { Inquiry } from "./authenticator.ts";
import type { LocalIdentity, Mechanism } from "./mechanism.ts";
import { localProperties, refusal } from "./mechanism.ts";

/**
 * 37/ZMTP, The NULL Security Mechanism: each side sends READY with its properties, in any order, and is done when both
 * have come. No confidentiality, and no authentication but by the peer's address: with `ask`, READY goes out when the
 * peer may come in, and ERROR with the status if it may not.
 */
export class NullMechanism implements Mechanism {
  readonly name: string;
  readonly asServer: boolean;
  readonly codec: null;
  onProgress: (() => void) | null;
  peerProperties: Metadata;
  readonly #identity: LocalIdentity;
  readonly #inquiry: Inquiry | null;
  #isAsked: boolean;
  #isErrorSent: boolean;
  #isReadySent: boolean;
  #isReadyReceived: boolean;

  constructor(identity: LocalIdentity, ask: Ask | null = null) {
    this.name = "NULL";
    this.asServer = false;
    this.codec = null;
    this.onProgress = null;
    this.peerProperties = NO_METADATA;
    this.#identity = identity;
    this.#inquiry = ask === null ? null : new Inquiry(ask);
    this.#isAsked = false;
    this.#isErrorSent = false;
    this.#isReadySent = false;
    this.#isReadyReceived = false;
  }

  get isComplete(): boolean {
    return this.#isReadySent && this.#isReadyReceived;
  }

  get awaited(): string | null {
    return this.#isAsked && !this.#isReadySent ? null : "READY";
  }

  get verdict(): Verdict | null {
    return this.#inquiry === null ? null : this.#inquiry.verdict;
  }

  nextCommand(): Uint8Array | null {
    if (this.#isReadySent) return null;
    const inquiry = this.#inquiry;
    if (inquiry !== null) {
      if (!this.#isAsked) {
        this.#isAsked = true;
        inquiry.ask({ mechanism: "NULL", credentials: [] }, () => this.onProgress?.());
      }
      const { status } = inquiry;
      if (status === 0) return null;
      if (status !== 200) {
        if (this.#isErrorSent || status === 300) throw inquiry.refusal();
        this.#isErrorSent = true;
        return encodeError(String(status));
      }
    }
    this.#isReadySent = true;
    return encodeReady(localProperties(this.#identity));
  }

  receive(command: Uint8Array): void {
    if (commandIs(command, "READY") && !this.#isReadyReceived) {
      this.#isReadyReceived = true;
      this.peerProperties = parseReady(command);
      return;
    }
    if (commandIs(command, "ERROR")) throw refusal(command);
    throw new ProtocolError(
      "ERR_ZMTP_UNEXPECTED_COMMAND",
      "The peer sent something else than one READY in its NULL handshake.",
      '37/ZMTP, The NULL Security Mechanism: "null = ready *message | error"',
    );
  }

  close(): void {
    this.#inquiry?.close();
  }
}
