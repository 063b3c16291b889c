// A link that an I/O thread serves, between a socket, a crew and I/O threads that the test plays.

import assert from "node:assert/strict";
import { ZmqError } from "../../../../src/base/errors.ts";
import { SocketType } from "../../../../src/base/socket-type.ts";
import type { LinkHost } from "../../../../src/core/link.ts";
import type { MonitorEvent } from "../../../../src/core/monitor-event.ts";
import type { SocketOptionValues } from "../../../../src/core/options.ts";
import type { ZapAnswer, ZapQuestion } from "../../../../src/core/zap-client.ts";
import type { PeerInfo, Pipe } from "../../../../src/pipe/pipe.ts";
import type { Withdraw } from "../../../../src/security/authenticator.ts";
import { encodePeer } from "../../../../src/threads/io/io-codec.ts";
import type { IoCall, IoTold } from "../../../../src/threads/io/io-mail.ts";
import { IoThread } from "../../../../src/threads/io/io-thread.ts";
import type { LinkCrew } from "../../../../src/threads/io/remote-link.ts";
import { RemoteLink } from "../../../../src/threads/io/remote-link.ts";
import type { ThreadRef } from "../../../../src/threads/pipe-thread.ts";
import type { SharedPipe } from "../../../../src/threads/ring/shared-pipe.ts";
import { openSharedPipe } from "../../../../src/threads/ring/shared-pipe.ts";
import { FakeThread } from "../../../contract/fake-threads.ts";
import { somePeer } from "../../../contract/pipe-rig.ts";
import { ENDPOINT, FakeTransport, optionsOf } from "./io-ground.ts";

export const MARKS = { firstToSecondHwm: 100, secondToFirstHwm: 100, conflate: false };
export const GONE = new ZmqError("EIO", "I/O thread 0 of the context is gone.");

/** A question about a connection. */
export const ABOUT: ZapQuestion = {
  mechanism: "NULL",
  credentials: [],
  domain: "d",
  address: "",
  identity: new Uint8Array(0),
  timeoutMs: 0,
};

type ConnectCall = Extract<IoCall, { readonly call: "connect" }>;

/** A link between a socket that the test plays and I/O threads that it plays too. */
export class Rig implements LinkCrew, LinkHost {
  readonly seat = new FakeThread();
  readonly type = SocketType.Pair;
  readonly typeName = "Pair";
  readonly options: SocketOptionValues;
  /** What the socket was told, and the crew. */
  readonly told: string[] = [];
  readonly events: MonitorEvent[] = [];
  readonly pipes: Pipe[] = [];
  readonly posted: { readonly to: ThreadRef; readonly call: IoCall }[] = [];
  takesPipes = true;
  takesPeers = true;
  thread: IoThread;
  readonly link: RemoteLink;
  ioThread = new FakeThread();

  constructor({
    isThere = true,
    isListener = false,
    options = {},
  }: { isThere?: boolean; isListener?: boolean; options?: Partial<SocketOptionValues> } = {}) {
    this.options = optionsOf(options);
    this.thread = this.makeThread(isThere ? this.ioThread : null);
    const transport = new FakeTransport();
    const target = { endpoint: ENDPOINT, address: "there", transport, options: this.options };
    this.link = new RemoteLink(this, this, target, isListener);
  }

  makeThread(at: FakeThread | null): IoThread {
    const thread = new IoThread(0, { post: (to, _topic, call) => void this.posted.push({ to, call }) });
    if (at !== null) thread.arrive(at.me);
    return thread;
  }

  /** What was called in I/O threads since the last look. */
  calls(): string[] {
    return this.posted.splice(0).map(({ call }) => call.call);
  }

  /** What was told since the last look. */
  take(): string[] {
    return this.told.splice(0);
  }

  get connectCall(): ConnectCall {
    const found = this.posted.findLast(({ call }) => call.call === "connect");
    assert.ok(found !== undefined);
    return found.call as ConnectCall;
  }

  /** The I/O thread's end of the pipe that goes with the last call. */
  openOffered(thread = this.ioThread): SharedPipe {
    const { offer } = this.connectCall;
    assert.ok(offer !== null);
    return openSharedPipe(thread, offer, somePeer("here"));
  }

  tell(told: { readonly told: IoTold["told"] } & Record<string, unknown>): void {
    this.link.onTold({ link: this.link.number, ...told } as unknown as IoTold);
  }

  /** A connection stands: on a pipe of the I/O thread's, or on the one that the socket has. */
  identify(turn: number, brought: SharedPipe | null, id = ""): void {
    const peer: PeerInfo = {
      ...somePeer("peer"),
      socketType: SocketType.Pair,
      routingId: Buffer.from("name"),
    };
    const offer = brought === null ? null : brought.offer(this.seat.me);
    this.tell({ told: "identified", pipe: brought?.id ?? id, offer, peer: encodePeer(peer), turn });
  }

  /** From now on the socket has somebody to ask about `ABOUT`: how to answer each question, and which were withdrawn. */
  letAsk(): { answers: ZapAnswer[]; withdrawn: number[] } {
    const answers: ZapAnswer[] = [];
    const withdrawn: number[] = [];
    const authenticate = (question: ZapQuestion, answer: ZapAnswer): Withdraw => {
      assert.deepEqual(question, ABOUT);
      const number = answers.push(answer);
      return () => void withdrawn.push(number);
    };
    Object.assign(this, { authenticate });
    return { answers, withdrawn };
  }

  // LinkCrew.

  pick(): IoThread {
    return this.thread;
  }

  enlist(): number {
    return 7;
  }

  onAssigned(): void {
    this.told.push("assigned");
  }

  dismiss(): void {
    this.told.push("dismissed");
  }

  // LinkHost.

  attachPipe(pipe: Pipe): boolean {
    this.told.push("attach");
    if (this.takesPipes) this.pipes.push(pipe);
    return this.takesPipes;
  }

  identifyPipe(pipe: Pipe): boolean {
    assert.equal(pipe.live, true);
    this.told.push("identify");
    return this.takesPeers;
  }

  onConnectionLost(): void {
    this.told.push("lost");
  }

  refusal(): string {
    return "it has one.";
  }

  retirePipe(): void {
    this.told.push("retire");
  }

  onLinkEnded(): void {
    this.told.push("ended");
  }

  emit(event: MonitorEvent): void {
    this.told.push(event.type);
    this.events.push(event);
  }
}

/** A link whose peer is connected: both ends of its pipe. */
export function connected(): { rig: Rig; pipe: SharedPipe; far: SharedPipe } {
  const rig = new Rig();
  rig.link.connect(null);
  const pipe = rig.pipes[0] as SharedPipe;
  const far = rig.openOffered();
  rig.identify(1, null, pipe.id);
  rig.calls();
  rig.take();
  return { rig, pipe, far };
}
