import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import zmq, * as named from "../../src/v5-compat.ts";

const native = createRequire(import.meta.url)("zeromq/v5-compat") as Record<string, unknown>;

test("require, the default import and the named imports are the same functions", () => {
  const path = fileURLToPath(new URL("../../src/v5-compat.js", import.meta.url));
  const required = createRequire(import.meta.url)(path) as typeof zmq & { default?: typeof zmq };
  assert.equal(required, zmq, "require gives the object itself, as it did");
  for (const [name, value] of Object.entries(zmq)) assert.equal(Reflect.get(named, name), value, name);
});

test("programs may add to the object and replace what is in it", () => {
  const { socket } = zmq;
  Object.assign(zmq, { socket: () => "mine", added: 1 });
  assert.equal((zmq.socket as unknown as () => string)(), "mine");
  Object.assign(zmq, { socket });
  Reflect.deleteProperty(zmq, "added");
});

test("everything that the native package's layer exports is there, with the same numbers", () => {
  for (const [name, value] of Object.entries(native)) {
    assert.ok(name in zmq, name);
    if (typeof value !== "number") assert.equal(typeof Reflect.get(zmq, name), typeof value, name);
    // In the native layer ZMQ_RECOVERY_IVL_MSEC is another name of ZMQ_RECOVERY_IVL; version 5 and libzmq have 20.
    else if (name !== "ZMQ_RECOVERY_IVL_MSEC") assert.equal(Reflect.get(zmq, name), value, name);
  }
  for (const name of Object.keys(native["options"] as object)) assert.ok(name in zmq.options, name);
});

test("what version 5 had beyond that is there too", () => {
  assert.equal(zmq.createSocket, zmq.socket);
  assert.equal(zmq.types.xrep, zmq.ZMQ_ROUTER);
  assert.equal(zmq.options["hwm"], zmq.ZMQ_HWM);
  assert.equal(zmq.events[512], "disconnect");
  assert.equal(zmq.zmqVersion(), zmq.version);
  assert.match(zmq.version, /^4\.\d+\.\d+$/);
  const keys = zmq.curveKeypair();
  assert.deepEqual([keys.public.length, keys.secret.length], [40, 40]);
});
