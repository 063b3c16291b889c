import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../../src/index.ts";
import type { ByteStream, StreamEvents } from "../../../../src/core/transport.ts";
import { Conversation } from "../../../../src/services/probe/conversation.ts";
import { encodeCommand, encodeError, encodeReady } from "../../../../src/wire/command.ts";
import { COMMAND, headerSize, writeHeader } from "../../../../src/wire/frame.ts";
import { encodeGreeting } from "../../../../src/wire/greeting.ts";

/** A stream whose other end is the test. */
class FakeStream implements ByteStream {
  readonly localEndpoint = "tcp://a";
  readonly remoteEndpoint = "tcp://b";
  readonly waitingSize = 0;
  events: StreamEvents | null = null;
  written = Buffer.alloc(0);

  start(events: StreamEvents): void {
    this.events = events;
  }

  write(chunks: readonly Uint8Array[]): boolean {
    this.written = Buffer.concat([this.written, ...chunks]);
    return true;
  }

  pauseReading(): void {
    this.events = null;
  }

  resumeReading(): void {
    this.events = null;
  }

  end(): void {
    this.events = null;
  }

  destroy(): void {
    this.events = null;
  }

  says(...chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) this.events?.onOctets(Uint8Array.from(chunk), false);
  }
}

function begin() {
  const stream = new FakeStream();
  const ends: number[] = [];
  let nowMs = 100;
  const conversation = new Conversation(
    stream,
    () => nowMs++,
    (inMs) => ends.push(inMs),
  );
  return { stream, ends, conversation, learned: conversation.learned };
}

function frame(body: Uint8Array, flags = COMMAND): Uint8Array {
  const octets = new Uint8Array(headerSize(body.length) + body.length);
  octets.set(body, writeHeader(octets, 0, flags, body.length));
  return octets;
}

const greeting = encodeGreeting("NULL", false);
const readyAs = (type: string, ...more: [string, Uint8Array][]): Uint8Array =>
  frame(encodeReady([["Socket-Type", Buffer.from(type)], ...more]));

test("our version goes out alone until the peer's mechanism is known", () => {
  const { stream, learned, ends } = begin();
  assert.equal(stream.written.length, 12);
  stream.says(encodeGreeting("PLAIN", true));
  assert.equal(stream.written.length, 12, "nothing for a mechanism that is not ours");
  assert.deepEqual(
    [learned.mechanism, learned.asServer, learned.protocol, ends],
    ["PLAIN", true, "3.1", [0]],
  );
});

test("a greeting and a READY are understood however they are cut", () => {
  const octets = Buffer.concat([
    greeting,
    readyAs("PUSH", ["Identity", Buffer.from("me")], ["X-Name", Buffer.from("n")]),
  ]);
  for (const step of [1, 2, 7, 63, 64, 65, octets.length]) {
    const { stream, learned, ends } = begin();
    for (let at = 0; at < octets.length; at += step) stream.says(octets.subarray(at, at + step));
    assert.deepEqual(
      [learned.socketType, learned.routingId, learned.properties, ends],
      ["PUSH", "6d65", { "X-Name": "n" }, [0]],
      `by ${step}`,
    );
  }
});

test("who would send us messages, or has room for one, is never told what we are", () => {
  for (const type of ["PUSH", "DEALER", "REQ", "PAIR", "CLIENT", "SCATTER", "CHANNEL", ""]) {
    const { stream, learned, ends } = begin();
    stream.says(greeting, readyAs(type));
    assert.equal(stream.written.length, 64, type);
    assert.deepEqual([learned.isPinged, ends], [false, [0]]);
  }
});

test("the others are met as a type that suits them, and asked for a PONG", () => {
  const suits = {
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
  for (const [type, as] of Object.entries(suits)) {
    const { stream, learned, ends } = begin();
    stream.says(greeting, readyAs(type));
    const said = stream.written.subarray(64).toString("latin1");
    assert.match(said, new RegExp(`READY.*Socket-Type.{4}${as}`, "s"));
    assert.match(said, /PING/);
    assert.equal(learned.isPinged, true);
    stream.says(frame(encodeCommand("PONG", new Uint8Array([0x70]))));
    assert.notEqual(learned.pongMs, null);
    assert.equal(ends.at(-1), 0);
  }
});

test("a 3.0 peer knows no PING", () => {
  const { stream, learned } = begin();
  const old = Uint8Array.from(greeting);
  old[11] = 0;
  stream.says(old, readyAs("ROUTER"));
  assert.deepEqual([learned.protocol, learned.isPinged, stream.written.length], ["3.0", false, 64]);
});

test("a peer that waits is nudged, as a SUB that asks for nothing", () => {
  const { stream, conversation, learned } = begin();
  conversation.nudge();
  assert.equal(stream.written.length, 64, "the rest of the greeting");
  stream.says(greeting);
  conversation.nudge();
  conversation.nudge();
  const said = stream.written.subarray(64).toString("latin1");
  assert.equal(said.split("READY").length, 2);
  assert.match(said, /SUB/);
  stream.says(readyAs("XPUB"));
  assert.deepEqual([learned.socketType, learned.isPinged], ["XPUB", false]);
});

test("a refusal, before or in the handshake, ends it", () => {
  const { stream, learned, ends } = begin();
  stream.says(greeting, frame(encodeError("400")));
  assert.match(learned.refusal?.message ?? "", /status 400/);
  assert.deepEqual(ends, [0]);
});

test("what is no ZMTP is kept, up to a limit, and its end awaited for a moment", () => {
  const { stream, learned, ends } = begin();
  stream.says(Buffer.from("HTTP/1.1 "), Buffer.from("400 Bad Request\r\n"));
  assert.equal(Buffer.from(learned.foreign as Uint8Array).toString(), "HTTP/1.1 400 Bad Request\r\n");
  assert.ok((ends[0] as number) > 0);
  for (let at = 0; at < 100; at++) stream.says(Buffer.alloc(1000));
  assert.ok((learned.foreign as Uint8Array).length <= 512 + 1000);
});

test("malformed handshakes never throw", (t) => {
  const seed = Number(process.env.SEED ?? 4711);
  t.diagnostic(`seed ${seed}`);
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  const valid = Buffer.concat([greeting, readyAs("ROUTER"), frame(Buffer.from("hello"), 0)]);
  for (let round = 0; round < 2000; round++) {
    const { stream, conversation } = begin();
    const octets = Buffer.from(valid);
    for (let count = next(4); count >= 0; count--) octets[next(octets.length)] = next(256);
    stream.says(octets.subarray(0, next(octets.length)), octets.subarray(next(octets.length)));
    conversation.nudge();
    stream.events?.onClosed(null);
  }
});

test("messages of the peer are passed over", () => {
  const { stream, learned } = begin();
  stream.says(
    greeting,
    readyAs("PUB"),
    frame(Buffer.from("news"), 0),
    frame(encodeCommand("PONG", Buffer.from("p"))),
  );
  assert.ok(learned.pongMs !== null && learned.refusal === null);
});
