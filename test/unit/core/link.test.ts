import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthError, ProtocolError, ZmqError } from "../../../src/base/errors.ts";
import { installPlatform } from "../../../src/base/platform.ts";
import { SocketType } from "../../../src/base/socket-type.ts";
import type { ConnectionEnd } from "../../../src/core/connection-end.ts";
import { createContextOptions } from "../../../src/core/context-options.ts";
import type { LinkHost } from "../../../src/core/link.ts";
import { createSessionPipe, emitEnd, learnPeer, unknownPeer } from "../../../src/core/link.ts";
import type { MonitorEvent } from "../../../src/core/monitor-event.ts";
import { createSocketOptions } from "../../../src/core/options.ts";
import type { ByteStream } from "../../../src/core/transport.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";
import { NO_METADATA } from "../../../src/wire/metadata.ts";

installPlatform(nodePlatform);

function ending(end: Partial<ConnectionEnd>): MonitorEvent[] {
  const events: MonitorEvent[] = [];
  const host = { emit: (event: MonitorEvent) => events.push(event) } as unknown as LinkHost;
  const stream = { remoteEndpoint: "tcp://10.0.0.1:5" } as ByteStream;
  emitEnd(host, "tcp://10.0.0.2:6", stream, { kind: "closed", wasReady: true, error: null, ...end });
  return events;
}

test("a pipe of a session has the marks of its socket, towards and from the peer", () => {
  const options = createSocketOptions(SocketType.Dealer, createContextOptions());
  options.sendHighWaterMark = 3;
  options.receiveHighWaterMark = 4;
  const peer = unknownPeer("tcp://10.0.0.1:5", "tcp://10.0.0.1:5", true);
  const [socketEnd, ourEnd] = createSessionPipe(options, peer);
  assert.deepEqual([socketEnd.written.hwm, socketEnd.received.hwm], [3, 4]);
  assert.equal(socketEnd.peer, peer);
  assert.equal(ourEnd.peer, peer);
  options.conflate = true;
  assert.equal(createSessionPipe(options, peer)[0].written.hwm, 0);
});

test("what the handshake told is added to what is known", () => {
  const peer = unknownPeer("tcp://10.0.0.1:5", "tcp://10.0.0.1:5", true);
  assert.equal(peer.socketType, undefined);
  const routingId = Buffer.from("x");
  learnPeer(peer, { socketTypeName: "ROUTER", routingId, properties: NO_METADATA });
  assert.deepEqual([peer.socketType, peer.routingId, peer.outgoing], [SocketType.Router, routingId, true]);
  assert.equal(peer.properties, NO_METADATA);
  learnPeer(peer, { socketTypeName: "SOMETHING", routingId, properties: NO_METADATA });
  assert.equal(peer.socketType, undefined);
});

test("an end has its reason first, then the end itself, with both endpoints", () => {
  const where = { address: "tcp://10.0.0.2:6", peer: "tcp://10.0.0.1:5" };
  const protocol = new ProtocolError("ERR_ZMTP_UNSPECIFIED", "Broken.", "37/ZMTP");
  assert.deepEqual(ending({ kind: "protocol", error: protocol }), [
    { type: "handshake:error:protocol", ...where, error: protocol },
    { type: "disconnect", ...where, error: protocol },
  ]);
  const auth = new AuthError(400, "No.");
  assert.deepEqual(
    ending({ kind: "auth", wasReady: false, error: auth }).map(({ type }) => type),
    ["handshake:error:auth", "disconnect"],
  );
  const late = new ZmqError("ETIMEDOUT", "Late.");
  assert.deepEqual(
    ending({ kind: "timeout", wasReady: false, error: late }).map(({ type }) => type),
    ["handshake:error:other", "disconnect"],
  );
  assert.deepEqual(
    ending({ kind: "timeout", error: late }).map(({ type }) => type),
    ["disconnect"],
  );
  assert.deepEqual(ending({}), [{ type: "disconnect", ...where }]);
  const cut = ending({ wasReady: false });
  assert.equal(cut[0]?.type, "handshake:error:other");
  assert.match(String((cut[0] as { error?: Error }).error), /closed the connection during the handshake/);
});

test("what we ended ourselves is no event", () => {
  assert.deepEqual(ending({ kind: "local" }), []);
  assert.deepEqual(ending({ kind: "local", wasReady: false }), []);
});
