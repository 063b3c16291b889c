import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtocolError, ZmqError } from "../../../../src/base/errors.ts";
import { encodeError, encodeEvent } from "../../../../src/threads/io/io-codec.ts";
import type { SharedPipe } from "../../../../src/threads/ring/shared-pipe.ts";
import { createSharedPipe } from "../../../../src/threads/ring/shared-pipe.ts";
import { FakeThread, hearBells } from "../../../contract/fake-threads.ts";
import { frames, somePeer, textOf } from "../../../contract/pipe-rig.ts";
import { turns } from "../../../peers/sockets.ts";
import { ENDPOINT } from "./io-ground.ts";
import { ABOUT, connected, GONE, MARKS, Rig } from "./remote-link-rig.ts";

test("a listener's outcome is told once, with the endpoint that it got, which its event names first", () => {
  const rig = new Rig({ isListener: true });
  const outcomes: unknown[] = [];
  rig.link.listen(false, (error) => outcomes.push([error, rig.link.endpoint]));
  assert.deepEqual(rig.calls(), ["listen"]);
  rig.tell({ told: "event", event: encodeEvent({ type: "bind", address: "fake://resolved" }) });
  assert.equal(rig.link.endpoint, "fake://resolved");
  rig.tell({ told: "bound", endpoint: "fake://resolved", error: null });
  rig.tell({ told: "bound", endpoint: "fake://resolved", error: null });
  assert.deepEqual(outcomes, [[null, "fake://resolved"]]);
  assert.deepEqual(rig.take(), ["bind"]);
});

test("a listener that failed says so with a ZmqError; one that was given up meanwhile is not bound", () => {
  for (const isGivenUp of [false, true]) {
    const rig = new Rig({ isListener: true });
    let outcome: ZmqError | null = null;
    rig.link.listen(false, (error) => {
      outcome = error;
    });
    if (isGivenUp) rig.link.finish();
    const error = isGivenUp ? null : encodeError(new ZmqError("EADDRINUSE", "Taken."));
    rig.tell({ told: "bound", endpoint: ENDPOINT, error });
    assert.ok((outcome as unknown) instanceof ZmqError);
    assert.equal((outcome as unknown as ZmqError).code, isGivenUp ? "EBADF" : "EADDRINUSE");
  }
});

test("a connected peer has its pipe at once, by whatever name; messages for it wait for the I/O thread", () => {
  const rig = new Rig();
  rig.link.connect((pipe) => {
    assert.equal(rig.pipes.length, 0, "it is prepared before it is attached");
    pipe.peer.routingId = Buffer.from("named");
  });
  const pipe = rig.pipes[0] as SharedPipe;
  assert.equal(String(pipe.peer.routingId), "named");
  const { order } = rig.connectCall;
  assert.deepEqual([order.link, order.endpoint, order.address, order.scheme], [7, ENDPOINT, "there", "fake"]);
  pipe.tryWrite(frames("early"), true);
  assert.equal(rig.link.unsentCount, 1);
  assert.equal(textOf(rig.openOffered().tryRead()), "early");
  assert.equal(rig.link.unsentCount, 0);
});

test("with immediate there is no pipe before a connection, but for a peer with a name", () => {
  const options = { immediate: true };
  const rig = new Rig({ options });
  rig.link.connect(null);
  assert.deepEqual([rig.connectCall.offer, rig.take()], [null, []]);
  const named = new Rig({ options });
  named.link.connect(() => undefined);
  assert.ok(named.connectCall.offer !== null);
  assert.equal(named.pipes.length, 1);
});

test("a socket that takes no further peer cannot connect: EINVAL, and nothing is left", () => {
  const rig = new Rig();
  rig.takesPipes = false;
  assert.throws(() => rig.link.connect(null), {
    code: "EINVAL",
    message: /Pair cannot connect .* it has one\./,
  });
  hearBells();
  assert.deepEqual(rig.calls(), []);
  assert.deepEqual(rig.take(), ["attach", "dismissed", "ended"]);
  assert.equal(rig.seat.endCount, 0);
});

