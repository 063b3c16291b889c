import { bytesKey, concatBytes, hex } from "../../base/bytes.ts";
import { AuthError, ProtocolError } from "../../base/errors.ts";
import type { SocketTypeName } from "../../base/socket-type.ts";
import type { ByteStream, StreamEvents } from "../../core/transport.ts";
import type { Mechanism } from "../../security/mechanism.ts";
import { refusal } from "../../security/mechanism.ts";
import { commandIs, encodePing, encodeReady, parseReady } from "../../wire/command.ts";
import { FrameDecoder } from "../../wire/decoder.ts";
import { COMMAND, headerSize, writeHeader } from "../../wire/frame.ts";
import { encodeGreeting, GREETING_SIZE, GreetingReader } from "../../wire/greeting.ts";
import type { Metadata } from "../../wire/metadata.ts";

/** Of a peer that speaks something else so much is read. */
const FOREIGN_SIZE_MAX = 512;
/** What a foreign peer has yet to say of its first sentence gets so long. */
const MOMENT_MS = 100;
/** An answer to PING gets so long. */
const PONG_MS = 500;
/** Most octets of a handshake. */
const HANDSHAKE_SIZE_MAX = 65536;

/**
 * As what a peer of each type is met, so that it gives away no message and no place: a PUSH, SCATTER, DEALER, CLIENT or REQ
 * would send its work to whoever joins, and a PAIR or CHANNEL has room for one. Those are left alone once they have told what they are.
 */
const HARMLESS: Readonly<Partial<Record<string, SocketTypeName>>> = {
  ROUTER: "DEALER",
  REP: "REQ",
  PULL: "PUSH",
  SUB: "PUB",
  XSUB: "PUB",
  PUB: "SUB",
  XPUB: "SUB",
  SERVER: "CLIENT",
  PEER: "PEER",
  GATHER: "SCATTER",
  RADIO: "DISH",
  DISH: "RADIO",
};

/**
 * Our version goes out first: a peer of libzmq's whose mechanism is not ours would close, with its own greeting unsent, on
 * seeing ours.
 */
const VERSION_END = 12;

/** The far end of a handshake with credentials. */
export type Progress = "hello" | "initiate" | "ready";

/** What has been learned so far. Times are milliseconds since the connection stood. */
export interface Learned {
  protocol: string | null;
  mechanism: string | null;
  asServer: boolean;
  greetingMs: number | null;
  socketType: string | null;
  /** In hexadecimal digits. */
  routingId: string;
  properties: Record<string, string>;
  handshakeMs: number | null;
  /** Our PING went out. */
  isPinged: boolean;
  pongMs: number | null;
  /** Why the handshake failed. */
  refusal: AuthError | ProtocolError | null;
  /** What came from a peer that speaks no ZMTP 3. */
  foreign: Uint8Array | null;
  isClosed: boolean;
  /**
   * What was said last with credentials: HELLO, INITIATE after the peer's WELCOME, or all of it. `null` where the peer's
   * mechanism is not that of the credentials, or there are none.
   */
  progress: Progress | null;
}

/** What nothing has been learned of. */
export function nothingLearned(): Learned {
  return {
    protocol: null,
    mechanism: null,
    asServer: false,
    greetingMs: null,
    socketType: null,
    routingId: "",
    properties: {},
    handshakeMs: null,
    isPinged: false,
    pongMs: null,
    refusal: null,
    foreign: null,
    isClosed: false,
    progress: null,
  };
}

/**
 * A handshake for its own sake: it goes on while something can be learned and nobody is harmed. 37/ZMTP: a peer sends its
 * greeting and, with NULL, its READY unasked, so that most is known before we say what we are. With PLAIN and CURVE the
 * client must say it first: the mechanism that it is given does, as a type that the caller has chosen.
 */
