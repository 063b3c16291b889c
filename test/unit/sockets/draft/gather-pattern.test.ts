import assert from "node:assert/strict";
import { test } from "node:test";
import { GatherPattern } from "../../../../src/sockets/draft/gather-pattern.ts";
import { assertConserved, Rig, texts } from "../rig.ts";

test("it receives messages of one frame from its peers in turn, and sends nothing", () => {
  const rig = new Rig((host) => new GatherPattern(host));
  const [one, other] = [rig.join(), rig.join()];
  for (const text of ["1", "2"]) {
    one.send(text);
    other.send(text, "dropped");
    other.send(text);
  }
  assert.deepEqual(rig.receiveAll().join(""), "1212");
  assert.deepEqual(rig.receivedDrops, ["protocol", "protocol"]);
  assert.equal(rig.pattern.origin() === null, false);
  assert.equal(rig.pattern.canSend(), false);
  assert.throws(() => rig.send("a"), { code: "ENOTSUP", message: /GATHER/ });
});

test("many messages of one peer are taken at once, without those of more frames", () => {
  const rig = new Rig((host) => new GatherPattern(host));
  const peer = rig.join();
  for (const text of ["1", "2"]) {
    peer.send(text, "dropped");
    peer.send(text);
  }
  assert.deepEqual(
    rig.pattern.receiveMany(10)?.map((message) => texts(message)),
    [["1"], ["2"]],
  );
  assert.deepEqual(rig.receivedDrops, ["protocol", "protocol"]);
  peer.send("3", "dropped");
  assert.equal(rig.pattern.receiveMany(10), undefined);
  assert.equal(rig.receivedDrops.length, 3);
  assertConserved(peer.far);
});
