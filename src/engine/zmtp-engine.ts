import { AuthError, ProtocolError, ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import type { Run } from "../base/run.ts";
import { RUN_FRAMES_MAX, RUN_SIZE_MAX } from "../base/run.ts";
import type { Mechanism } from "../security/mechanism.ts";
import { refusal } from "../security/mechanism.ts";
import {
  commandDataStart,
  commandIs,
  encodeCancel,
  encodeError,
  encodePing,
  encodePong,
  encodeSubscribe,
  parsePingTtl,
  subscriptionFrame,
} from "../wire/command.ts";
import { FrameDecoder } from "../wire/decoder.ts";
import { FrameEncoder } from "../wire/encoder.ts";
import { BATCH_SIZE, COMMAND, MORE } from "../wire/frame.ts";
import { encodeGreeting, GreetingReader } from "../wire/greeting.ts";
import type { Engine, EngineOptions, EngineSink } from "./engine.ts";
import { Heartbeat, ttlTenths } from "./heartbeat.ts";
import { checkPeer, describePeer, mayTalk } from "./peer-check.ts";

const GREETING = 0;
const HANDSHAKE = 1;
const TRAFFIC = 2;
const CLOSED = 3;

const SUBSCRIBE = 1;
const CANCEL = 0;

/**
 * 37/ZMTP 3.1 (and 3.0) on one connection: greeting, mechanism handshake, traffic.
 *
 *     GREETING --64 octets, same mechanism--> HANDSHAKE --both READY, types fit--> TRAFFIC
 *         \________________________________________|__________________________________|---> CLOSED
 */
export class ZmtpEngine implements Engine {
  readonly #sink: EngineSink;
  readonly #options: EngineOptions;
  readonly #mechanism: Mechanism;
  readonly #decoder: FrameDecoder;
  readonly #encoder: FrameEncoder;
  readonly #heartbeat: Heartbeat;
  readonly #limits: { frameSizeMax: number; commandSizeMax: number };
  readonly #publishes: boolean;
  readonly #subscribes: boolean;
  /** No message of a run can break a limit that is not looked at frame by frame. */
  readonly #takesRuns: boolean;
  #state: number;
  #now: number;
  #greeting: GreetingReader | null;
  #handshakeDeadline: number;
  #handshakeSize: number;
  #sendsCommands: boolean;
  /** False for a 3.0 peer, which knows no PING and would be given up for not answering it. */
  #answersPing: boolean;
  /** Frames of a message whose last has not come, and their octets. */
  #frames: Message | null;
  #framesSize: number;
  /** A message that the sink did not take. */
  #parked: Message | null;
  /** A PONG that waits for room. */
  #owedPong: Uint8Array | null;

  constructor(options: EngineOptions, mechanism: Mechanism, sink: EngineSink) {
    this.#sink = sink;
    this.#options = options;
    this.#mechanism = mechanism;
    this.#limits = { frameSizeMax: options.maxHandshakeSize, commandSizeMax: options.maxHandshakeSize };
    this.#decoder = new FrameDecoder(this, this.#limits);
    this.#encoder = new FrameEncoder();
    this.#heartbeat = new Heartbeat(options.heartbeatIntervalMs, options.heartbeatTimeoutMs);
    this.#publishes = options.socketTypeName === "PUB" || options.socketTypeName === "XPUB";
    this.#subscribes = options.socketTypeName === "SUB" || options.socketTypeName === "XSUB";
    const { maxFramesPerMessage, maxMultipartSize } = options;
    this.#takesRuns =
      maxFramesPerMessage >= RUN_FRAMES_MAX && (maxMultipartSize < 0 || maxMultipartSize >= RUN_SIZE_MAX);
    this.#state = GREETING;
    this.#now = 0;
    this.#greeting = new GreetingReader();
    this.#handshakeDeadline = Number.POSITIVE_INFINITY;
    this.#handshakeSize = 0;
    this.#sendsCommands = false;
    this.#answersPing = true;
    this.#frames = null;
    this.#framesSize = 0;
    this.#parked = null;
    this.#owedPong = null;
  }

  /** The connection stands: our greeting goes out, the handshake timer runs and is not reset by progress. */
  start(now: number): void {
    this.#now = now;
    const { handshakeIntervalMs } = this.#options;
    if (handshakeIntervalMs > 0) this.#handshakeDeadline = now + handshakeIntervalMs;
    this.#encoder.encodeRaw(encodeGreeting(this.#mechanism.name, this.#mechanism.asServer));
    this.#mechanism.onProgress = () => this.#guard(() => this.#advance());
  }

  get isStopped(): boolean {
    return this.#state !== CLOSED && (this.#parked !== null || this.#decoder.isStopped);
  }

  get isInMessage(): boolean {
    return this.#frames !== null || this.#decoder.isInFrame;
  }

  get outputSize(): number {
    return this.#encoder.pendingSize;
  }

  get outputMessageCount(): number {
    return this.#encoder.pendingMessageCount;
  }

  get target(): Uint8Array | null {
    return this.#state === TRAFFIC && this.#parked === null ? this.#decoder.target : null;
  }

  receiveTarget(count: number, now: number): void {
    if (this.#state === CLOSED) return;
    this.#now = now;
    this.#heartbeat.onReceived(now);
    this.#guard(() => this.#decoder.receiveTarget(count));
  }

  receive(chunk: Uint8Array, now: number, isLent = false): void {
    if (this.#state === CLOSED) return;
    this.#now = now;
    this.#heartbeat.onReceived(now);
    try {
      let at = 0;
      if (this.#greeting !== null) {
        at = this.#greeting.receive(chunk, 0, chunk.length);
        if (!this.#greeting.isComplete) return;
        this.#acceptGreeting(this.#greeting);
        if (at === chunk.length) return;
      }
      this.#decoder.receive(chunk, at, isLent);
    } catch (error) {
      this.#failWith(error);
    }
  }

  resume(now: number): void {
    if (this.#state === CLOSED) return;
    this.#now = now;
    const parked = this.#parked;
    if (parked !== null) {
      this.#parked = null;
      if (!this.#sink.onMessage(parked)) {
        this.#parked = parked;
        return;
      }
    }
    this.#guard(() => this.#decoder.resume());
  }

  send(message: Message, isShared = false): boolean {
    if (this.#subscribes && message.length === 1) {
      const frame = message[0]!;
      if (frame.length > 0 && frame[0]! <= SUBSCRIBE) return this.#sendSubscription(frame);
    }
    return isShared ? this.#encoder.encodeShared(message) : this.#encoder.encode(message);
  }

  /** What a subscriber sends may have to become commands. */
  get sendsRuns(): boolean {
    return !this.#subscribes;
  }

  sendRun(run: Run): boolean {
    return this.#encoder.encodeRun(run);
  }

  #sendSubscription(frame: Uint8Array): boolean {
    const topic = frame.subarray(1);
    if (!this.#sendsCommands) this.#encoder.encodeSubscription(frame);
    else this.#encoder.encodeCommand(frame[0] === CANCEL ? encodeCancel(topic) : encodeSubscribe(topic));
    return this.#encoder.pendingSize >= BATCH_SIZE;
  }

  takeOutput(): Uint8Array[] {
    const chunks = this.#encoder.take();
    const owed = this.#owedPong;
    if (owed !== null) {
      this.#owedPong = null;
      this.#encoder.encodeCommand(owed);
    }
    return chunks;
  }

  recycleOutput(): void {
    this.#encoder.recycle();
  }

  nextDeadline(): number {
    if (this.#state === TRAFFIC) return this.#heartbeat.nextDeadline;
    return this.#state === CLOSED ? Number.POSITIVE_INFINITY : this.#handshakeDeadline;
  }

  handleDeadline(now: number, isReading: boolean): void {
    if (this.#state === CLOSED) return;
    this.#now = now;
    if (this.#state !== TRAFFIC) {
      if (now < this.#handshakeDeadline) return;
      const limit = this.#options.handshakeIntervalMs;
      this.#fail(
        "timeout",
        new ZmqError("ETIMEDOUT", `The peer did not finish its handshake within ${limit} ms.`),
      );
      return;
    }
    const silenceMs = this.#heartbeat.silence(now);
    if (silenceMs > 0) {
      if (isReading) {
        this.#fail("timeout", new ZmqError("ETIMEDOUT", `The peer sent nothing for ${silenceMs} ms.`));
        return;
      }
      this.#heartbeat.postpone(now);
    }
    if (this.#heartbeat.takePing(now) && this.#encoder.pendingSize < BATCH_SIZE) {
      this.#encoder.encodeCommand(encodePing(ttlTenths(this.#options.heartbeatTtlMs)));
    }
  }

  close(): void {
    this.#state = CLOSED;
    this.#greeting = null;
    this.#frames = null;
    this.#parked = null;
    this.#decoder.close();
    this.#mechanism.onProgress = null;
  }

  // The decoder's callbacks.

  get onRunMax(): number {
    return this.#state === TRAFFIC && this.#takesRuns && this.#frames === null ? this.#sink.onRunMax : 0;
  }

  onRun(octets: Uint8Array, from: number, to: number, count: number): void {
    this.#sink.onRun(octets, from, to, count);
  }

  /** One whole frame. */
  onFrame(flags: number, body: Uint8Array): boolean {
    if (this.#state === TRAFFIC) {
      if ((flags & COMMAND) !== 0) return this.#onCommand(flags, body);
      if ((flags & MORE) !== 0 || this.#frames !== null) return this.#onPartialMessage(flags, body);
      return this.#deliver([body]);
    }
    if (this.#state === HANDSHAKE) this.#onHandshakeFrame(flags, body);
    // Failing or being refused closes the engine in the midst of a chunk: the rest is nobody's.
    return (this.#state as number) !== CLOSED;
  }

  #acceptGreeting(greeting: GreetingReader): void {
    this.#greeting = null;
    if (greeting.mechanism !== this.#mechanism.name) {
      throw new ProtocolError(
        "ERR_ZMTP_MECHANISM_MISMATCH",
        `The peer speaks the mechanism ${JSON.stringify(greeting.mechanism)}, this socket ${this.#mechanism.name}.`,
        '37/ZMTP, Version Negotiation: "If the mechanism does not match, the peer SHALL close the connection"',
      );
    }
    this.#sendsCommands = this.#subscribes && !greeting.isVersion30;
    this.#answersPing = !greeting.isVersion30;
    this.#state = HANDSHAKE;
    this.#advance();
  }

  #onHandshakeFrame(flags: number, body: Uint8Array): void {
    if ((flags & (COMMAND | MORE)) !== COMMAND) {
      throw new ProtocolError(
        "ERR_ZMTP_UNEXPECTED_COMMAND",
        "The peer sent a message before the handshake was complete.",
        '37/ZMTP, Grammar: "handshake = *command"',
      );
    }
    this.#handshakeSize += body.length;
    const left = Math.max(0, this.#options.maxHandshakeSize - this.#handshakeSize);
    this.#limits.frameSizeMax = this.#limits.commandSizeMax = left;
    this.#mechanism.receive(body);
    this.#advance();
  }

  /** Sends what the mechanism has to say, and opens traffic when both sides are done. */
  #advance(): void {
    const mechanism = this.#mechanism;
    for (let command = mechanism.nextCommand(); command !== null; command = mechanism.nextCommand()) {
      this.#encoder.encodeCommand(command);
    }
    if (this.#state === HANDSHAKE && mechanism.isComplete) this.#open();
  }

  #open(): void {
    const { socketTypeName, maxMessageSize, maxMultipartSize, maxCommandSize } = this.#options;
    const peer = describePeer(this.#mechanism.peerProperties);
    if (!mayTalk(socketTypeName, peer)) this.#encoder.encodeCommand(encodeError("Invalid-socket-type"));
    checkPeer(socketTypeName, peer);
    this.#limits.frameSizeMax = Math.min(limitOf(maxMessageSize), limitOf(maxMultipartSize));
    // Topics may be as long as messages; other commands are measured once their name is known.
    this.#limits.commandSizeMax = this.#publishes
      ? Math.max(maxCommandSize, this.#limits.frameSizeMax)
      : maxCommandSize;
    this.#state = TRAFFIC;
    if (this.#answersPing) this.#heartbeat.start(this.#now);
    this.#sink.onReady(peer);
  }

  #deliver(message: Message): boolean {
    if (this.#sink.onMessage(message)) return (this.#state as number) === TRAFFIC;
    this.#parked = message;
    return false;
  }

  #onPartialMessage(flags: number, body: Uint8Array): boolean {
    const frames = (this.#frames ??= []);
    frames.push(body);
    this.#framesSize += body.length;
    const { maxFramesPerMessage, maxMultipartSize } = this.#options;
    if (
      frames.length > maxFramesPerMessage ||
      (maxMultipartSize >= 0 && this.#framesSize > maxMultipartSize)
    ) {
      throw new ProtocolError(
        "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE",
        `The peer sent a message of more than ${frames.length - 1} frames or ${this.#framesSize} octets.`,
        "limits maxFramesPerMessage and maxMultipartSize",
      );
    }
    if ((flags & MORE) !== 0) return true;
    this.#frames = null;
    this.#framesSize = 0;
    return this.#deliver(frames);
  }

  #onCommand(flags: number, body: Uint8Array): boolean {
    if ((flags & MORE) !== 0) throw malformed("The peer sent a command with MORE set.");
    const dataAt = commandDataStart(body);
    if (this.#publishes) {
      if (commandIs(body, "SUBSCRIBE")) return this.#deliver([subscriptionFrame(SUBSCRIBE, body, dataAt)]);
      if (commandIs(body, "CANCEL")) return this.#deliver([subscriptionFrame(CANCEL, body, dataAt)]);
    }
    if (body.length > this.#options.maxCommandSize)
      throw malformed(`The peer sent a command of ${body.length} octets.`);
    if (commandIs(body, "PING")) this.#onPing(body);
    else if (commandIs(body, "ERROR")) {
      throw refusal(body);
    } else if (commandIs(body, "READY")) {
      throw new ProtocolError(
        "ERR_ZMTP_UNEXPECTED_COMMAND",
        "The peer sent READY a second time.",
        "37/ZMTP, Grammar",
      );
    }
    // PONG, subscriptions to a socket that does not publish, and unknown commands are no error and mean nothing.
    return true;
  }

  #onPing(body: Uint8Array): void {
    this.#heartbeat.onPeerTtl(parsePingTtl(body) * 100, this.#now);
    const pong = encodePong(body);
    // One PONG is owed at most while the peer does not read: a flood of PINGs buys no memory.
    if (this.#encoder.pendingSize < BATCH_SIZE) this.#encoder.encodeCommand(pong);
    else this.#owedPong = pong;
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#failWith(error);
    }
  }

  #failWith(error: unknown): void {
    if (error instanceof ProtocolError) this.#fail("protocol", error);
    else if (error instanceof AuthError) this.#fail("auth", error);
    else throw error;
  }

  #fail(kind: "protocol" | "auth" | "timeout", error: ProtocolError | AuthError | ZmqError): void {
    const wasReady = this.#state === TRAFFIC;
    this.close();
    this.#sink.onFailed({ kind, wasReady, error });
  }
}

function limitOf(size: number): number {
  return size < 0 ? Number.POSITIVE_INFINITY : size;
}

function malformed(sentence: string): ProtocolError {
  return new ProtocolError("ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED", sentence, "37/ZMTP, Commands");
}
