import assert from "node:assert/strict";
import { test } from "node:test";
import type { ErrorCode, ProtocolErrorCode } from "../../../../src/base/errors.ts";
import { AuthError, ERRORS, PROTOCOL_ERRORS, ProtocolError, ZmqError } from "../../../../src/base/errors.ts";
import { installPlatform } from "../../../../src/base/platform.ts";
import { SocketType } from "../../../../src/base/socket-type.ts";
import { unknownPeer } from "../../../../src/core/link.ts";
import type { MonitorEvent } from "../../../../src/core/monitor-event.ts";
import type { PeerInfo } from "../../../../src/pipe/pipe.ts";
import { zapMetadata } from "../../../../src/security/zap.ts";
import {
  decodeError,
  decodeEvent,
  decodeOutcome,
  decodePeer,
  decodeZmqError,
  encodeError,
  encodeEvent,
  encodeOutcome,
  encodePeer,
} from "../../../../src/threads/io/io-codec.ts";
import { nodePlatform } from "../../../../src/transports/node-platform.ts";
import { encodeMetadata, parseMetadata } from "../../../../src/wire/metadata.ts";

installPlatform(nodePlatform);

const ADDRESS = "tcp://127.0.0.1:5555";

/** Through what mail does to values. */
function cross(error: unknown): Error {
  return decodeError(structuredClone(encodeError(error)));
}

function crossEvent(event: MonitorEvent): MonitorEvent {
  return decodeEvent(structuredClone(encodeEvent(event)));
}

/** All that a program may read from an error. */
function readableOf(error: Error): unknown[] {
  const { code, errno, address, spec, status } = error as unknown as Record<string, unknown>;
  return [error.name, error.message, error.stack, code, errno, address, spec, status];
}

test("a ZmqError of every code stays one, sentence, remedy, number and address included", () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    for (const details of [{}, { address: ADDRESS }, { remedy: "Do otherwise." }]) {
      const error = new ZmqError(code, "It went wrong.", details);
      const crossed = cross(error);
      assert.ok(crossed instanceof ZmqError, code);
      assert.deepEqual(readableOf(crossed), readableOf(error));
      assert.equal(Object.hasOwn(crossed, "address"), Object.hasOwn(error, "address"));
      assert.deepEqual(Object.keys(crossed), Object.keys(error), "it is shown alike");
    }
  }
});

test("a ProtocolError of every code stays one, and names the rule that was broken", () => {
  for (const code of Object.keys(PROTOCOL_ERRORS) as ProtocolErrorCode[]) {
    const error = new ProtocolError(code, "The peer sent 7.", '37/ZMTP, Framing: "a rule"');
    const crossed = cross(error);
    assert.ok(crossed instanceof ProtocolError, code);
    assert.deepEqual(readableOf(crossed), readableOf(error));
  }
});

test("an AuthError keeps its status", () => {
  for (const status of [300, 400, 500] as const) {
    const error = new AuthError(status, "No.");
    const crossed = cross(error);
    assert.ok(crossed instanceof AuthError);
    assert.deepEqual(readableOf(crossed), readableOf(error));
  }
});

test("an error of the system keeps its facts; other things of an error stay behind", () => {
  const facts = { code: "ECONNREFUSED", errno: -111, syscall: "connect", address: "127.0.0.1", port: 9 };
  const error = Object.assign(new Error("connect ECONNREFUSED"), facts, { socket: () => undefined });
  const crossed = cross(error);
  assert.deepEqual({ ...crossed }, facts);
  assert.deepEqual(
    [crossed.constructor, crossed.message, crossed.stack],
    [Error, error.message, error.stack],
  );
});

test("a name that is not the class's is kept, and what is no error becomes one", () => {
  assert.equal(cross(new RangeError("far")).name, "RangeError");
  assert.equal(Object.hasOwn(cross(new Error("plain")), "name"), false);
  assert.equal(cross("text").message, "text");
  assert.equal(cross(undefined).message, "undefined");
});

test("causes cross with their errors, so far", () => {
  const system = Object.assign(new Error("listen EACCES"), { code: "EACCES", syscall: "listen" });
  const crossed = cross(new ZmqError("EACCES", "Refused.", { cause: system }));
  assert.deepEqual({ ...(crossed.cause as object) }, { code: "EACCES", syscall: "listen" });
  assert.equal(Object.keys(crossed).includes("cause"), false);
  assert.equal(Object.hasOwn(cross(new ZmqError("EIO", "Alone.")), "cause"), false);
  const endless = new Error("endless");
  endless.cause = endless;
  let depth = 0;
  for (let at: unknown = cross(endless); at instanceof Error; at = at.cause) depth++;
  assert.equal(depth, 5);
});

test("who needs a ZmqError gets EIO for anything else, with the error as cause", () => {
  const busy = new ZmqError("EADDRINUSE", "Taken.", { address: ADDRESS });
  assert.deepEqual(readableOf(decodeZmqError(encodeError(busy))), readableOf(busy));
  const other = decodeZmqError(encodeError(new TypeError("bug")));
  assert.ok(other instanceof ZmqError);
  assert.equal(other.code, "EIO");
  assert.match(other.message, /^bug\. /);
  assert.equal((other.cause as Error).name, "TypeError");
  // Of another version, maybe.
  const unheard = decodeZmqError({ ...encodeError(busy), facts: { code: "EUNHEARD" } });
  assert.equal(unheard.code, "EIO");
});

