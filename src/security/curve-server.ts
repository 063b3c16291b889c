import { concatBytes } from "../base/bytes.ts";
import { platform } from "../base/platform.ts";
import { openBox, sealBox } from "../crypto/box.ts";
import { loadBoxes, loadedBoxes } from "../crypto/load-boxes.ts";
import { equalSecrets, randomOctets, wipe } from "../crypto/octets.ts";
import type { BoxProvider } from "../crypto/provider.ts";
import { KEY_SIZE } from "../crypto/provider.ts";
import type { SecretKey } from "../crypto/x25519.ts";
import { createSecretKey, importSecretKey, shareSecret } from "../crypto/x25519.ts";
import { commandIs, encodeError } from "../wire/command.ts";
import { encodeMetadata, type Metadata, NO_METADATA, parseMetadata } from "../wire/metadata.ts";
import type { Ask, Verdict } from "./authenticator.ts";
import { Inquiry } from "./authenticator.ts";
import { CurveCodec } from "./curve-codec.ts";
import * as wire from "./curve-wire.ts";
import { HandshakeTurns } from "./handshake-turns.ts";
import type { LocalIdentity, Mechanism } from "./mechanism.ts";
import { localProperties } from "./mechanism.ts";

/** Whose turn it is, and with what. */
const HEAR_HELLO = 0;
const SAY_WELCOME = 1;
const HEAR_INITIATE = 2;
const CHECK_INITIATE = 3;
const HEAR_VERDICT = 4;
const DONE = 5;

/** "MUST discard from its memory the cookie key after a short interval, for example 60 seconds." */
const COOKIE_LIFE_MS = 60_000;

/** All servers of a thread take turns. */
const turns = new HandshakeTurns();

/**
 * The server of 26/CURVEZMQ: (HELLO) -> WELCOME -> (INITIATE) -> ask -> READY, or ERROR.
 *
 * As libzmq's it keeps the connection's key s' in memory: a connection has state here anyway. So s' need not travel
 * through the client, and its place in the cookie is taken by 32 octets that only this connection knows.
 */
export class CurveServer implements Mechanism {
  readonly name: string;
  readonly asServer: boolean;
  onProgress: (() => void) | null;
  peerProperties: Metadata;
  codec: CurveCodec | null;
  readonly #identity: LocalIdentity;
  readonly #permanent: SecretKey;
  readonly #inquiry: Inquiry;
  #transient: SecretKey | null;
  /** C'. */
  #clientTransientKey: Uint8Array | null;
  #cookieKey: Uint8Array | null;
  /** What the cookie holds beside C'. */
  #ticket: Uint8Array | null;
  #cookieExpiresAt: number;
  #sessionKey: Uint8Array | null;
  /** A command that waits for its turn. */
  #command: Uint8Array | null;
  #hasTurn: boolean;
  #isErrorSent: boolean;
  readonly #sent: wire.NonceCounter;
  readonly #received: wire.NonceCounter;
  #state: number;
  #failure: Error | null;

  /** `secretKey`: the server's permanent one, 32 octets. `ask` is asked about each client's permanent public key. */
  constructor(identity: LocalIdentity, secretKey: Uint8Array, ask: Ask) {
    this.name = "CURVE";
    // 37/ZMTP uses the field; libzmq sends zero, and nobody may rely on it.
    this.asServer = true;
    this.onProgress = null;
    this.peerProperties = NO_METADATA;
    this.codec = null;
    this.#identity = identity;
    this.#permanent = importSecretKey(secretKey);
    this.#inquiry = new Inquiry(ask);
    this.#transient = null;
    this.#clientTransientKey = null;
    this.#cookieKey = null;
    this.#ticket = null;
    this.#cookieExpiresAt = 0;
    this.#sessionKey = null;
    this.#command = null;
    this.#hasTurn = false;
    this.#isErrorSent = false;
    this.#sent = new wire.NonceCounter();
    this.#received = new wire.NonceCounter();
    this.#state = HEAR_HELLO;
    this.#failure = null;
  }

  get isComplete(): boolean {
    return this.#state === DONE;
  }

