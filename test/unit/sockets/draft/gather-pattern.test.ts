import assert from "node:assert/strict";
import { test } from "node:test";
import { GatherPattern } from "../../../../src/sockets/draft/gather-pattern.ts";
import { Rig } from "../rig.ts";

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
