import { ProtocolError } from "../base/errors.ts";
import { commandIs, encodeReady, parseReady } from "../wire/command.ts";
import type { Metadata } from "../wire/metadata.ts";
import { NO_METADATA } from "../wire/metadata.ts";
import type { LocalIdentity, Mechanism } from "./mechanism.ts";
import { localProperties, refusal } from "./mechanism.ts";

/**
 * 37/ZMTP, The NULL Security Mechanism: each side sends READY with its properties, in any order, and is done when both
 * have come. No authentication, no confidentiality.
 */
export class NullMechanism implements Mechanism {
  readonly name: string;
  readonly asServer: boolean;
  readonly codec: null;
  onProgress: (() => void) | null;
  peerProperties: Metadata;
  readonly #identity: LocalIdentity;
  #isReadySent: boolean;
  #isReadyReceived: boolean;

  constructor(identity: LocalIdentity) {
    this.name = "NULL";
    this.asServer = false;
    this.codec = null;
    this.onProgress = null;
    this.peerProperties = NO_METADATA;
    this.#identity = identity;
    this.#isReadySent = false;
    this.#isReadyReceived = false;
  }

  get isComplete(): boolean {
    return this.#isReadySent && this.#isReadyReceived;
  }

  nextCommand(): Uint8Array | null {
    if (this.#isReadySent) return null;
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
}