test("the peer behind a kept pipe is known when it is identified, and its messages come then", () => {
  const rig = new Rig();
  rig.link.connect(null);
  const pipe = rig.pipes[0] as SharedPipe;
  const far = rig.openOffered();
  rig.calls();
  far.markTurn(1);
  far.tryWrite(frames("hello"), true);
  hearBells();
  assert.equal(pipe.tryRead(), undefined);
  rig.identify(1, null, pipe.id);
  assert.deepEqual(
    [pipe.live, pipe.peer.address, String(pipe.peer.routingId)],
    [true, "test://peer", "name"],
  );
  assert.equal(textOf(pipe.tryRead()), "hello");
  assert.deepEqual([rig.take(), rig.calls()], [["attach", "identify"], ["confirm"]]);
  rig.identify(2, null, "unheard of");
  assert.deepEqual([rig.take(), rig.calls()], [[], []]);
});

test("a peer that comes to a listener brings its pipe, which is attached and identified", () => {
  const rig = new Rig({ isListener: true });
  rig.link.listen(false, () => undefined);
  rig.calls();
  const far = createSharedPipe(rig.ioThread, MARKS, somePeer("peer"));
  rig.identify(1, far);
  assert.deepEqual([rig.take(), rig.calls()], [["attach", "identify"], ["confirm"]]);
  far.tryWrite(frames("hello"), true);
  assert.equal(textOf(rig.pipes[0]?.tryRead()), "hello");
});

test("a peer that the socket does not take is refused, with the reason, whichever way it says so", () => {
  for (const refusing of ["takesPipes", "takesPeers"] as const) {
    const rig = new Rig({ isListener: true });
    rig.link.listen(false, () => undefined);
    rig.calls();
    rig[refusing] = false;
    const far = createSharedPipe(rig.ioThread, MARKS, somePeer("peer"));
    rig.identify(3, far);
    const call = rig.posted[0]?.call;
    assert.deepEqual(call, {
      call: "refuse",
      link: 7,
      pipe: far.id,
      turn: 3,
      address: "test://peer",
      why: "it has one.",
    });
    assert.equal(rig.posted.length, 1);
    if (refusing === "takesPeers") assert.equal(rig.pipes[0]?.live, false);
    rig.take();
    far.close("peer-gone");
    rig.tell({ told: "retired", pipe: far.id });
    hearBells();
    // A pipe that the socket never had is ours to close.
    if (refusing === "takesPipes") assert.equal(rig.seat.endCount, 0);
    assert.deepEqual(rig.take(), []);
  }
});

test("a connection that is lost leaves the pipe, and what came before it is seen first", () => {
  const { rig, pipe, far } = connected();
  pipe.events = {
    onReadable: () => void rig.told.push("readable"),
    onWritable: () => undefined,
    onPeerClosed: () => undefined,
    onDrained: () => undefined,
  };
  assert.equal(pipe.tryRead(), undefined);
  far.tryWrite(frames("last words"), true);
  rig.tell({ told: "lost", pipe: pipe.id });
  assert.deepEqual([rig.take(), pipe.live, pipe.isClosed], [["readable", "lost"], false, false]);
  assert.equal(textOf(pipe.tryRead()), "last words");
  rig.tell({ told: "lost", pipe: "unheard of" });
  assert.deepEqual(rig.take(), []);
});

test("a pipe is retired when both its ends are closed, and is forgotten then", () => {
  const { rig, pipe, far } = connected();
  pipe.close("linger");
  far.close("linger");
  rig.tell({ told: "retired", pipe: pipe.id });
  rig.tell({ told: "retired", pipe: pipe.id });
  assert.deepEqual(rig.take(), ["retire"]);
});

test("a socket that has closed its end is not told of a peer, and what it wrote is still sent", () => {
  const rig = new Rig();
  rig.link.connect(null);
  const pipe = rig.pipes[0] as SharedPipe;
  rig.openOffered();
  rig.calls();
  pipe.close("linger");
  rig.identify(1, null, pipe.id);
  assert.deepEqual([rig.take(), rig.calls()], [["attach"], ["confirm"]]);
});

test("the last error is known before what it belongs to, and of its class", () => {
  const { rig } = connected();
  const lastError = encodeError(new ProtocolError("ERR_ZMTP_UNSPECIFIED", "Broken.", "37/ZMTP"));
  const event = encodeEvent({ type: "connect:delay", address: ENDPOINT });
  rig.tell({ told: "event", event, lastError });
  assert.ok(rig.link.lastError instanceof ProtocolError);
  rig.tell({ told: "event", event });
  assert.ok(rig.link.lastError instanceof ProtocolError, "no news");
});