export class Conversation implements StreamEvents {
  readonly learned: Learned;
  readonly #stream: ByteStream;
  readonly #now: () => number;
  readonly #beganMs: number;
  readonly #greeting: GreetingReader;
  readonly #decoder: FrameDecoder;
  /** All is known after so many milliseconds more. */
  readonly #onEnd: (inMs: number) => void;
  /** With credentials. */
  readonly #mechanism: Mechanism | null;
  #raw: Uint8Array[];
  #rawSize: number;
  #isGreeted: boolean;
  #isMet: boolean;
  #pingedMs: number;

  constructor(
    stream: ByteStream,
    now: () => number,
    onEnd: (inMs: number) => void,
    mechanism: Mechanism | null = null,
  ) {
    this.learned = nothingLearned();
    this.#mechanism = mechanism;
    this.#stream = stream;
    this.#now = now;
    this.#beganMs = now();
    this.#greeting = new GreetingReader();
    const limits = { frameSizeMax: HANDSHAKE_SIZE_MAX, commandSizeMax: HANDSHAKE_SIZE_MAX };
    this.#decoder = new FrameDecoder(
      { onRunMax: 0, onRun: () => undefined, onFrame: (flags, body) => this.#onFrame(flags, body) },
      limits,
    );
    this.#onEnd = onEnd;
    this.#raw = [];
    this.#rawSize = 0;
    this.#isGreeted = false;
    this.#isMet = false;
    this.#pingedMs = 0;
    if (mechanism !== null) mechanism.onProgress = () => this.#guard(() => this.#advance(mechanism));
    stream.start(this);
    stream.write([encodeGreeting("NULL", false).subarray(0, VERSION_END)]);
  }

  /** The peer waits for the rest of our greeting, or for our READY: as a SUB without topics we harm nobody. */
  nudge(): void {
    this.#greet();
    if (this.learned.mechanism === "NULL" && this.learned.socketType === null && !this.#isMet)
      this.#meet("SUB");
  }

  /** It is over: keys are forgotten. */
  close(): void {
    if (this.#mechanism === null) return;
    this.#mechanism.onProgress = null;
    this.#mechanism.close?.();
  }

  onOctets(chunk: Uint8Array, isLent: boolean): void {
    if (this.learned.foreign !== null) {
      this.#keep(chunk);
      return;
    }
    this.#guard(() => {
      let at = 0;
      if (!this.#greeting.isComplete) {
        this.#keep(chunk);
        at = this.#greeting.receive(chunk, 0, chunk.length);
        if (!this.#greeting.isComplete) return;
        if (!this.#onGreeting()) return;
      }
      if (at < chunk.length) this.#decoder.receive(chunk, at, isLent);
    });
  }

  readTarget(): null {
    return null;
  }

  onTargetFilled(): void {
    // It gives no target.
  }

  onDrain(): void {
    // What it says fits.
  }

  onClosed(): void {
    this.learned.isClosed = true;
    this.#onEnd(0);
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#onRefused(error);
    }
  }

  #onRefused(error: unknown): void {
    if (!(error instanceof ProtocolError || error instanceof AuthError)) throw error;
    if (this.#greeting.isComplete) {
      this.learned.refusal = error;
      this.#onEnd(0);
    } else {
      this.learned.refusal = error as ProtocolError;
      this.learned.foreign = concatBytes(this.#raw);
      // The rest of its sentence.
      this.#onEnd(MOMENT_MS);
    }
  }

  #keep(chunk: Uint8Array): void {
    if (this.#rawSize >= FOREIGN_SIZE_MAX) return;
    // A chunk may be lent.
    this.#raw.push(chunk.slice(0, FOREIGN_SIZE_MAX - this.#rawSize));
    this.#rawSize += chunk.length;
    if (this.learned.foreign !== null) this.learned.foreign = concatBytes(this.#raw);
  }

  /** Whether there is more to learn. */
  #onGreeting(): boolean {
    const { major, minor, mechanism, asServer } = this.#greeting;
    const { learned } = this;
    this.#raw = [];
    learned.greetingMs = this.#now() - this.#beganMs;
    learned.protocol = `${major}.${minor}`;
    learned.mechanism = mechanism.replace(/[^\x20-\x7e]/g, "?");
    learned.asServer = asServer;
    if (mechanism === "NULL") {
      this.#greet();
      return true;
    }
    if (mechanism === this.#mechanism?.name) {
      this.#greet();
      learned.progress = "hello";
      this.#advance(this.#mechanism);
      return true;
    }
    this.#onEnd(0);
    return false;
  }

  /** Says what the mechanism has to say, and is done with it: traffic would be sealed, and is nothing that we want. */
  #advance(mechanism: Mechanism): void {
    for (let command = mechanism.nextCommand(); command !== null; command = mechanism.nextCommand()) {
      if (commandIs(command, "INITIATE")) this.learned.progress = "initiate";
      this.#send(command);
    }
    if (!mechanism.isComplete || this.learned.progress === "ready") return;
    this.learned.progress = "ready";
    this.#describe(mechanism.peerProperties);
    this.#onEnd(0);
  }

