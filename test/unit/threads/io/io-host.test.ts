import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtocolError, ZmqError } from "../../../../src/base/errors.ts";
import { installPlatform } from "../../../../src/base/platform.ts";
import { SocketType } from "../../../../src/base/socket-type.ts";
import type { SocketOptionValues } from "../../../../src/core/options.ts";
import { QUESTIONS_MAX } from "../../../../src/core/zap-client.ts";
import { decodeError } from "../../../../src/threads/io/io-codec.ts";
import { IoHost } from "../../../../src/threads/io/io-host.ts";
import type { IoTold } from "../../../../src/threads/io/io-mail.ts";
import type { PipeOffer } from "../../../../src/threads/pipe-thread.ts";
import type { SharedPipe } from "../../../../src/threads/ring/shared-pipe.ts";
import { createSharedPipe, openSharedPipe } from "../../../../src/threads/ring/shared-pipe.ts";
import { FakeThread, hearBells } from "../../../contract/fake-threads.ts";
import { frames, somePeer, textOf } from "../../../contract/pipe-rig.ts";
import { turns, until } from "../../../peers/sockets.ts";
import { ENDPOINT, FakeTransport, orderOf } from "./io-ground.ts";

type Identified = Extract<IoTold, { readonly told: "identified" }>;

/** An I/O thread with one link, and the thread of its socket. */
class Rig {
  readonly ioThread = new FakeThread();
  readonly socketThread = new FakeThread();
  readonly transport = new FakeTransport();
  readonly told: IoTold[] = [];
  endedCount = 0;
  readonly host: IoHost;

  constructor(type: SocketType = SocketType.Push, options: Partial<SocketOptionValues> = {}) {
    this.host = new IoHost(
      this.ioThread,
      this.socketThread.me,
      orderOf({ link: 7, type, options }),
      (told) => void this.told.push(structuredClone(told)),
      () => void this.endedCount++,
    );
  }

  /** What was told since the last look; events by their names. */
  take(): string[] {
    assert.ok(this.told.every(({ link }) => link === 7));
    return this.told
      .splice(0)
      .map((one) => (one.told === "event" ? String(one.event.event["type"]) : one.told));
  }

  /** The last told of a kind. */
  last<Kind extends IoTold["told"]>(kind: Kind): Extract<IoTold, { readonly told: Kind }> {
    const found = this.told.findLast((one) => one.told === kind);
    assert.ok(found !== undefined, `${kind} was told`);
    return found as Extract<IoTold, { readonly told: Kind }>;
  }

  /** The socket's end of a pipe that the application makes. */
  makePipe(): SharedPipe {
    const marks = { firstToSecondHwm: 100, secondToFirstHwm: 100, conflate: false };
    return createSharedPipe(this.socketThread, marks, somePeer("there"));
  }

  /** As the application does with a peer that brought its pipe. */
  open({ offer }: Identified): SharedPipe {
    return openSharedPipe(this.socketThread, offer as PipeOffer, somePeer("there"));
  }
}

/** Bells are heard and what was deferred is done. */
async function settle(): Promise<void> {
  hearBells();
  await turns();
  hearBells();
}

test("a listener tells where it is bound, once, after the event", () => {
  const rig = new Rig();
  rig.host.listen(rig.transport, false);
  assert.deepEqual(rig.take(), []);
  rig.transport.listeners[0]?.onListening("fake://resolved");
  const { endpoint, error } = rig.last("bound");
  assert.deepEqual([endpoint, error], ["fake://resolved", null]);
  assert.deepEqual(rig.take(), ["bind", "bound"]);
});

test("a listener that fails tells why, with what went wrong last, and ends", () => {
  const rig = new Rig();
  rig.host.listen(rig.transport, false);
  rig.transport.listeners[0]?.onListenFailed(new ZmqError("EADDRINUSE", "Taken.", { address: ENDPOINT }));
  const { error } = rig.last("bound");
  assert.ok(error !== null);
  assert.equal((decodeError(error) as ZmqError).code, "EADDRINUSE");
  const news = rig.told.filter(({ lastError }) => lastError !== undefined);
  assert.equal(news.length, 1, "the last error is told when it is new");
  assert.deepEqual([rig.take(), rig.endedCount], [["bind:error", "bound", "ended"], 1]);
});

test("a listener made at once is bound when the call returns, or ended", () => {
  const rig = new Rig();
  rig.host.listen(rig.transport, true);
  assert.deepEqual(
    [rig.last("bound").endpoint, rig.take(), rig.endedCount],
    ["fake://resolved", ["bind", "bound"], 0],
  );
  const refused = new Rig();
  refused.transport.failure = new ZmqError("EACCES", "No.");
  refused.host.listen(refused.transport, true);
  assert.equal(refused.last("bound").error?.facts["code"], "EACCES");
  assert.deepEqual([refused.take(), refused.endedCount], [["bound"], 1]);
  const broken = new Rig();
  broken.transport.failure = new TypeError("a bug");
  assert.throws(() => broken.host.listen(broken.transport, true), TypeError);
});

