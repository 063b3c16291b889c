import assert from "node:assert/strict";
import { test } from "node:test";
import { ZmtpEngine } from "../../../src/engine/zmtp-engine.ts";
import { NO_METADATA } from "../../../src/wire/metadata.ts";
import { EngineProbe } from "../../peers/engine-probe.ts";
import * as zmtp from "../../peers/octets.ts";

// What the spec tests do not say: stops, limits, deadlines, memory.

test("a message that the sink does not take stops the engine, and is offered again first", () => {
  const probe = EngineProbe.ready("PULL");
  probe.takes = () => probe.messages.length < 2;
  probe.receive(
    Buffer.concat([
      zmtp.message("1"),
      zmtp.message("2"),
      zmtp.message("3", "3"),
      zmtp.message("4"),
      zmtp.ping(0),
    ]),
  );
  assert.deepEqual(probe.texts, ["1", "2"]);
  assert.ok(probe.engine.isStopped);
  assert.equal(probe.engine.outputSize, 0);
  probe.engine.resume(0);
  assert.ok(probe.engine.isStopped);
  probe.takes = () => true;
  probe.engine.resume(0);
  assert.ok(!probe.engine.isStopped);
  assert.deepEqual(probe.texts, ["1", "2", "3|3", "4"]);
  assert.deepEqual(probe.takeSent(), zmtp.pong());
});

test("the handshake deadline runs from the start and is not moved by progress", () => {
  const probe = new EngineProbe("PULL", { handshakeIntervalMs: 1_000 });
  probe.engine.start(500);
  assert.equal(probe.engine.nextDeadline(), 1_500);
  probe.receive(zmtp.greeting(), 1_400);
  probe.engine.handleDeadline(1_499, true);
  assert.equal(probe.failures.length, 0);
  probe.engine.handleDeadline(1_500, true);
  assert.equal(probe.failures[0]?.kind, "timeout");
  assert.equal(probe.failures[0]?.wasReady, false);
  assert.equal(probe.engine.nextDeadline(), Number.POSITIVE_INFINITY);
});

test("an interval of 0 waits for the handshake for ever", () => {
  const probe = new EngineProbe("PULL", { handshakeIntervalMs: 0 });
  probe.engine.start(0);
  assert.equal(probe.engine.nextDeadline(), Number.POSITIVE_INFINITY);
});

test("a command of the handshake may not be longer than maxHandshakeSize", () => {
  const ready = (fill: number) => zmtp.ready("PUSH", zmtp.property("X-fill", Buffer.alloc(fill)));
  const overhead = ready(2_000).length - 9 - 2_000;
  for (const [size, log] of [
    [4_096, ["ready"]],
    [4_097, ["failed"]],
  ] as const) {
    const probe = new EngineProbe("PULL", { maxHandshakeSize: 4_096 });
    probe.engine.start(0);
    probe.receive(zmtp.greeting());
    probe.receive(ready(size - overhead));
    assert.deepEqual(probe.log, log);
  }
});

test("limits of frames, octets and commands are exact", () => {
  const outcome = (limits: object, ...octets: Buffer[]) => {
    const probe = EngineProbe.ready("PULL", limits);
    probe.receive(Buffer.concat(octets));
    return probe.log.slice(1).join(" ");
  };
  assert.equal(outcome({ maxFramesPerMessage: 2 }, zmtp.message("a", "b")), "message");
  assert.equal(outcome({ maxFramesPerMessage: 2 }, zmtp.message("a", "b", "c")), "failed");
  assert.equal(
    outcome({ maxMultipartSize: 4 }, zmtp.message("ab", "cd"), zmtp.message("abc", "d")),
    "message message",
  );
  assert.equal(outcome({ maxMultipartSize: 4 }, zmtp.message("ab", "cde")), "failed");
  assert.equal(outcome({ maxMultipartSize: 4 }, zmtp.message("abcde")), "failed");
  assert.equal(outcome({ maxMessageSize: 4 }, zmtp.message("abcd", "efgh")), "message");
  assert.equal(outcome({ maxMessageSize: 4 }, zmtp.message("abcde")), "failed");
  assert.equal(outcome({ maxCommandSize: 100 }, zmtp.command("J", Buffer.alloc(98))), "");
  assert.equal(outcome({ maxCommandSize: 100 }, zmtp.command("J", Buffer.alloc(99))), "failed");
});

