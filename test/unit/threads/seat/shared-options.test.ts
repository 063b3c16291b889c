import assert from "node:assert/strict";
import { test } from "node:test";
import { createContextOptions, setContextOption } from "../../../../src/core/context-options.ts";
import { SHARED_OPTIONS } from "../../../../src/threads/layout.ts";
import { Directory } from "../../../../src/threads/seat/directory.ts";
import { createSharedOptions, sharedDefaults } from "../../../../src/threads/seat/shared-options.ts";

test("a new directory has the defaults of a context", () => {
  const directory = Directory.create(sharedDefaults());
  const options = createSharedOptions(() => directory);
  assert.deepEqual({ ...options }, createContextOptions());
  assert.deepEqual(Object.keys(options), Object.keys(createContextOptions()));
});

test("what is set by one is seen by all, in its own type", () => {
  const directory = Directory.create(sharedDefaults());
  const ours = createSharedOptions(() => directory);
  const other = new Directory(directory.memory);
  const theirs = createSharedOptions(() => other);
  const changes = {
    ioThreads: 7,
    maxSockets: 65535,
    maxMessageSize: 0,
    ipv6: true,
    blocky: false,
    ioMode: "background",
    warnings: false,
  } as const;
  assert.deepEqual(Object.keys(changes).sort(), [...SHARED_OPTIONS].sort());
  for (const [name, value] of Object.entries(changes)) {
    setContextOption(ours, name, value);
    assert.equal((theirs as unknown as Record<string, unknown>)[name], value, name);
  }
  setContextOption(theirs, "ioMode", "loop");
  setContextOption(theirs, "maxMessageSize", 2147483647);
  assert.deepEqual([ours.ioMode, ours.maxMessageSize], ["loop", 2147483647]);
});

test("options follow the directory that counts", () => {
  const [before, after] = [
    Directory.create(sharedDefaults()),
    Directory.create({ ...sharedDefaults(), blocky: 0 }),
  ];
  let current = before;
  const options = createSharedOptions(() => current);
  assert.equal(options.blocky, true);
  current = after;
  assert.equal(options.blocky, false);
  options.maxSockets = 3;
  assert.deepEqual([before.option("maxSockets"), after.option("maxSockets")], [1023, 3]);
});