  #onFrame(flags: number, body: Uint8Array): boolean {
    if ((flags & COMMAND) === 0) return true;
    const { learned } = this;
    if (learned.progress === "ready") return true;
    if (learned.progress !== null) {
      const mechanism = this.#mechanism as Mechanism;
      mechanism.receive(body);
      this.#advance(mechanism);
      return true;
    }
    if (commandIs(body, "ERROR")) throw refusal(body);
    if (commandIs(body, "READY") && learned.handshakeMs === null) this.#onReady(parseReady(body));
    else if (commandIs(body, "PONG") && learned.isPinged && learned.pongMs === null) {
      learned.pongMs = this.#now() - this.#pingedMs;
      this.#onEnd(0);
    }
    return true;
  }

  #describe(metadata: Metadata): void {
    const { learned } = this;
    learned.handshakeMs = this.#now() - this.#beganMs;
    const type = metadata.find("Socket-Type");
    learned.socketType = type === undefined ? null : printable(type);
    learned.routingId = hex(metadata.find("Identity") ?? new Uint8Array(0));
    for (const [name, value] of metadata.toMap()) {
      if (!/^(Socket-Type|Identity)$/i.test(name)) learned.properties[name] = printable(value);
    }
  }

  #onReady(metadata: Metadata): void {
    const { learned } = this;
    this.#describe(metadata);
    const harmless = HARMLESS[learned.socketType ?? ""];
    if (harmless === undefined || this.#isMet || this.#greeting.isVersion30) {
      this.#onEnd(0);
      return;
    }
    this.#meet(harmless);
    this.#send(encodePing(0, new Uint8Array([0x70])));
    this.#pingedMs = this.#now();
    learned.isPinged = true;
    this.#onEnd(PONG_MS);
  }

  #greet(): void {
    if (this.#isGreeted) return;
    this.#isGreeted = true;
    // Credentials are of no use to a peer without security, which tells what it is all the same.
    const name = this.learned.mechanism === "NULL" ? "NULL" : (this.#mechanism?.name ?? "NULL");
    this.#stream.write([encodeGreeting(name, false).subarray(VERSION_END)]);
  }

  #meet(as: SocketTypeName): void {
    this.#isMet = true;
    const announced: [string, Uint8Array][] = [["Socket-Type", Buffer.from(as)]];
    if (as === "DEALER" || as === "REQ") announced.push(["Identity", new Uint8Array(0)]);
    this.#send(encodeReady(announced));
  }

  #send(command: Uint8Array): void {
    const frame = new Uint8Array(headerSize(command.length) + command.length);
    frame.set(command, writeHeader(frame, 0, COMMAND, command.length));
    this.#stream.write([frame]);
  }
}

function printable(octets: Uint8Array): string {
  return bytesKey(octets, 0, Math.min(octets.length, GREETING_SIZE)).replace(/[^\x20-\x7e]/g, "?");
}