test("a connected peer keeps the pipe that the application made, through losses", async () => {
  const rig = new Rig(SocketType.Pair);
  const pipe = rig.makePipe();
  rig.host.connect(rig.transport, pipe.offer(rig.ioThread.me));
  const first = rig.transport.connected();
  first.handshake("PAIR");
  const { pipe: id, offer, peer, turn } = rig.last("identified");
  assert.deepEqual([id, offer, turn], [pipe.id, null, 1]);
  assert.deepEqual([peer.address, peer.socketType], ["fake://peer", SocketType.Pair]);
  assert.deepEqual(rig.take(), ["connect:delay", "connect", "handshake", "identified"]);
  first.send("early");
  pipe.tryWrite(frames("to the peer"), true);
  await settle();
  assert.ok(first.wrote("to the peer"));
  assert.equal(pipe.checkReadable(), false, "the application has not heard of the peer");
  pipe.passTurn(1);
  assert.equal(textOf(pipe.tryRead()), "early");

  first.close();
  await until("the next attempt", () => rig.transport.connectors.length === 2);
  assert.equal(rig.last("lost").pipe, pipe.id);
  assert.deepEqual(rig.take(), ["disconnect", "lost", "connect:retry", "connect:delay"]);
  pipe.tryWrite(frames("kept"), true);
  const second = rig.transport.connected();
  second.handshake("PAIR");
  assert.equal(rig.last("identified").turn, 2);
  await settle();
  assert.ok(second.wrote("kept"));
  rig.host.abort("linger");
  assert.equal(rig.endedCount, 1);
  assert.deepEqual(rig.take().slice(-2), ["retired", "ended"]);
});

test("without a pipe each connection brings one, which is retired after it", async () => {
  const rig = new Rig(SocketType.Pair, { immediate: true });
  rig.host.connect(rig.transport, null);
  const stream = rig.transport.connected();
  stream.handshake("PAIR");
  const identified = rig.last("identified");
  const pipe = rig.open(identified);
  assert.equal(pipe.id, identified.pipe);
  stream.send("hello");
  await settle();
  assert.equal(textOf(pipe.tryRead()), "hello");
  stream.close();
  await settle();
  assert.equal(rig.last("retired").pipe, pipe.id);
  assert.equal(pipe.isEnded, true);
  rig.host.finish();
  assert.deepEqual(
    [rig.take().at(-1), rig.endedCount, rig.transport.cancelledCount <= 1],
    ["ended", 1, true],
  );
});

test("a subscriber's connection sends nothing before the socket has heard of it, of this one", async () => {
  const rig = new Rig(SocketType.Subscriber);
  const pipe = rig.makePipe();
  rig.host.connect(rig.transport, pipe.offer(rig.ioThread.me));
  const first = rig.transport.connected();
  first.handshake("PUB");
  pipe.writeControl(frames("\x01topic"));
  await settle();
  assert.equal(first.wrote("topic"), false);
  rig.host.confirm(1);
  await settle();
  assert.equal(first.wrote("topic"), true);

  first.close();
  await until("the next attempt", () => rig.transport.connectors.length === 2);
  const second = rig.transport.connected();
  second.handshake("PUB");
  pipe.writeControl(frames("\x01other"));
  rig.host.confirm(1);
  await settle();
  assert.equal(second.wrote("other"), false, "that was said of the connection before");
  rig.host.confirm(2);
  await settle();
  assert.equal(second.wrote("other"), true);
  rig.host.abort("linger");
});

test("a session's peer that the socket refuses is sent away, unless another is there by now", async () => {
  const rig = new Rig(SocketType.Pair, { reconnectInterval: 1000 });
  const pipe = rig.makePipe();
  rig.host.connect(rig.transport, pipe.offer(rig.ioThread.me));
  const stream = rig.transport.connected();
  stream.handshake("PAIR");
  rig.take();
  rig.host.refuse(pipe.id, 0, "fake://peer", "has one.");
  assert.equal(stream.isOver, false, "an earlier turn");
  rig.host.refuse("unheard of", 1, "fake://peer", "has one.");
  assert.equal(stream.isOver, false, "another pipe");
  rig.host.refuse(pipe.id, 1, "fake://peer", "has one.");
  assert.equal(stream.isOver, true);
  const [news] = rig.told.filter(({ lastError }) => lastError !== undefined);
  assert.match(String(news?.lastError?.message), /refused its peer at fake:\/\/there: has one\./);
  rig.host.abort("linger");
  await settle();
});

