import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import type { Socket } from "../../../src/v5-compat/socket.ts";
import { turn, v5Sockets } from "../../peers/v5.ts";

type Pair = [Socket, Socket];

const NAMES = [
  "connect",
  "connect_delay",
  "connect_retry",
  "listen",
  "bind_error",
  "accept",
  "accept_error",
  "close",
  "close_error",
  "disconnect",
];

/** Every event of the monitor: name, value, address, error. */
function record(socket: Socket): unknown[][] {
  const found: unknown[][] = [];
  for (const name of NAMES) socket.on(name, (...args: unknown[]) => found.push([name, ...args]));
  return found;
}

test("a listener's events have the bound address: listen, accept, disconnect, close", async (t) => {
  const [rep, req] = v5Sockets(t, "rep", "req") as Pair;
  const found = record(rep);
  assert.equal(rep.monitor(10, 0), rep);
  rep.bindSync("tcp://127.0.0.1:*");
  const address = String(rep["last_endpoint"]);
  const accepted = once(rep, "accept");
  req.connect(address);
  await accepted;
  const gone = once(rep, "disconnect");
  req.close();
  await gone;
  // A socket without endpoints keeps nothing alive, not even for an event of another thread.
  const hold = setInterval(() => undefined, 1_000);
  t.after(() => clearInterval(hold));
  const closed = once(rep, "close");
  rep.unbindSync(address);
  await closed;
  assert.deepEqual(found, [
    ["listen", -1, address, undefined],
    ["accept", -1, address, undefined],
    ["disconnect", -1, address, undefined],
    ["close", -1, address, undefined],
  ]);
});

test("a connecting socket tells of attempts: connect_delay, close, connect_retry with the interval, connect", async (t) => {
  const [rep, req] = v5Sockets(t, "rep", "req") as Pair;
  rep.bindSync("tcp://127.0.0.1:*");
  const address = String(rep["last_endpoint"]);
  rep.unbindSync(address);
  req.setsockopt("reconnect_ivl", 5);
  const found = record(req);
  req.monitor();
  req.connect(address);
  const [interval, where] = await once(req, "connect_retry");
  assert.ok(typeof interval === "number" && interval >= 5, `interval ${interval}`);
  assert.equal(where, address);
  rep.bindSync(address);
  const [value, connectedTo] = await once(req, "connect");
  assert.deepEqual([value, connectedTo], [-1, address]);
  assert.deepEqual(found[0], ["connect_delay", 115, address, undefined]);
  assert.ok(found.some(([name]) => name === "close"));
});

test("bind_error has the number and the Error", async (t) => {
  const [first, second] = v5Sockets(t, "rep", "rep") as Pair;
  first.bindSync("tcp://127.0.0.1:*");
  const address = String(first["last_endpoint"]);
  second.monitor();
  const failed = once(second, "bind_error");
  second.bind(address, (error) => assert.ok(error instanceof Error));
  const [errno, where, error] = await failed;
  assert.equal(errno, 98);
  assert.equal(where, address);
  assert.ok(error instanceof Error);
  assert.equal(error.message, "Address already in use");
});

test("unmonitor and monitor again, as often as one likes; monitor twice tells once", async (t) => {
  const [rep] = v5Sockets(t, "rep") as [Socket];
  const found = record(rep);
  for (let i = 0; i < 20; i++) {
    rep.monitor();
    rep.monitor();
    assert.equal(rep.unmonitor(), rep);
    rep.unmonitor();
  }
  rep.bindSync("tcp://127.0.0.1:*");
  await turn();
  assert.equal(found.length, 0, "nothing while it is off");
  rep.monitor();
  rep.monitor();
  rep.bindSync("tcp://127.0.0.1:*");
  await turn();
  assert.deepEqual(
    found.map(([name]) => name),
    ["listen"],
  );
});

test("nothing is told after unmonitor or close, of what happened before them neither", async (t) => {
  const [one, two] = v5Sockets(t, "rep", "rep") as Pair;
  const found = [record(one), record(two)];
  for (const socket of [one, two]) {
    socket.monitor();
    socket.bindSync("tcp://127.0.0.1:*");
  }
  one.unmonitor();
  two.close();
  await turn();
  await turn();
  assert.deepEqual(found, [[], []]);
});

test("a wrong pace is refused", (t) => {
  const [rep] = v5Sockets(t, "rep") as [Socket];
  for (const args of [[0], [-1], ["10"], [10, -1], [10, "all"]])
    assert.throws(() => rep.monitor(...(args as [number, number])), { name: "TypeError" });
});
