import assert from "node:assert/strict";
import { test } from "node:test";
import { SocketType } from "../../../../src/index.ts";
import { ScatterPattern } from "../../../../src/sockets/draft/scatter-pattern.ts";
import { Rig } from "../rig.ts";

test("it is a PUSH for messages of one frame", () => {
  const rig = new Rig((host) => new ScatterPattern(host));
  assert.equal(rig.type, SocketType.Scatter);
  const peers = [rig.join(), rig.join()];
  assert.deepEqual([rig.send("1"), rig.send("2"), rig.send("3")], [true, true, true]);
  assert.deepEqual(
    peers.map((peer) => peer.receiveAll().join()),
    ["1,3", "2"],
  );
  assert.throws(() => rig.send("4", "more"), { code: "EINVAL", message: /SCATTER/ });
  assert.throws(() => rig.receive(), { code: "ENOTSUP", message: /SCATTER/ });
});

test("what a peer sends is discarded and counted", () => {
  const rig = new Rig((host) => new ScatterPattern(host));
  const peer = rig.join();
  peer.send("a");
  assert.equal(rig.pattern.canReceive(), false);
  assert.deepEqual(rig.receivedDrops, ["protocol"]);
});