test("an acceptor's peer that the socket refuses is sent away, with an event; even if it left by itself", async () => {
  const rig = new Rig(SocketType.Pair);
  rig.host.listen(rig.transport, true);
  const stream = rig.transport.accepted();
  stream.handshake("PAIR");
  const { pipe, offer } = rig.last("identified");
  assert.ok(offer !== null);
  assert.deepEqual(rig.take(), ["bind", "bound", "accept", "handshake", "identified"]);
  rig.host.refuse(pipe, 1, "fake://peer", "has one.");
  assert.equal(stream.isOver, true);
  assert.match(String(rig.told[0]?.lastError?.message), /refused fake:\/\/peer: has one\./);
  assert.deepEqual(rig.take(), ["accept:error", "retired"]);
  rig.host.refuse(pipe, 1, "fake://peer", "has one.");
  assert.deepEqual(rig.take(), ["accept:error"]);
  rig.host.finish();
  await settle();
  assert.deepEqual([rig.take(), rig.endedCount, rig.transport.closedCount], [["close", "ended"], 1, 1]);
});

test("connections are broken and ended by their pipes; unknown ones are nothing", async () => {
  const rig = new Rig(SocketType.Router);
  rig.host.listen(rig.transport, true);
  const [first, second] = [rig.transport.accepted(), rig.transport.accepted()];
  first.handshake("DEALER");
  const firstPipe = rig.open(rig.last("identified"));
  second.handshake("DEALER");
  const secondPipe = rig.open(rig.last("identified"));
  rig.take();
  const error = new ProtocolError("ERR_ZMTP_UNSPECIFIED", "Broken.", "37/ZMTP");
  rig.host.breakConnection("unheard of", error);
  rig.host.endConnection("unheard of");
  assert.deepEqual([first.isOver, second.isOver], [false, false]);
  rig.host.breakConnection(firstPipe.id, error);
  assert.deepEqual([first.isOver, second.isOver], [true, false]);
  assert.deepEqual(rig.take(), ["handshake:error:protocol", "disconnect", "retired"]);
  secondPipe.tryWrite(frames("farewell"), true);
  rig.host.endConnection(secondPipe.id);
  assert.deepEqual([second.isOver, second.wrote("farewell")], [true, true]);
  assert.equal(rig.last("retired").pipe, secondPipe.id);
  rig.host.abort("linger");
  await settle();
  assert.equal(rig.endedCount, 1);
});

const QUESTION = {
  mechanism: "PLAIN",
  credentials: [Buffer.from("joe"), Buffer.from("x")],
  domain: "d",
  address: "10.0.0.1",
  identity: Buffer.from("s"),
  timeoutMs: 0,
};

test("a question goes to the socket's thread, its octets alone, and the answer to it comes back once", () => {
  const rig = new Rig();
  const answers: unknown[] = [];
  rig.host.authenticate(QUESTION, (outcome) => void answers.push(outcome));
  rig.host.authenticate(QUESTION, (outcome) => void answers.push(outcome));
  const [first, second] = rig.told as Extract<IoTold, { readonly told: "asked" }>[];
  assert.deepEqual([first?.question, second?.question], [1, 2]);
  assert.deepEqual(
    first?.about.credentials.map((one) => [String(Buffer.from(one)), one.buffer.byteLength]),
    [
      ["joe", 3],
      ["x", 1],
    ],
  );
  rig.host.onAnswer(2, { verdict: { status: 200, text: "", userId: "joe" }, metadata: undefined });
  rig.host.onAnswer(2, null);
  rig.host.onAnswer(3, null);
  rig.host.onAnswer(1, null);
  assert.deepEqual(answers, [{ status: 200, text: "", userId: "joe", metadata: null }, null]);
});

test("a question that is withdrawn is told so, once, and takes its timer along", () => {
  const rig = new Rig();
  const timers = new Set<unknown>();
  const before = installPlatform({
    setTimer: (callback) => {
      timers.add(callback);
      return callback;
    },
    clearTimer: (timer) => void timers.delete(timer),
  });
  try {
    const ask = (answer: () => void) => rig.host.authenticate({ ...QUESTION, timeoutMs: 1000 }, answer);
    const answers: number[] = [];
    const withdraw = ask(() => assert.fail("answered"));
    const late = ask(() => void answers.push(2));
    assert.equal(timers.size, 2);
    withdraw?.();
    withdraw?.();
    rig.host.onAnswer(1, null);
    rig.host.onAnswer(2, null);
    late?.();
    assert.equal(timers.size, 0);
    assert.deepEqual(answers, [2]);
    assert.deepEqual(rig.take(), ["asked", "asked", "withdrawn"]);
  } finally {
    installPlatform(before);
  }
});

test("questions to a thread that does not answer are bounded", () => {
  const rig = new Rig();
  for (let i = 0; i < QUESTIONS_MAX; i++) rig.host.authenticate(QUESTION, () => assert.fail("answered"));
  const answers: unknown[] = [];
  assert.equal(
    rig.host.authenticate(QUESTION, (outcome) => void answers.push((outcome as ZmqError).code)),
    undefined,
  );
  assert.deepEqual(answers, ["EAGAIN"]);
});

test("a question that is older than its connection is forgotten", async () => {
  const rig = new Rig();
  rig.host.authenticate({ ...QUESTION, timeoutMs: 1 }, () => assert.fail("answered"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  rig.host.onAnswer(1, null);
});
