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
    ioThreads: 1,
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
});
