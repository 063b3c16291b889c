import { AuthError, ProtocolError, ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import type { Run } from "../base/run.ts";
import type { Mechanism, TrafficCodec } from "../security/mechanism.ts";
import { refusal } from "../security/mechanism.ts";
import {
  commandDataStart,
  commandIs,
  encodeError,
  encodePing,
  encodePong,
  parsePingTtl,
} from "../wire/command.ts";
import { FrameDecoder } from "../wire/decoder.ts";
import { FrameEncoder } from "../wire/encoder.ts";
import { BATCH_SIZE, COMMAND, MORE } from "../wire/frame.ts";
import { encodeGreeting, GreetingReader } from "../wire/greeting.ts";
import type { Engine, EngineFailure, EngineOptions, EngineSink } from "./engine.ts";
import { FrameGauge } from "./frame-gauge.ts";
import { handshakeCut, handshakeLate, handshakeStage } from "./handshake-words.ts";
import { Heartbeat, ttlTenths } from "./heartbeat.ts";
import type { Interest } from "./interest.ts";
import { ASK, heardBy, toldBy } from "./interest.ts";
import { checkPeer, describePeer, mayTalk } from "./peer-check.ts";

const GREETING = 0;
const HANDSHAKE = 1;
const TRAFFIC = 2;
const CLOSED = 3;

const NOTHING = new Uint8Array(0);

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
  /** What our peers tell us that they want, and what we tell ours. */
  readonly #heard: Interest | null;
  readonly #told: Interest | null;
  readonly #gauge: FrameGauge;
  readonly #decoder: FrameDecoder;
  readonly #encoder: FrameEncoder;
  readonly #heartbeat: Heartbeat;
  #state: number;
  #now: number;
  #greeting: GreetingReader | null;
  #handshakeDeadline: number;
  /** What opens the frames of the traffic, if the mechanism seals them. */
  #codec: TrafficCodec | null;
  #sendsCommands: boolean;
  /** False for a 3.0 peer, which knows no PING and would be given up for not answering it. */
  #answersPing: boolean;
  /** A message that the sink did not take. */
  #parked: Message | null;
  /** A PONG that waits for room. */
  #owedPong: Uint8Array | null;

  constructor(options: EngineOptions, mechanism: Mechanism, sink: EngineSink) {
    this.#sink = sink;
    this.#options = options;
    this.#mechanism = mechanism;
    this.#heard = heardBy(options.socketTypeName);
    this.#told = toldBy(options.socketTypeName);
    this.#gauge = new FrameGauge(options, this.#heard?.hasLongNames === true);
    this.#decoder = new FrameDecoder(this, this.#gauge);
    this.#encoder = new FrameEncoder();
    this.#heartbeat = new Heartbeat(options.heartbeatIntervalMs, options.heartbeatTimeoutMs);
    this.#state = GREETING;
    this.#now = 0;
    this.#greeting = new GreetingReader();
    this.#handshakeDeadline = Number.POSITIVE_INFINITY;
    this.#codec = null;
    this.#sendsCommands = false;
    this.#answersPing = true;
    this.#parked = null;
    this.#owedPong = null;
  }

  /** The connection stands: our greeting goes out, the handshake timer runs and is not reset by progress. */
  start(now: number): void {
    this.#now = now;
    const { handshakeIntervalMs } = this.#options;
    if (handshakeIntervalMs > 0) this.#handshakeDeadline = now + handshakeIntervalMs;
    this.#encoder.encodeRaw(encodeGreeting(this.#mechanism.name, this.#mechanism.asServer));
    this.#mechanism.onProgress = () => {
      if (this.#sink.onProgress === undefined) this.#guard(() => this.#advance());
      else this.#sink.onProgress();
    };
  }

  get isStopped(): boolean {
    return this.#state !== CLOSED && (this.#parked !== null || this.#decoder.isStopped);
  }

  get isInMessage(): boolean {
    return this.#gauge.isInMessage || this.#decoder.isInFrame;
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
    if (this.#state === HANDSHAKE) return this.#guard(() => this.#advance());
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
    if (this.#told !== null && message.length === 1) {
      const frame = message[0]!;
      if (frame.length > 0 && frame[0]! <= ASK) return this.#sendInterest(frame, this.#told);
    }
    return isShared ? this.#encoder.encodeShared(message) : this.#encoder.encode(message);
  }

  /** What a subscriber sends may have to become commands, and what is sealed is sealed frame by frame. */
  get sendsRuns(): boolean {
    return this.#told === null && this.#codec === null;
  }

  sendRun(run: Run): boolean {
    return this.#encoder.encodeRun(run);
  }

  #sendInterest(frame: Uint8Array, told: Interest): boolean {
    if (this.#sendsCommands) this.#encoder.encodeCommand(told.encode(frame));
    else this.#encoder.encodeUncounted(frame);
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
      const stage = handshakeStage(this.#greeting, this.#mechanism);
      this.#fail("timeout", handshakeLate(stage, this.#options.handshakeIntervalMs));
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

  describeEnd(cause: ZmqError | null): ZmqError | null {
    if (this.#state >= TRAFFIC) return cause;
    return handshakeCut(handshakeStage(this.#greeting, this.#mechanism), cause);
  }

  close(): void {
    this.#state = CLOSED;
    this.#greeting = null;
    this.#parked = null;
    this.#owedPong = null;
    this.#gauge.close();
    this.#decoder.close();
    this.#mechanism.onProgress = null;
    this.#mechanism.close?.();
  }

  // The decoder's callbacks.

  get onRunMax(): number {
    if (this.#state !== TRAFFIC || this.#codec !== null || this.#heard?.hearsCommandsAlone === true) return 0;
    return this.#gauge.allowsRuns && !this.#gauge.isInMessage ? this.#sink.onRunMax : 0;
  }

  onRun(octets: Uint8Array, from: number, to: number, count: number): void {
    this.#sink.onRun(octets, from, to, count);
  }

  /** One whole frame. */
  onFrame(flags: number, body: Uint8Array): boolean {
    if (this.#state === TRAFFIC)
      return this.#codec === null ? this.#onTraffic(flags, body) : this.#onSealed(flags, body, this.#codec);
    if (this.#state === HANDSHAKE) this.#onHandshakeFrame(flags, body);
    // Failing or being refused closes the engine in the midst of a chunk: the rest is nobody's.
    return (this.#state as number) !== CLOSED;
  }

  #onTraffic(flags: number, body: Uint8Array): boolean {
    if ((flags & COMMAND) !== 0) return this.#onCommand(flags, body);
    if ((flags & MORE) === 0 && !this.#gauge.isInMessage) return this.#deliver([body]);
    const message = this.#gauge.collect(flags, body);
    return message === null || this.#deliver(message);
  }

  /** The flags inside count. Outside libzmq sets none, and others COMMAND. */
  #onSealed(flags: number, sealed: Uint8Array, codec: TrafficCodec): boolean {
    if ((flags & MORE) !== 0) throw malformed("The peer sent a sealed frame with MORE set outside.");
    const body = codec.open(sealed);
    this.#gauge.measure(codec.openedFlags, body.length);
    return this.#onTraffic(codec.openedFlags, body);
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
    this.#sendsCommands = !greeting.isVersion30 || this.#told?.isInEveryVersion === true;
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
    this.#gauge.passHandshake(body.length);
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
    const { socketTypeName } = this.#options;
    const { codec, peerProperties } = this.#mechanism;
    if (codec !== null) {
      this.#encoder.sealWith(codec);
      this.#decoder.alignBehind(codec.overhead);
    }
    this.#codec = codec;
    const peer = describePeer(peerProperties);
    if (!mayTalk(socketTypeName, peer)) this.#encoder.encodeCommand(encodeError("Invalid-socket-type"));
    checkPeer(socketTypeName, peer);
    this.#gauge.openTraffic(codec === null ? 0 : codec.overhead);
    this.#state = TRAFFIC;
    // Before the sink is told, and sends what waits (libzmq behaviour B70).
    if (this.#options.helloMessage) this.#encoder.encodeUncounted(this.#options.helloMessage);
    if (this.#answersPing) this.#heartbeat.start(this.#now);
    const { verdict } = this.#mechanism;
    this.#sink.onReady(verdict === null ? peer : { ...peer, verdict });
  }

  #deliver(message: Message): boolean {
    return this.#handOn(this.#heard?.hearsCommandsAlone === true ? [NOTHING] : message);
  }

  #handOn(message: Message): boolean {
    if (this.#sink.onMessage(message)) return (this.#state as number) === TRAFFIC;
    this.#parked = message;
    return false;
  }

  #onCommand(flags: number, body: Uint8Array): boolean {
    if ((flags & MORE) !== 0) throw malformed("The peer sent a command with MORE set.");
    const dataAt = commandDataStart(body);
    const wanted = this.#heard === null ? null : this.#heard.read(body, dataAt);
    if (wanted !== null) return this.#handOn([wanted]);
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
    // PONG, what is wanted of a socket that gives nothing, and unknown commands are no error and mean nothing.
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
    else if (error instanceof ZmqError) this.#fail("unknown", error);
    else throw error;
  }

  #fail(kind: EngineFailure["kind"], error: EngineFailure["error"]): void {
    const wasReady = this.#state === TRAFFIC;
    this.close();
    this.#sink.onFailed({ kind, wasReady, error });
  }
}

function malformed(sentence: string): ProtocolError {
  return new ProtocolError("ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED", sentence, "37/ZMTP, Commands");
}
