import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientPattern } from "../../../../src/sockets/draft/client-pattern.ts";
import { checkSingle, singleFrame } from "../../../../src/sockets/draft/single-frame.ts";
import { assertConserved, frames, Rig } from "../rig.ts";

test("one frame is a message, empty or not, and more are EINVAL", () => {
  checkSingle("CLIENT", frames("a"));
  checkSingle("CLIENT", frames(""));
  assert.throws(() => checkSingle("CLIENT", frames("a", "b")), {
    code: "EINVAL",
    message: /CLIENT .* not 2/,
  });
});

test("what an application gives is one frame, alone or in an array", () => {
  assert.equal(singleFrame("SERVER", "a"), "a");
  assert.equal(singleFrame("SERVER", ["a"]), "a");
  assert.throws(() => singleFrame("SERVER", []), { code: "EINVAL", message: /SERVER .* not 0/ });
  assert.throws(() => singleFrame("SERVER", ["a", "b"]), { code: "EINVAL" });
});

test("messages of more frames are dropped whole and counted, and those around them are received", () => {
  const rig = new Rig((host) => new ClientPattern(host));
  const peer = rig.join();
  peer.send("1");
  peer.send("2", "too many");
  peer.send("", "", "");
  peer.send("3");
  assert.deepEqual(rig.receiveAll(), [["1"], ["3"]]);
  assert.deepEqual(rig.receivedDrops, ["protocol", "protocol"]);
  assertConserved(peer.far);
});

test("they are counted too when reading them ends the pipe", () => {
  const rig = new Rig((host) => new ClientPattern(host));
  const peer = rig.join();
  peer.send("1");
  peer.send("2", "too many");
  peer.far.close("peer-gone");
  assert.deepEqual(rig.receiveAll(), [["1"]]);
  assert.deepEqual(rig.receivedDrops, ["protocol"]);
  assertConserved(peer.far);
});
