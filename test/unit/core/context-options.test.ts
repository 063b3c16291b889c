import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContextOptionValues } from "../../../src/core/context-options.ts";
import {
  assignContextOptions,
  createContextOptions,
  getContextOption,
  installContextAccessors,
  setContextOption,
} from "../../../src/core/context-options.ts";

test("a context has libzmq's defaults", () => {
  assert.deepEqual(createContextOptions(), {
    ioMode: "loop",
    ioThreads: 1,
    warnings: true,
    maxSockets: 1023,
    maxSocketsLimit: 65535,
    maxMessageSize: 2147483647,
    ipv6: false,
    blocky: true,
    threadPriority: -1,
    threadSchedulingPolicy: -1,
  });
});

test("values are checked", () => {
  const values = createContextOptions();
  setContextOption(values, "ioThreads", 75);
  setContextOption(values, "blocky", false);
  assert.equal(getContextOption(values, "ioThreads"), 75);
  assert.equal(values.blocky, false);
  assert.throws(() => setContextOption(values, "maxSockets", 0), {
    code: "EINVAL",
    message: /1 to 65535 open sockets/,
  });
  assert.throws(() => setContextOption(values, "maxSockets", 65536), { code: "EINVAL" });
  assert.throws(() => setContextOption(values, "ipv6", 1), { code: "EINVAL", message: /true or false/ });
  assert.throws(() => setContextOption(values, "threadPriority", 5), {
    code: "ENOTSUP",
    message: /schedules threads/,
  });
  setContextOption(values, "threadPriority", -1);
  assert.throws(() => setContextOption(values, "maxSocketsLimit", 65535), {
    code: "EINVAL",
    message: /only be read/,
  });
  for (const name of ["linger", "__proto__", "toString"]) {
    assert.throws(() => setContextOption(values, name, 0), {
      code: "EINVAL",
      message: /A context has no option/,
    });
    assert.throws(() => getContextOption(values, name), { code: "EINVAL" });
  }
});

test("ioMode can be changed until the context has made a socket", () => {
  const values = createContextOptions();
  const unused = { isUsed: false, hasThreads: true };
  const used = { isUsed: true, hasThreads: true };
  assert.throws(() => setContextOption(values, "ioMode", "thread", unused), {
    code: "EINVAL",
    message: /"loop", "background"/,
  });
  setContextOption(values, "ioMode", "background", unused);
  assert.equal(values.ioMode, "background");
  assert.throws(() => setContextOption(values, "ioMode", "loop", used), {
    code: "EINVAL",
    message: /ioMode cannot be changed any more: .* before the first socket/,
  });
  assert.equal(values.ioMode, "background");
  // What changes nothing is no change.
  setContextOption(values, "ioMode", "background", used);
  setContextOption(values, "ioThreads", 3, used);
  setContextOption(values, "ioMode", "loop", unused);
  assert.deepEqual([values.ioMode, values.ioThreads], ["loop", 3]);
});

test("background mode takes at least one thread, in whatever order it is asked for", () => {
  const values = createContextOptions();
  setContextOption(values, "ioThreads", 0);
  assert.throws(() => setContextOption(values, "ioMode", "background"), {
    code: "EINVAL",
    message: /at least 1 thread/,
  });
  assert.deepEqual([values.ioMode, values.ioThreads], ["loop", 0]);
  setContextOption(values, "ioThreads", 2);
  setContextOption(values, "ioMode", "background");
  assert.throws(() => setContextOption(values, "ioThreads", 0), { code: "EINVAL" });
  assert.equal(values.ioThreads, 2);
  for (const given of [
    { ioThreads: 0, ioMode: "background" },
    { ioMode: "background", ioThreads: 0 },
  ]) {
    assert.throws(() => assignContextOptions(createContextOptions(), given), { code: "EINVAL" });
  }
});

test("where there are no threads background mode is ENOTSUP", () => {
  const values = createContextOptions();
  const use = { isUsed: false, hasThreads: false };
  assert.throws(() => setContextOption(values, "ioMode", "background", use), { code: "ENOTSUP" });
  assert.throws(() => assignContextOptions(values, { ioMode: "background" }, use), { code: "ENOTSUP" });
  setContextOption(values, "ioMode", "loop", use);
  setContextOption(values, "ioThreads", 0, use);
  assert.deepEqual([values.ioMode, values.ioThreads], ["loop", 0]);
});

test("a constructor's object is taken whole, but for what is undefined", () => {
  const values = createContextOptions();
  assignContextOptions(values, { ipv6: true, blocky: undefined });
  assert.equal(values.ipv6, true);
  assert.equal(values.blocky, true);
  assert.throws(() => assignContextOptions(values, { doesNotExist: 1 }), { code: "EINVAL" });
});

test("accessors", () => {
  class Example {
    readonly values: ContextOptionValues;
    constructor() {
      this.values = createContextOptions();
    }
  }
  installContextAccessors(Example.prototype, (context) => context.values);
  const context = new Example() as Example & ContextOptionValues;
  context.ipv6 = true;
  assert.equal(context.ipv6, true);
  assert.equal(context.maxSocketsLimit, 65535);
  assert.throws(() => (context.maxSocketsLimit = 1), TypeError);
  assert.throws(() => (context.maxSockets = -1), { code: "EINVAL" });
  context.ioMode = "background";
  assert.equal(context.values.ioMode, "background");
});

test("accessors ask what the context is in", () => {
  class Example {
    readonly values: ContextOptionValues;
    isUsed: boolean;
    constructor() {
      this.values = createContextOptions();
      this.isUsed = false;
    }
  }
  installContextAccessors(
    Example.prototype,
    (context) => context.values,
    (context) => ({ isUsed: context.isUsed, hasThreads: true }),
  );
  const context = new Example() as Example & ContextOptionValues;
  context.ioMode = "background";
  context.isUsed = true;
  assert.throws(() => (context.ioMode = "loop"), { code: "EINVAL" });
});
