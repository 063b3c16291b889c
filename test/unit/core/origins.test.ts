import assert from "node:assert/strict";
import { test } from "node:test";
import { unknownPeer } from "../../../src/core/link.ts";
import { isVouchedFor, Origins } from "../../../src/core/origins.ts";
import type { Pipe } from "../../../src/pipe/pipe.ts";
import "../../../src/index.ts";

function pipeOf(userId: string | undefined, accepted = 1, queued = 0): Pipe {
  const peer = unknownPeer("tcp://127.0.0.1:5555", "tcp://127.0.0.1:40000", false);
  return { peer: { ...peer, socketType: 5, userId }, received: { accepted, queued } } as unknown as Pipe;
}

test("a peer is vouched for by a user id or by metadata", () => {
  const { peer } = pipeOf(undefined);
  assert.equal(isVouchedFor(peer), false);
  assert.equal(isVouchedFor({ ...peer, userId: "" }), false);
  assert.equal(isVouchedFor({ ...peer, userId: "anna" }), true);
  assert.equal(
    isVouchedFor({ ...peer, userId: "", metadata: { find: () => undefined, toMap: () => new Map() } }),
    true,
  );
});

test("what is told of a message is fixed, whatever becomes of the peer; another connection is told of anew", () => {
  const origins = new Origins();
  const pipe = pipeOf("anna");
  const [first, second] = [[new Uint8Array(1)], [new Uint8Array(1)]];
  origins.note(first, pipe);
  Object.assign(pipe.peer, { userId: "bert", address: "tcp://127.0.0.1:40001" });
  origins.renew(pipe.peer);
  origins.note(second, pipe);
  assert.deepEqual(
    [first, second].map((message) => origins.find(message)),
    [
      {
        endpoint: "tcp://127.0.0.1:5555",
        address: "tcp://127.0.0.1:40000",
        socketType: "DEALER",
        routingId: pipe.peer.routingId,
        userId: "anna",
        metadata: new Map(),
      },
      { ...origins.find(first), address: "tcp://127.0.0.1:40001", userId: "bert" },
    ],
  );
  assert.equal(origins.find([new Uint8Array(1)]), undefined);
});

test("messages that came before the connection at hand are nobody's", () => {
  const origins = new Origins();
  const message = [new Uint8Array(1)];
  const pipe = pipeOf("anna", 5, 3);
  pipe.peer.vouchedFrom = 2;
  origins.note(message, pipe);
  assert.equal(origins.find(message), undefined, "the second of five, two of which came before");
  const third = pipeOf("anna", 5, 2);
  third.peer.vouchedFrom = 2;
  origins.note(message, third);
  assert.equal(origins.find(message)?.userId, "anna");
});