test("topics are measured as messages, other commands to a publisher are not", () => {
  const probe = EngineProbe.ready("XPUB", { maxCommandSize: 512 });
  probe.receive(zmtp.subscribe(Buffer.alloc(100_000, "t")));
  assert.equal(probe.messages[0]?.[0]?.length, 100_001);
  probe.receive(zmtp.command("JUNK", Buffer.alloc(600)));
  assert.deepEqual(probe.log, ["ready", "message", "failed"]);
});

test("a subscription between the frames of a message is neither lost nor part of it", () => {
  const probe = EngineProbe.ready("XPUB");
  probe.receive(Buffer.concat([zmtp.frame(zmtp.MORE, "a"), zmtp.subscribe("t"), zmtp.frame(0, "b")]));
  assert.deepEqual(probe.texts, ["\x01t", "a|b"]);
});

test("a flood of PINGs leaves one batch of PONGs, the last owed, and nothing more", () => {
  const probe = EngineProbe.ready("PULL");
  for (let i = 0; i < 20_000; i++) probe.receive(zmtp.ping(0, String(i).padStart(8, "0")));
  assert.ok(probe.engine.outputSize < 65_536 + 100, `${probe.engine.outputSize} octets wait`);
  const answers = probe.takeFrames();
  assert.ok(Buffer.from(answers.at(-1)!.body).toString().endsWith("00019999"), "the last one is answered");
  assert.equal(probe.engine.outputSize, 0);
});

test("a ttl is never sent in a size that libzmq cannot compute", () => {
  for (const [ttlMs, tenths] of [
    [0, 0],
    [99, 0],
    [65_599, 655],
    [6_553_599, 655],
  ] as const) {
    const probe = EngineProbe.ready("PULL", { heartbeatIntervalMs: 100, heartbeatTtlMs: ttlMs });
    probe.engine.handleDeadline(100, true);
    assert.deepEqual(probe.takeSent(), zmtp.ping(tenths));
  }
});

test("silence while we do not read ends nothing", () => {
  const probe = EngineProbe.ready("PULL", { heartbeatIntervalMs: 100, heartbeatTimeoutMs: 50 });
  probe.engine.handleDeadline(100, true);
  probe.engine.handleDeadline(1_000, false);
  assert.equal(probe.failures.length, 0);
  probe.engine.handleDeadline(probe.engine.nextDeadline(), true);
  assert.equal(probe.failures.length, 1);
});

test("octets behind a failure are nobody's, and a closed engine is deaf", () => {
  const probe = EngineProbe.ready("PULL");
  probe.receive(Buffer.concat([zmtp.message("1"), zmtp.frame(0x80, ""), zmtp.message("2")]));
  probe.receive(zmtp.message("3"));
  probe.engine.resume(0);
  probe.engine.handleDeadline(1e9, true);
  assert.deepEqual(probe.log, ["ready", "message", "failed"]);
  const closed = EngineProbe.ready("PULL");
  closed.engine.close();
  closed.receive(zmtp.message("1"));
  assert.deepEqual(closed.log, ["ready"]);
  assert.ok(!closed.engine.isStopped);
  assert.ok(!closed.engine.isInMessage);
});

test("a sink that closes the engine in the midst of a chunk gets nothing more of it", () => {
  const probe = EngineProbe.ready("PULL");
  probe.takes = () => {
    probe.engine.close();
    return true;
  };
  probe.receive(Buffer.concat([zmtp.message("1"), zmtp.message("2")]));
  assert.deepEqual(probe.texts, ["1"]);
});

test("isInMessage is true from the first octet of a message to its last", () => {
  const probe = EngineProbe.ready("PULL");
  const octets = zmtp.message("ab", "cd");
  for (let cut = 1; cut < octets.length; cut++) {
    probe.receive(octets.subarray(cut - 1, cut));
    assert.ok(probe.engine.isInMessage, `after ${cut} octets`);
  }
  probe.receive(octets.subarray(-1));
  assert.ok(!probe.engine.isInMessage);
});

test("an error that is nobody's protocol is not hidden", () => {
  const probe = EngineProbe.ready("PULL");
  probe.takes = () => {
    throw new Error("a bug of the sink");
  };
  assert.throws(() => probe.receive(zmtp.message("1")), /a bug of the sink/);
});