test("every kind of event comes out as it went in, its error too", () => {
  const peer = "tcp://127.0.0.1:51324";
  const error = new ZmqError("ECONNRESET", "Broken.", { address: ADDRESS });
  const rule = new ProtocolError("ERR_ZMTP_UNSPECIFIED", "Broken.", "37/ZMTP");
  const events: MonitorEvent[] = [
    { type: "bind", address: ADDRESS },
    { type: "bind:error", address: ADDRESS, error },
    { type: "accept", address: ADDRESS, peer },
    { type: "accept:error", address: ADDRESS, error },
    { type: "connect", address: ADDRESS, peer },
    { type: "connect:delay", address: ADDRESS },
    { type: "connect:retry", address: ADDRESS, interval: 7 },
    { type: "connect:retry", address: ADDRESS, interval: 7, error },
    { type: "close", address: ADDRESS },
    { type: "close", address: ADDRESS, error },
    { type: "close:error", address: ADDRESS, error },
    { type: "disconnect", address: ADDRESS, peer },
    { type: "disconnect", address: ADDRESS, peer, error },
    { type: "end" },
    { type: "handshake", address: ADDRESS, peer },
    { type: "handshake:error:protocol", address: ADDRESS, peer, error: rule },
    { type: "handshake:error:auth", address: ADDRESS, peer, error: new AuthError(400, "No.") },
    { type: "handshake:error:other", address: ADDRESS, peer, error: new ZmqError("EPIPE", "Closed.") },
  ];
  for (const event of events) {
    const crossed = crossEvent(event);
    assert.deepEqual(crossed, event);
    if (!("error" in event)) assert.equal("error" in crossed, false, event.type);
    else assert.equal((crossed as { error: Error }).error.constructor, (event.error as Error).constructor);
  }
});

test("whom an authenticator took a peer for crosses with it", () => {
  const metadata = zapMetadata([["Level", Buffer.from("9")]]);
  const known = { ...unknownPeer(ADDRESS, ADDRESS, true), userId: "joe", metadata };
  const peer = decodePeer(structuredClone(encodePeer(known)));
  assert.equal(peer.userId, "joe");
  assert.equal(String(Buffer.from(peer.metadata?.find("Level") ?? "")), "9");
});

test("a peer without properties crosses as it is known", () => {
  const unknown = { ...unknownPeer(ADDRESS, ADDRESS, true), userId: undefined, metadata: undefined };
  const crossed = decodePeer(structuredClone(encodePeer(unknown)));
  assert.deepEqual({ ...crossed, routingId: [...crossed.routingId] }, { ...unknown, routingId: [] });
});

test("a peer's properties can be asked for by name on the other side, and its routing id is a view of ours", () => {
  const octets = encodeMetadata([
    ["Socket-Type", Buffer.from("DEALER")],
    ["X-Shoe", Buffer.from("42")],
    ["x-shoe", Buffer.from("43")],
  ]);
  const peer: PeerInfo = {
    endpoint: ADDRESS,
    address: "tcp://127.0.0.1:51324",
    socketType: SocketType.Dealer,
    routingId: Buffer.from("a large text").subarray(2, 7),
    outgoing: false,
    properties: parseMetadata(octets),
  };
  const data = encodePeer(peer);
  assert.equal(data.routingId.buffer.byteLength, 5, "the pool stays here");
  const crossed = decodePeer(structuredClone(data));
  assert.deepEqual(
    [crossed.endpoint, crossed.address, crossed.socketType, crossed.outgoing],
    [peer.endpoint, peer.address, peer.socketType, peer.outgoing],
  );
  assert.ok(Buffer.isBuffer(crossed.routingId));
  assert.equal(String(crossed.routingId), "large");
  assert.equal(String(crossed.properties?.find("x-sHOE")), "42");
  assert.equal(crossed.properties?.find("absent"), undefined);
  assert.deepEqual([...(crossed.properties?.toMap().keys() ?? [])], ["Socket-Type", "X-Shoe"]);
  assert.equal(data.properties?.count, 3);
});

test("what an authenticator said crosses as it is: a verdict, an error, or that there is none", () => {
  const metadata = zapMetadata([["Level", Buffer.from("9")]]);
  const verdict = { status: 200, text: "OK", userId: "joe", metadata } as const;
  const crossed = decodeOutcome(structuredClone(encodeOutcome(verdict)));
  assert.ok(crossed !== null && !(crossed instanceof Error));
  assert.deepEqual({ ...crossed, metadata: null }, { ...verdict, metadata: null });
  assert.equal(String(Buffer.from(crossed.metadata?.find("level") ?? "")), "9");
  const refused = { status: 400, text: "no", userId: "", metadata: null } as const;
  assert.deepEqual(decodeOutcome(structuredClone(encodeOutcome(refused))), refused);
  assert.equal(decodeOutcome(structuredClone(encodeOutcome(null))), null);
  const error = new ZmqError("EFAULT", "Nobody.");
  const told = decodeOutcome(structuredClone(encodeOutcome(error)));
  assert.ok(told instanceof ZmqError && told.code === "EFAULT");
});
