import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { MessageChannel } from "node:worker_threads";
import type { ContextHandle } from "../../../src/core/context-share.ts";
import { Context, context, ZmqError } from "../../../src/index.ts";
import { ContextsHere, openHandle } from "../../../src/threads/context-handle.ts";
import { DIRECTORY_MAGIC } from "../../../src/threads/layout.ts";
import { turns } from "../../peers/sockets.ts";

test("a handle is data that can be posted, and attaches to the same context", () => {
  const own = new Context({ maxSockets: 9 });
  const { handle } = own;
  assert.deepEqual(Object.keys(handle), ["zeromqContext", "isDefault", "memory"]);
  assert.equal(Context.attach(structuredClone(handle)), own);
  assert.equal(Context.attach(own.handle), own);
  assert.equal(Context.attach(context.handle), context);
  assert.notEqual(Context.attach(new Context().handle), own);
});

test("what is no handle is EINVAL, with a sentence", () => {
  const { handle } = new Context();
  const wrong = [
    undefined,
    null,
    5,
    "handle",
    {},
    [],
    new Context(),
    new SharedArrayBuffer(8),
    { ...handle, memory: new ArrayBuffer(handle.memory.byteLength) },
    { ...handle, memory: new SharedArrayBuffer(64) },
    { ...handle, memory: new SharedArrayBuffer(handle.memory.byteLength) },
  ];
  for (const value of wrong) {
    assert.throws(
      () => Context.attach(value as never),
      (error) =>
        error instanceof ZmqError &&
        error.code === "EINVAL" &&
        /handle .* context.*Pass|Post context\.handle/.test(error.message),
      String(value),
    );
  }
  for (const version of [DIRECTORY_MAGIC - 1, DIRECTORY_MAGIC + 1]) {
    assert.throws(() => Context.attach({ ...handle, zeromqContext: version }), {
      code: "EINVAL",
      message: /another version of the package.* the same version/,
    });
  }
});

test("a handle can be posted through a channel", async () => {
  const own = new Context();
  const { port1, port2 } = new MessageChannel();
  const heard = new Promise<ContextHandle>((resolve) => port2.once("message", resolve));
  port1.postMessage(own.handle);
  assert.equal(Context.attach(await heard), own);
  port1.close();
});

test("a handle opens the directory that it came from", () => {
  const { handle } = new Context({ maxSockets: 12 });
  assert.equal(openHandle(handle).option("maxSockets"), 12);
  assert.equal(openHandle(structuredClone(handle)).memory.byteLength, handle.memory.byteLength);
});

test("contexts are found by their directory as long as somebody has them", async () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const here = new ContextsHere<object>();
  const kept = { name: "kept" };
  here.add("kept", kept);
  here.add("dropped", { name: "dropped" });
  assert.notEqual(here.find("dropped"), undefined);
  for (let i = 0; i < 50 && here.find("dropped") !== undefined; i++) {
    await turns(2);
    gc();
  }
  assert.equal(here.find("dropped"), undefined);
  assert.equal(here.find("kept"), kept);
  assert.equal(here.find("never"), undefined);
});