test("the end is told once, and nothing after it", () => {
  const { rig, pipe, far } = connected();
  pipe.close("linger");
  far.close("linger");
  rig.tell({ told: "ended" });
  assert.deepEqual(rig.take(), ["dismissed", "retire", "ended"]);
  rig.tell({ told: "ended" });
  rig.tell({ told: "event", event: encodeEvent({ type: "connect:delay", address: ENDPOINT }) });
  rig.link.finish();
  rig.link.abort("linger");
  rig.link.onThreadGone(GONE);
  rig.link.onUnavailable(GONE);
  assert.deepEqual([rig.take(), rig.calls()], [[], []]);
});

test("finish and abort are the I/O thread's to do, once", () => {
  const { rig } = connected();
  rig.link.finish();
  rig.link.finish();
  rig.link.abort("linger");
  assert.deepEqual([rig.calls(), rig.take()], [["finish", "abort"], []]);
});

test("a listener that was told to end says so to those that want its endpoint; a connected link never does", () => {
  for (const isListener of [true, false]) {
    const { link } = new Rig({ isListener });
    if (isListener) link.listen(false, () => undefined);
    else link.connect(null);
    assert.equal(link.isClosing, false);
    link.finish();
    assert.equal(link.isClosing, isListener);
  }
});

test("a link that no I/O thread has heard of ends here, unless messages wait to be sent", () => {
  const idle = new Rig({ isThere: false });
  idle.link.connect(null);
  idle.pipes[0]?.close("linger");
  idle.take();
  idle.link.finish();
  assert.deepEqual([idle.take(), idle.thread.waitingCount], [["dismissed", "retire", "ended"], 0]);
  hearBells();
  assert.equal(idle.seat.endCount, 0);

  const busy = new Rig({ isThere: false });
  busy.link.connect(null);
  const pipe = busy.pipes[0] as SharedPipe;
  pipe.tryWrite(frames("early"), true);
  busy.take();
  busy.link.finish();
  assert.deepEqual([busy.take(), busy.thread.waitingCount], [[], 2]);
  pipe.close("linger");
  busy.link.abort("linger");
  assert.deepEqual(busy.take(), ["dismissed", "retire", "ended"]);
  assert.equal(pipe.written.dropped.linger, 1);
});

test("connections are broken and ended in the I/O thread, by their pipes", () => {
  const { rig, pipe } = connected();
  rig.link.breakConnection(pipe, new ProtocolError("ERR_ZMTP_UNSPECIFIED", "Broken.", "37/ZMTP"));
  rig.link.endConnection(pipe);
  assert.deepEqual(
    rig.posted.map(({ call }) => [call.call, (call as { pipe?: string }).pipe]),
    [
      ["breakConnection", pipe.id],
      ["endConnection", pipe.id],
    ],
  );
});

test("when the I/O thread is gone, the peer is too, and another thread takes the link with a new pipe", async () => {
  const { rig, pipe } = connected();
  rig.thread.depart();
  rig.ioThread.die();
  pipe.close("peer-gone");
  const next = new FakeThread();
  rig.thread = rig.makeThread(next);
  rig.link.onThreadGone(GONE);
  assert.equal(rig.link.lastError, GONE);
  assert.deepEqual(rig.take(), ["disconnect", "retire"]);
  assert.deepEqual(rig.calls(), [], "the socket lets go of the pipe first");
  await turns();
  assert.deepEqual(rig.take(), ["assigned", "attach"]);
  assert.deepEqual(rig.posted[0]?.to, next.me);
  assert.equal(rig.connectCall.offer?.id, (rig.pipes[1] as SharedPipe).id);
  assert.notEqual(rig.pipes[1], pipe);
  rig.openOffered(next);
  rig.identify(1, null, (rig.pipes[1] as SharedPipe).id);
  assert.equal(rig.pipes[1]?.live, true);
});

test("a pipe that the gone thread never opened goes to the next with what was written", async () => {
  const rig = new Rig({ isThere: false });
  rig.link.connect(null);
  const pipe = rig.pipes[0] as SharedPipe;
  pipe.tryWrite(frames("early"), true);
  rig.take();
  const next = new FakeThread();
  rig.thread = rig.makeThread(next);
  rig.link.onThreadGone(GONE);
  await turns();
  assert.deepEqual(rig.take(), ["assigned"]);
  assert.equal(rig.connectCall.offer?.id, pipe.id);
  assert.equal(textOf(rig.openOffered(next).tryRead()), "early");
});

