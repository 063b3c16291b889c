import assert from "node:assert/strict";
import { test } from "node:test";
import { context } from "../../../src/index.ts";
import { ZMQ_IO_THREADS, ZMQ_MAX_SOCKETS } from "../../../src/v5-compat/constants.ts";
import { Context } from "../../../src/v5-compat/context.ts";

test("the static functions are the default context's options", () => {
  const { ioThreads, maxSockets } = context;
  Context.setMaxThreads(3);
  Context.setMaxSockets(256);
  assert.deepEqual([Context.getMaxThreads(), Context.getMaxSockets()], [3, 256]);
  assert.deepEqual([context.ioThreads, context.maxSockets], [3, 256]);
  Context.setMaxThreads(ioThreads);
  Context.setMaxSockets(maxSockets);
});

test("an instance has options of its own, and closes", () => {
  const one = new Context(2);
  assert.equal(one.getOpt(ZMQ_IO_THREADS), 2);
  one.setOpt(ZMQ_MAX_SOCKETS, 10);
  assert.equal(one.getOpt(ZMQ_MAX_SOCKETS), 10);
  assert.throws(() => one.getOpt(99), { message: "Invalid argument" });
  assert.throws(() => one.setOpt(99, 1), { message: "Invalid argument" });
  assert.throws(() => one.setOpt(ZMQ_MAX_SOCKETS, -1), { message: "Invalid argument" });
  one.close();
});
