import assert from "node:assert/strict";
import { test } from "node:test";
import { GroupSet } from "../../../src/routing/group-set.ts";

const octets = (text: string): Uint8Array => Buffer.from(text, "latin1");

test("a group is in the set once, as the octets that it is", () => {
  const groups = new GroupSet();
  assert.equal(groups.add(octets("ab"), 0), true);
  assert.equal(groups.add(octets("xab"), 1), false);
  assert.equal(groups.add(octets("\xff"), 0), true);
  assert.equal(groups.add(octets(""), 0), true);
  assert.equal(groups.topicCount, 3);
  for (const [text, isThere] of [
    ["ab", true],
    ["a", false],
    ["abc", false],
    ["\xff", true],
    ["\xfe", false],
    ["", true],
  ] as const) {
    assert.equal(groups.has(octets(text)), isThere, text);
    assert.equal(groups.matches(octets(text)), isThere, text);
  }
});

test("a group is taken out once", () => {
  const groups = new GroupSet();
  groups.add(octets("ab"), 0);
  assert.equal(groups.remove(octets("a"), 0), false);
  assert.equal(groups.remove(octets("\0ab"), 1), true);
  assert.equal(groups.remove(octets("ab"), 0), false);
  assert.equal(groups.topicCount, 0);
});

test("each group is shown after the octets that the caller fills", () => {
  const groups = new GroupSet();
  for (const text of ["", "a", "\xff\x01"]) groups.add(octets(text), 0);
  const shown: string[] = [];
  groups.forEach(1, (group) => shown.push(Buffer.from(group).toString("latin1")));
  assert.deepEqual(shown.sort(), ["\0", "\0a", "\0\xff\x01"].sort());
});