test("a socket that takes no new pipe yet connects again without one", async () => {
  const { rig } = connected();
  rig.ioThread.die();
  rig.thread = rig.makeThread(new FakeThread());
  rig.takesPipes = false;
  rig.link.onThreadGone(GONE);
  await turns();
  assert.deepEqual([rig.connectCall.offer, rig.connectCall.order.options.immediate], [null, true]);
});

test("a listener is made again at the endpoint that it got; its outcome is not told again", async () => {
  const rig = new Rig({ isListener: true });
  let outcomeCount = 0;
  rig.link.listen(true, () => outcomeCount++);
  rig.tell({ told: "bound", endpoint: "fake://resolved", error: null });
  rig.calls();
  rig.link.onThreadGone(GONE);
  await turns();
  const call = rig.posted[0]?.call;
  assert.ok(call?.call === "listen");
  assert.deepEqual(
    [call.order.endpoint, call.order.address, call.isSync],
    ["fake://resolved", "resolved", false],
  );
  rig.tell({ told: "bound", endpoint: "fake://resolved", error: null });
  assert.equal(outcomeCount, 1);
});

test("a link that was finishing when its thread went ends, and is not made again", async () => {
  for (const isLate of [false, true]) {
    const { rig } = connected();
    if (!isLate) rig.link.finish();
    rig.link.onThreadGone(GONE);
    if (isLate) rig.link.finish();
    rig.calls();
    await turns();
    assert.equal(rig.take().at(-1), "ended");
    assert.deepEqual(rig.calls(), []);
  }
});

test("when there will be no I/O thread, a listener fails and a connection is given up, with the reason", () => {
  const listener = new Rig({ isThere: false, isListener: true });
  let outcome: ZmqError | null = null;
  listener.link.listen(false, (error) => {
    outcome = error;
  });
  listener.link.onUnavailable(GONE);
  assert.equal(outcome, GONE);
  assert.deepEqual(listener.take(), ["bind:error", "dismissed", "ended"]);

  const connector = new Rig({ isThere: false });
  connector.link.connect(null);
  const pipe = connector.pipes[0] as SharedPipe;
  pipe.tryWrite(frames("lost"), true);
  connector.take();
  connector.link.onUnavailable(GONE);
  assert.deepEqual(connector.take(), ["close", "dismissed", "ended"]);
  assert.equal((connector.events[0] as { error?: Error }).error, GONE);
  assert.equal(pipe.isEnded, true);
  assert.equal(pipe.written.dropped["peer-gone"], 1);
});

test("what the I/O thread asks the socket is asked, and the answer goes back; to none that came after it", () => {
  const rig = new Rig({ isListener: true });
  rig.link.listen(false, () => undefined);
  rig.calls();
  // A socket that can ask nobody.
  rig.tell({ told: "asked", question: 1, about: ABOUT });
  assert.deepEqual(rig.posted.at(-1)?.call, { call: "answer", link: 7, question: 1, outcome: null });
  const { answers } = rig.letAsk();
  rig.tell({ told: "asked", question: 2, about: ABOUT });
  rig.tell({ told: "asked", question: 3, about: ABOUT });
  answers[1]?.({ status: 200, text: "", userId: "joe", metadata: null });
  const outcome = { verdict: { status: 200, text: "", userId: "joe" }, metadata: undefined };
  assert.deepEqual(rig.posted.at(-1)?.call, { call: "answer", link: 7, question: 3, outcome });
  rig.thread.depart();
  const count = rig.posted.length;
  answers[0]?.(null);
  assert.equal(rig.posted.length, count);
});

test("a question is withdrawn when the I/O thread says so, when it is gone, and when the link ends", () => {
  const rig = new Rig({ isListener: true });
  rig.link.listen(false, () => undefined);
  const { answers, withdrawn } = rig.letAsk();
  for (const question of [1, 2, 3]) rig.tell({ told: "asked", question, about: ABOUT });
  for (const question of [2, 2, 4]) rig.tell({ told: "withdrawn", question });
  assert.deepEqual(withdrawn, [2]);
  answers[2]?.(null);
  rig.tell({ told: "withdrawn", question: 3 });
  assert.deepEqual(withdrawn, [2], "the third was answered");
  rig.link.onThreadGone(GONE);
  assert.deepEqual(withdrawn, [2, 1]);
  rig.tell({ told: "asked", question: 1, about: ABOUT });
  rig.tell({ told: "ended" });
  assert.deepEqual(withdrawn, [2, 1, 4]);
});
