import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPeer, describePeer, mayTalk } from "../../../src/engine/peer-check.ts";
import { Metadata } from "../../../src/wire/metadata.ts";

function peerOf(type?: string, identity?: Uint8Array) {
  const property = (name: string, value: Uint8Array) => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(value.length);
    return Buffer.concat([Buffer.of(name.length), Buffer.from(name), size, value]);
  };
  const properties: Buffer[] = [];
  if (type !== undefined) properties.push(property("Socket-Type", Buffer.from(type)));
  if (identity !== undefined) properties.push(property("Identity", identity));
  return describePeer(new Metadata(Buffer.concat(properties), properties.length));
}

test("a peer is described by its properties; those that it does not tell are left open", () => {
  const peer = peerOf("DEALER", Buffer.from("me"));
  assert.deepEqual([peer.socketTypeName, Buffer.from(peer.routingId).toString()], ["DEALER", "me"]);
  const silent = peerOf();
  assert.deepEqual([silent.socketTypeName, silent.routingId.length], [undefined, 0]);
  assert.equal(peerOf("x".repeat(1000)).socketTypeName?.length, 32);
});

test("types that cannot meet are refused; one that is not told is not", () => {
  for (const [ours, theirs, isAllowed] of [
    ["PUSH", "PULL", true],
    ["PUSH", "PUSH", false],
    ["PUSH", undefined, true],
    ["REQ", "nonsense", false],
  ] as const) {
    const peer = peerOf(theirs);
    assert.equal(mayTalk(ours, peer), isAllowed);
    if (isAllowed) checkPeer(ours, peer);
    else assert.throws(() => checkPeer(ours, peer), { code: "ERR_ZMTP_INVALID_METADATA" });
  }
});

test("a ROUTER takes identities of 1 to 255 octets that do not begin with zero; others do not look", () => {
  checkPeer("ROUTER", peerOf("DEALER", Buffer.alloc(255, 1)));
  checkPeer("ROUTER", peerOf("DEALER", new Uint8Array(0)));
  for (const identity of [Buffer.alloc(256, 1), Buffer.of(0, 1)]) {
    const peer = peerOf("DEALER", identity);
    assert.throws(() => checkPeer("ROUTER", peer), { code: "ERR_ZMTP_INVALID_METADATA" });
    checkPeer("DEALER", peer);
  }
});
