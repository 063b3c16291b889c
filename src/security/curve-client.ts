import { concatBytes } from "../base/bytes.ts";
import { openBox, sealBox } from "../crypto/box.ts";
import { loadBoxes, loadedBoxes } from "../crypto/load-boxes.ts";
import { randomOctets, wipe } from "../crypto/octets.ts";
import type { BoxProvider } from "../crypto/provider.ts";
import { KEY_SIZE } from "../crypto/provider.ts";
import type { SecretKey } from "../crypto/x25519.ts";
import { createSecretKey, importSecretKey, shareSecret } from "../crypto/x25519.ts";
import { commandIs } from "../wire/command.ts";
import { encodeMetadata, type Metadata, NO_METADATA, parseMetadata } from "../wire/metadata.ts";
import { CurveCodec } from "./curve-codec.ts";
import * as wire from "./curve-wire.ts";
import type { LocalIdentity, Mechanism } from "./mechanism.ts";
import { localProperties, refusal } from "./mechanism.ts";

/** The keys of a client. */
export interface CurveClientKeys {
  /** The client's permanent secret key, 32 octets. */
  readonly secretKey: Uint8Array;
  /** The server's permanent public key, 32 octets. */
  readonly serverKey: Uint8Array;
}

/** Whose turn it is, and with what. */
const SAY_HELLO = 0;
const HEAR_WELCOME = 1;
const SAY_INITIATE = 2;
const HEAR_READY = 3;
const DONE = 4;

const SIGNATURE = new Uint8Array(64);

/** The client of 26/CURVEZMQ: HELLO -> (WELCOME) -> INITIATE -> (READY). */
export class CurveClient implements Mechanism {
  readonly name: string;
  readonly asServer: boolean;
  readonly verdict: null;
  onProgress: (() => void) | null;
  peerProperties: Metadata;
  codec: CurveCodec | null;
  readonly #identity: LocalIdentity;
  readonly #permanent: SecretKey;
  readonly #serverKey: Uint8Array;
  #transient: SecretKey | null;
  /** What the boxes between C' and S are sealed with, and those between C' and S'. */
  #helloKey: Uint8Array | null;
  #sessionKey: Uint8Array | null;
  /** S' and the cookie. */
  #welcome: Uint8Array | null;
  readonly #sent: wire.NonceCounter;
  readonly #received: wire.NonceCounter;
  #state: number;
  #failure: Error | null;

  constructor(identity: LocalIdentity, keys: CurveClientKeys) {
    this.name = "CURVE";
    this.asServer = false;
    this.verdict = null;
    this.onProgress = null;
    this.peerProperties = NO_METADATA;
    this.codec = null;
    this.#identity = identity;
    this.#permanent = importSecretKey(keys.secretKey);
    this.#serverKey = keys.serverKey;
    this.#transient = null;
    this.#helloKey = null;
    this.#sessionKey = null;
    this.#welcome = null;
    this.#sent = new wire.NonceCounter();
    this.#received = new wire.NonceCounter();
    this.#state = SAY_HELLO;
    this.#failure = null;
  }

  get isComplete(): boolean {
    return this.#state === DONE;
  }

  get awaited(): string {
    return this.#state <= HEAR_WELCOME ? "WELCOME" : "READY";
  }

