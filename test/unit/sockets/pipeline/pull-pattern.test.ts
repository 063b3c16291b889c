import assert from "node:assert/strict";
import { test } from "node:test";
import { PullPattern } from "../../../../src/sockets/pipeline/pull-pattern.ts";
import { frames, Rig } from "../rig.ts";

function pull(): Rig<PullPattern> {
  return new Rig((host) => new PullPattern(host));
}

test("messages come from the peers in turn", () => {
  const rig = pull();
  const peers = [rig.join(), rig.connect(), rig.join()];
  for (let round = 0; round < 2; round++) peers.forEach((peer, index) => void peer.send(`${index}`));
  assert.deepEqual(rig.receiveAll().join(""), "012012");
  assert.equal(rig.pattern.canReceive(), false);
});

test("messages of a peer that left are still received", () => {
  const rig = pull();
  const peer = rig.join();
  peer.send("a", "b");
  peer.send("c");
  peer.far.close("peer-gone");
  assert.equal(rig.pattern.canReceive(), true);
  assert.deepEqual(rig.receiveAll(), [["a", "b"], ["c"]]);
  assert.equal(peer.near.isClosed, true, "the socket let go of the pipe once it was read empty");
});

test("nothing can be sent", () => {
  const rig = pull();
  rig.join();
  assert.equal(rig.pattern.canSend(), false);
  assert.throws(() => rig.pattern.send(frames("a")), { code: "ENOTSUP" });
});