  get awaited(): string | null {
    if (this.#state === HEAR_HELLO) return "HELLO";
    return this.#state >= CHECK_INITIATE ? null : "INITIATE";
  }

  get verdict(): Verdict | null {
    return this.#inquiry.verdict;
  }

  nextCommand(): Uint8Array | null {
    if (this.#command !== null) {
      const welcome = this.#work();
      if (welcome !== null) return welcome;
    }
    if (this.#state !== HEAR_VERDICT) return null;
    const { status } = this.#inquiry;
    if (status === 0) return null;
    if (status === 200) return this.#sayReady();
    // "The server MAY disconnect the client silently": 300 asks it to try again.
    if (status === 300 || this.#isErrorSent) throw this.#inquiry.refusal();
    this.#isErrorSent = true;
    return encodeError(String(status));
  }

  receive(command: Uint8Array): void {
    if (this.#state === HEAR_HELLO && commandIs(command, "HELLO")) {
      checkHello(command);
      this.#state = SAY_WELCOME;
    } else if (this.#state === HEAR_INITIATE && commandIs(command, "INITIATE")) {
      if (command.length < wire.INITIATE_SIZE_MIN) {
        const sentence = `The client sent an INITIATE of ${command.length} octets; ${wire.INITIATE_SIZE_MIN} is the least.`;
        throw wire.curveError("ERR_ZMTP_MALFORMED_COMMAND_INITIATE", sentence, "The INITIATE Command");
      }
      this.#state = CHECK_INITIATE;
    } else {
      const awaited = ["HELLO", "nothing before WELCOME", "INITIATE"][this.#state] ?? "nothing before READY";
      throw wire.unexpected(`The client sent something else than ${awaited}.`);
    }
    this.#command = command;
  }

  close(): void {
    this.#inquiry.close();
    wipe(this.#cookieKey, this.#ticket, this.#sessionKey);
    this.#cookieKey = this.#ticket = this.#sessionKey = this.#command = null;
    this.#transient = null;
    this.codec?.close();
  }

  /** Does what the command asks for, if it can be done in this turn: a WELCOME, or a question about the client. */
  #work(): Uint8Array | null {
    if (this.#failure !== null) throw this.#failure;
    const goOn = (): void => this.onProgress?.();
    const boxes = loadedBoxes();
    if (boxes === null) {
      loadBoxes().then(goOn, (error: Error) => {
        this.#failure = error;
        goOn();
      });
      return null;
    }
    if (!this.#hasTurn) {
      this.#hasTurn = turns.enter(() => {
        this.#hasTurn = true;
        goOn();
      });
      if (!this.#hasTurn) return null;
    }
    this.#hasTurn = false;
    const startedMs = platform.now();
    const command = this.#command as Uint8Array;
    this.#command = null;
    try {
      if (this.#state === SAY_WELCOME) return this.#sayWelcome(boxes, command);
      this.#checkInitiate(boxes, command);
      return null;
    } finally {
      turns.spend(startedMs);
    }
  }

  #share(boxes: BoxProvider, secret: SecretKey, publicKey: Uint8Array): Uint8Array {
    const shared = shareSecret(secret, publicKey);
    if (shared === null) throw wire.forged("The client's key is of small order.", "CurveCP");
    const key = boxes.deriveKey(shared);
    wipe(shared);
    return key;
  }

  #sayWelcome(boxes: BoxProvider, hello: Uint8Array): Uint8Array {
    const clientTransientKey = hello.slice(80, 112);
    wire.passNonce(this.#received, hello, 112);
    const helloKey = this.#share(boxes, this.#permanent, clientTransientKey);
    const helloNonce = wire.nonceOf(wire.HELLO_NONCE, hello.subarray(112, 120));
    const signature = openBox(boxes, helloKey, helloNonce, hello.subarray(120));
    if (signature === null || !isZero(signature, 0, signature.length)) {
      wipe(helloKey);
      const sentence = "The client's HELLO does not open: it is meant for a server with another key.";
      throw wire.forged(sentence, "The HELLO Command");
    }
    this.#clientTransientKey = clientTransientKey;
    this.#transient = createSecretKey();
    this.#cookieKey = randomOctets(KEY_SIZE);
    this.#ticket = randomOctets(KEY_SIZE);
    this.#cookieExpiresAt = platform.now() + COOKIE_LIFE_MS;
    const cookieNonce = randomOctets(wire.LONG_NONCE_SIZE);
    const cookieText = concatBytes([clientTransientKey, this.#ticket]);
    const cookieBox = sealBox(
      boxes,
      this.#cookieKey,
      wire.nonceOf(wire.COOKIE_NONCE, cookieNonce),
      cookieText,
    );
    const nonce = randomOctets(wire.LONG_NONCE_SIZE);
    const text = concatBytes([this.#transient.publicKey, cookieNonce, cookieBox]);
    const box = sealBox(boxes, helloKey, wire.nonceOf(wire.WELCOME_NONCE, nonce), text);
    wipe(helloKey, cookieText);
    this.#state = HEAR_INITIATE;
    return concatBytes([WELCOME_NAME, nonce, box]);
  }

  #checkInitiate(boxes: BoxProvider, initiate: Uint8Array): void {
    this.#checkCookie(boxes, initiate.subarray(9, 9 + wire.COOKIE_SIZE));
    wire.passNonce(this.#received, initiate, 105);
    const clientTransientKey = this.#clientTransientKey as Uint8Array;
    const transient = this.#transient as SecretKey;
    const sessionKey = this.#share(boxes, transient, clientTransientKey);
    this.#sessionKey = sessionKey;
    const nonce = wire.nonceOf(wire.INITIATE_NONCE, initiate.subarray(105, 113));
    const text = openBox(boxes, sessionKey, nonce, initiate.subarray(113));
    if (text === null) throw wire.forged("The client's INITIATE does not open.", "The INITIATE Command");
    const clientKey = text.slice(0, KEY_SIZE);
    const vouchAt = KEY_SIZE + wire.LONG_NONCE_SIZE;
    const vouchNonce = wire.nonceOf(wire.VOUCH_NONCE, text.subarray(KEY_SIZE, vouchAt));
    const metadataAt = KEY_SIZE + wire.VOUCH_SIZE;
    const vouchKey = this.#share(boxes, transient, clientKey);
    const vouch = openBox(boxes, vouchKey, vouchNonce, text.subarray(vouchAt, metadataAt));
    wipe(vouchKey);
    if (vouch === null) throw wire.forged("The client's vouch does not open.", "The INITIATE Command");
    // libzmq compares C' alone. Without S another server could pass on what a client of both vouched for.
    if (!equalSecrets(vouch, concatBytes([clientTransientKey, this.#permanent.publicKey]))) {
      const sentence = "The client's vouch is for another connection or another server.";
      throw wire.curveError("ERR_ZMTP_KEY_EXCHANGE", sentence, "The INITIATE Command: \"Box [C',S](C->S')\"");
    }
    this.peerProperties = parseMetadata(text, metadataAt, text.length);
    this.#transient = null;
    this.#state = HEAR_VERDICT;
    this.#inquiry.ask({ mechanism: "CURVE", credentials: [clientKey] }, () => this.onProgress?.());
  }

  /** The cookie is this connection's, not too old, and serves once. */
  #checkCookie(boxes: BoxProvider, cookie: Uint8Array): void {
    const key = this.#cookieKey as Uint8Array;
    const ticket = this.#ticket as Uint8Array;
    const nonce = wire.nonceOf(wire.COOKIE_NONCE, cookie.subarray(0, wire.LONG_NONCE_SIZE));
    const text = openBox(boxes, key, nonce, cookie.subarray(wire.LONG_NONCE_SIZE));
    const expected = concatBytes([this.#clientTransientKey as Uint8Array, ticket]);
    const isOurs = text !== null && equalSecrets(text, expected);
    wipe(key, ticket, text, expected);
    this.#cookieKey = this.#ticket = null;
    if (!isOurs) throw wire.forged("The client's cookie is not this connection's.", "The INITIATE Command");
    if (platform.now() >= this.#cookieExpiresAt) {
      const sentence = `The client's cookie is older than ${COOKIE_LIFE_MS / 1000} seconds.`;
      throw wire.forged(sentence, "The WELCOME Command");
    }
  }

  #sayReady(): Uint8Array {
    const boxes = loadedBoxes() as BoxProvider;
    const key = this.#sessionKey as Uint8Array;
    this.#sent.advance();
    const shortNonce = new Uint8Array(wire.SHORT_NONCE_SIZE);
    this.#sent.write(shortNonce, 0);
    const metadata = encodeMetadata(localProperties(this.#identity));
    const box = sealBox(boxes, key, wire.nonceOf(wire.READY_NONCE, shortNonce), metadata);
    this.codec = new CurveCodec(boxes, key, true, this.#sent, this.#received);
    wipe(key);
    this.#sessionKey = null;
    this.#state = DONE;
    return concatBytes([READY_NAME, shortNonce, box]);
  }
}

/** What can be said of a HELLO without its key. */
function checkHello(command: Uint8Array): void {
  const problem =
    command.length !== wire.HELLO_SIZE
      ? `of ${command.length} octets, not ${wire.HELLO_SIZE}`
      : command[6] !== 1 || command[7] !== 0
        ? `of version ${command[6]}.${command[7]}; 1.0 is known`
        : isZero(command, 8, 80)
          ? null
          : "whose padding is not zero";
  if (problem === null) return;
  const sentence = `The client sent a HELLO ${problem}.`;
  throw wire.curveError("ERR_ZMTP_MALFORMED_COMMAND_HELLO", sentence, "The HELLO Command");
}

function isZero(octets: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (octets[i] !== 0) return false;
  return true;
}

/** `\x07WELCOME`. */
const WELCOME_NAME = Uint8Array.of(0x07, 0x57, 0x45, 0x4c, 0x43, 0x4f, 0x4d, 0x45);
/** `\x05READY`. */
const READY_NAME = Uint8Array.of(0x05, 0x52, 0x45, 0x41, 0x44, 0x59);