  nextCommand(): Uint8Array | null {
    if (this.#state !== SAY_HELLO && this.#state !== SAY_INITIATE) return null;
    const boxes = this.#boxes();
    if (boxes === null) return null;
    if (this.#state === SAY_HELLO) {
      this.#state = HEAR_WELCOME;
      return this.#sayHello(boxes);
    }
    this.#state = HEAR_READY;
    return this.#sayInitiate(boxes);
  }

  receive(command: Uint8Array): void {
    if (this.#state === HEAR_WELCOME && commandIs(command, "WELCOME")) this.#hearWelcome(command);
    else if (this.#state === HEAR_READY && commandIs(command, "READY")) this.#hearReady(command);
    else if (commandIs(command, "ERROR")) throw refusal(command);
    else if (commandIs(command, "HELLO")) {
      const sentence = "The peer is a client of CURVE like this socket: one of the two must be the server.";
      throw wire.unexpected(sentence);
    } else {
      const awaited = ["nothing before HELLO", "WELCOME", "nothing before INITIATE", "READY"][this.#state];
      throw wire.unexpected(`The server sent something else than ${awaited}.`);
    }
  }

  close(): void {
    wipe(this.#helloKey, this.#sessionKey);
    this.#helloKey = this.#sessionKey = this.#welcome = null;
    this.#transient = null;
    this.codec?.close();
  }

  /** Calls `onProgress` when they are there, if they are not. */
  #boxes(): BoxProvider | null {
    if (this.#failure !== null) throw this.#failure;
    const boxes = loadedBoxes();
    if (boxes === null) {
      loadBoxes().then(
        () => this.onProgress?.(),
        (error: Error) => {
          this.#failure = error;
          this.onProgress?.();
        },
      );
    }
    return boxes;
  }

  #share(boxes: BoxProvider, secret: SecretKey, publicKey: Uint8Array, whose: string): Uint8Array {
    const shared = shareSecret(secret, publicKey);
    if (shared === null) throw wire.forged(`The server's ${whose} key is of small order.`, "CurveCP");
    const key = boxes.deriveKey(shared);
    wipe(shared);
    return key;
  }

  #sayHello(boxes: BoxProvider): Uint8Array {
    const transient = createSecretKey();
    this.#transient = transient;
    this.#helloKey = this.#share(boxes, transient, this.#serverKey, "permanent");
    const hello = new Uint8Array(wire.HELLO_SIZE);
    hello.set(HELLO_START);
    hello.set(transient.publicKey, 80);
    this.#sent.advance();
    this.#sent.write(hello, 112);
    const nonce = wire.nonceOf(wire.HELLO_NONCE, hello.subarray(112, 120));
    hello.set(sealBox(boxes, this.#helloKey, nonce, SIGNATURE), 120);
    return hello;
  }

  #hearWelcome(command: Uint8Array): void {
    if (command.length !== wire.WELCOME_SIZE) {
      const sentence = `The server sent a WELCOME of ${command.length} octets, not ${wire.WELCOME_SIZE}.`;
      throw wire.curveError("ERR_ZMTP_MALFORMED_COMMAND_WELCOME", sentence, "The WELCOME Command");
    }
    const nonce = wire.nonceOf(wire.WELCOME_NONCE, command.subarray(8, 24));
    const boxes = loadedBoxes() as BoxProvider;
    this.#welcome = openBox(boxes, this.#helloKey as Uint8Array, nonce, command.subarray(24));
    if (this.#welcome === null)
      throw wire.forged("The server's WELCOME does not open: it has another key.", "The WELCOME Command");
    this.#state = SAY_INITIATE;
  }

  #sayInitiate(boxes: BoxProvider): Uint8Array {
    const transient = this.#transient as SecretKey;
    const welcome = this.#welcome as Uint8Array;
    const serverTransientKey = welcome.subarray(0, KEY_SIZE);
    const cookie = welcome.subarray(KEY_SIZE);
    const sessionKey = this.#share(boxes, transient, serverTransientKey, "transient");
    this.#sessionKey = sessionKey;
    const vouchNonce = randomOctets(wire.LONG_NONCE_SIZE);
    const vouchKey = this.#share(boxes, this.#permanent, serverTransientKey, "transient");
    const vouchText = concatBytes([transient.publicKey, this.#serverKey]);
    const vouch = sealBox(boxes, vouchKey, wire.nonceOf(wire.VOUCH_NONCE, vouchNonce), vouchText);
    const metadata = encodeMetadata(localProperties(this.#identity));
    const text = concatBytes([this.#permanent.publicKey, vouchNonce, vouch, metadata]);
    this.#sent.advance();
    const shortNonce = new Uint8Array(wire.SHORT_NONCE_SIZE);
    this.#sent.write(shortNonce, 0);
    const box = sealBox(boxes, sessionKey, wire.nonceOf(wire.INITIATE_NONCE, shortNonce), text);
    wipe(vouchKey, this.#helloKey);
    this.#helloKey = this.#welcome = null;
    return concatBytes([INITIATE_NAME, cookie, shortNonce, box]);
  }

  #hearReady(command: Uint8Array): void {
    if (command.length < wire.READY_SIZE_MIN) {
      const sentence = `The server sent a READY of ${command.length} octets; ${wire.READY_SIZE_MIN} is the least.`;
      throw wire.curveError("ERR_ZMTP_MALFORMED_COMMAND_READY", sentence, "The READY Command");
    }
    const key = this.#sessionKey as Uint8Array;
    const boxes = loadedBoxes() as BoxProvider;
    wire.passNonce(this.#received, command, 6);
    const text = openBox(
      boxes,
      key,
      wire.nonceOf(wire.READY_NONCE, command.subarray(6, 14)),
      command.subarray(14),
    );
    if (text === null) throw wire.forged("The server's READY does not open.", "The READY Command");
    this.peerProperties = parseMetadata(text, 0, text.length);
    this.codec = new CurveCodec(boxes, key, false, this.#sent, this.#received);
    wipe(key);
    this.#sessionKey = null;
    this.#transient = null;
    this.#state = DONE;
  }
}

/** `\x05HELLO`, version 1.0. */
const HELLO_START: readonly number[] = [0x05, 0x48, 0x45, 0x4c, 0x4c, 0x4f, 1, 0];
/** `\x08INITIATE`. */
const INITIATE_NAME = Uint8Array.of(0x08, 0x49, 0x4e, 0x49, 0x54, 0x49, 0x41, 0x54, 0x45);
