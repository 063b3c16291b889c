import assert from "node:assert/strict";
import { test } from "node:test";
import { replyId, requestMessage } from "../../../../src/sockets/reqrep/asker.ts";
import { frames, texts } from "../rig.ts";

test("a request is its number, the delimiter and the frames of the application", () => {
  for (const body of [["a"], ["a", "b"], ["", "b", "", "d", "e"]]) {
    const message = requestMessage(0x01020304, frames(...body));
    assert.deepEqual(texts(message), ["\x01\x02\x03\x04", "", ...body]);
  }
  assert.deepEqual(texts(requestMessage(0xffffffff, frames("a")))![0], "\xff\xff\xff\xff");
});

test("only what begins as a request does can be a reply", () => {
  assert.equal(replyId(requestMessage(0xfffefdfc, frames("reply"))), 0xfffefdfc);
  assert.equal(replyId(frames("\0\0\0\x07", "", "")), 7);
  for (const message of [
    ["\0\0\0\0", ""],
    ["\0\0\0\0"],
    ["\0\0\0\0", "a", "b"],
    ["\0\0\0", "", "b"],
    ["", "", ""],
  ])
    assert.equal(replyId(frames(...message)), -1, JSON.stringify(message));
});
