import assert from "node:assert/strict";
import { test } from "node:test";
import { installPlatform } from "../../../src/base/platform.ts";
import { parseOwnMetadata, showOwnMetadata } from "../../../src/core/peer-metadata.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";

installPlatform(nodePlatform);

const octets = (text: string): Uint8Array => Buffer.from(text);

test("an object replaces all, a text adds one, null removes all", () => {
  const first = parseOwnMetadata({ "X-name": "Alice", "X-key": Uint8Array.of(0, 255), "X-empty": "" }, []);
  assert.deepEqual(
    first?.map(([name, value]) => [name, Buffer.from(value).toString("hex")]),
    [
      ["X-name", "416c696365"],
      ["X-key", "00ff"],
      ["X-empty", ""],
    ],
  );
  assert.deepEqual(parseOwnMetadata({ "X-a": "1" }, first ?? []), [["X-a", octets("1")]]);
  const added = parseOwnMetadata("X-b:colons: two", [["X-a", octets("1")]]);
  assert.deepEqual(added, [
    ["X-a", octets("1")],
    ["X-b", octets("colons: two")],
  ]);
  assert.deepEqual(showOwnMetadata(added ?? []), { "X-a": "1", "X-b": "colons: two" });
  assert.deepEqual(parseOwnMetadata(null, added ?? []), []);
  assert.equal(showOwnMetadata([]), null);
});

test("a name that is there already stays as it is, in whatever case it is added", () => {
  const before = [["X-Name", octets("first")]] as const;
  assert.deepEqual(parseOwnMetadata("x-name:second", before), undefined, "X is a capital");
  assert.deepEqual(parseOwnMetadata("X-NAME:second", before), before);
});

test("the value is a copy", () => {
  const value = Buffer.from("before");
  const kept = parseOwnMetadata({ "X-a": value }, []);
  value.write("after!");
  assert.deepEqual(showOwnMetadata(kept ?? []), { "X-a": "before" });
});

test("what no peer could read is refused", () => {
  const wrong: unknown[] = [
    undefined,
    7,
    true,
    Buffer.from("X-a:b"),
    ["X-a:b"],
    "X-a",
    "a:b",
    ":b",
    "X-:b",
    { a: "b" },
    { "x-a": "b" },
    { "X-": "b" },
    { "X-a b": "b" },
    { "X-ä": "b" },
    { [`X-${"a".repeat(254)}`]: "b" },
    { "X-a": 7 },
    { "X-a": null },
    { "X-a": "1", "X-A": "2" },
    { "X-a": "b".repeat(32768) },
    { Identity: "b" },
    { "Socket-Type": "PUSH" },
  ];
  for (const given of wrong) assert.equal(parseOwnMetadata(given, []), undefined, JSON.stringify(given));
  const longest = { [`X-${"a".repeat(253)}`]: "b", "X-a": "b".repeat(32768 - 5 - 3 - 5 - 255 - 1) };
  assert.notEqual(parseOwnMetadata(longest, []), undefined);
  assert.equal(parseOwnMetadata({ ...longest, "X-b": "" }, []), undefined);
  assert.equal(
    parseOwnMetadata("X-b:", parseOwnMetadata(longest, []) ?? []),
    undefined,
    "added to what is there",
  );
});