test("a mechanism that waits for an answer opens traffic when it goes on", () => {
  const probe = new EngineProbe("PULL");
  const mechanism = {
    name: "WAIT",
    asServer: true,
    codec: null,
    peerProperties: NO_METADATA,
    verdict: null,
    onProgress: null as (() => void) | null,
    awaited: null,
    isComplete: false,
    commands: [] as Uint8Array[],
    nextCommand: () => mechanism.commands.shift() ?? null,
    receive: () => undefined,
  };
  const options = {
    socketTypeName: "PULL" as const,
    routingId: new Uint8Array(0),
    maxMessageSize: -1,
    maxMultipartSize: -1,
    maxFramesPerMessage: 10,
    maxCommandSize: 1_000,
    maxHandshakeSize: 1_000,
    handshakeIntervalMs: 0,
    heartbeatIntervalMs: 0,
    heartbeatTimeoutMs: -1,
    heartbeatTtlMs: 0,
  };
  const engine = new ZmtpEngine(options, mechanism, probe);
  engine.start(0);
  engine.receive(Buffer.concat([zmtp.greeting({ mechanism: "WAIT" }), zmtp.command("HELLO")]), 0);
  engine.takeOutput();
  assert.deepEqual(probe.log, []);
  mechanism.commands.push(zmtp.commandBody("WELCOME"));
  mechanism.isComplete = true;
  mechanism.onProgress?.();
  assert.deepEqual(probe.log, ["ready"]);
  assert.deepEqual(Buffer.concat(engine.takeOutput()), zmtp.command("WELCOME"));
});

test("short messages go through as they lie, between messages only, and only where no limit is passed by", () => {
  const octets = Buffer.concat([zmtp.message("a"), zmtp.message("b", "c"), zmtp.message("x".repeat(300))]);
  const half = Buffer.concat([zmtp.frame(zmtp.MORE, "first"), zmtp.frame(0, "last"), zmtp.message("d")]);
  const open = EngineProbe.ready("PULL");
  open.onRunMax = 100;
  open.receive(octets);
  open.receive(half.subarray(0, 7));
  open.receive(half.subarray(7));
  open.receive(zmtp.message("e"));
  assert.deepEqual(open.texts, ["a", "b|c", "x".repeat(300), "first|last", "d", "e"]);
  assert.deepEqual(open.log, ["ready", "run of 2", "message", "message", "message", "run of 1"]);
  for (const limits of [{ maxFramesPerMessage: 15 }, { maxMultipartSize: 8_000 }]) {
    const limited = EngineProbe.ready("PULL", limits);
    limited.onRunMax = 100;
    limited.receive(octets);
    assert.deepEqual(limited.log, ["ready", "message", "message", "message"]);
  }
  const narrow = EngineProbe.ready("PULL", { maxMessageSize: 1 });
  narrow.onRunMax = 100;
  narrow.receive(Buffer.concat([zmtp.message("a"), zmtp.message("too long")]));
  assert.deepEqual(narrow.texts, ["a"]);
  assert.equal(narrow.failureCode, "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE");
});

test("a run that is sent is the same octets; a subscriber's must be looked at", () => {
  const run = Buffer.concat([zmtp.message("a"), zmtp.message("b", "c")]);
  const probe = EngineProbe.ready("PUSH");
  assert.equal(probe.engine.sendsRuns, true);
  probe.engine.sendRun({ octets: run, count: 2 });
  assert.equal(probe.engine.outputMessageCount, 2);
  assert.deepEqual(Buffer.concat(probe.engine.takeOutput()), run);
  assert.equal(EngineProbe.ready("XSUB").engine.sendsRuns, false);
});

test("a hello goes out behind the handshake, before the sink can send, and counts nowhere", () => {
  for (const helloMessage of [Buffer.from("hello"), null, undefined]) {
    const probe = new EngineProbe("CLIENT", helloMessage === undefined ? {} : { helloMessage });
    probe.engine.start(0);
    probe.receive(zmtp.greeting());
    probe.takeSent();
    assert.equal(probe.engine.outputSize, 0, "nothing before the peer is known");
    probe.receive(zmtp.ready("SERVER"));
    assert.deepEqual(probe.log, ["ready"]);
    assert.equal(probe.engine.outputMessageCount, 0);
    probe.engine.send([Buffer.from("first")]);
    assert.equal(probe.engine.outputMessageCount, 1);
    const hello = helloMessage ? zmtp.message("hello") : Buffer.alloc(0);
    assert.deepEqual(probe.takeSent(), Buffer.concat([hello, zmtp.message("first")]));
  }
});

test("a peer of a type that is not met gets no hello", () => {
  const probe = new EngineProbe("CLIENT", { helloMessage: Buffer.from("hello") });
  probe.engine.start(0);
  probe.receive(Buffer.concat([zmtp.greeting(), zmtp.ready("DEALER")]));
  assert.deepEqual(probe.log, ["failed"]);
  assert.equal(probe.takeSent().includes("hello"), false);
});
