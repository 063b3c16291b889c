import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { MessageChannel, Worker } from "node:worker_threads";
import {
  Context,
  context,
  Dealer,
  Pair,
  Proxy,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  SocketType,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
  ZmqError,
} from "../../../src/index.ts";
import { anyEndpoint, closing, codeOf, join, STREAMS, TRANSPORTS, turns } from "../../peers/sockets.ts";

const CLASSES = {
  Pair,
  Publisher,
  Subscriber,
  Request,
  Reply,
  Dealer,
  Router,
  Pull,
  Push,
  XPublisher,
  XSubscriber,
  Stream,
} as const;

for (const [name, SocketClass] of Object.entries(CLASSES)) {
  test(`a new ${name} is open, in the default context, and nowhere bound or connected`, async (t) => {
    const socket: Socket = closing(t, new SocketClass());
    assert.equal(socket.type, SocketType[name as keyof typeof SocketType]);
    assert.equal(socket.closed, false);
    assert.equal(socket.context, context);
    assert.equal(socket.lastEndpoint, null);
    assert.equal(socket.securityMechanism, null);
    assert.equal(socket.threadSafe, false);
    assert.deepEqual(socket.peers, []);
    assert.equal(socket.readable, false);
    // Those that drop rather than wait take messages without a peer.
    const isWritable = ["Publisher", "XPublisher", "XSubscriber", "Router", "Stream"].includes(name);
    assert.equal(socket.writable, isWritable);
    await socket.close();
    assert.deepEqual([socket.closed, socket.readable, socket.writable], [true, false, false]);
    assert.equal(socket.context, context);
  });
}

test("options are given to the constructor or set later; a wrong one throws and leaves no socket behind", () => {
  const own = new Context({ maxSockets: 1 });
  const bad: (() => unknown)[] = [
    () => new Push({ context: own, sendHighWaterMark: -1 }),
    () => new Push({ context: own, sendHighWatermark: 5 } as never),
    () => new Push({ context: own, receiveHighWaterMark: 5 } as never),
    () => new Push({ context: own, lastEndpoint: "tcp://127.0.0.1:1" } as never),
    () => new Push(null as never),
    () => new Push(5 as never),
    () => new Push({ context: {} as Context }),
  ];
  for (const make of bad)
    assert.throws(make, (error) => error instanceof ZmqError && error.code === "EINVAL");
  const push = new Push({ context: own, sendHighWaterMark: 5, linger: 0 });
  assert.equal(push.sendHighWaterMark, 5);
  assert.equal(push.context, own);
  assert.throws(() => new Push({ context: own }), { code: "EMFILE" });
  push.sendTimeout = 7;
  assert.equal(push.sendTimeout, 7);
  void push.close();
});

// As with the native package, whose sockets are sealed.
test("a misspelt or read-only property throws instead of being kept without effect", (t) => {
  const push = closing(t, new Push()) as unknown as Record<string, unknown>;
  assert.throws(() => (push["sendHighWatermark"] = 5), TypeError);
  assert.throws(() => (push["lastEndpoint"] = "tcp://127.0.0.1:1"), TypeError);
  assert.throws(() => (push["closed"] = true), TypeError);
  assert.throws(() => (push["sendHighWaterMark"] = "5"), { code: "EINVAL" });
});

for (const transport of TRANSPORTS) {
  test(`over ${transport} bind resolves when peers can connect, and lastEndpoint says where`, async (t) => {
    const pull = closing(t, new Pull());
    const push = closing(t, new Push());
    await pull.bind(anyEndpoint(transport));
    const endpoint = pull.lastEndpoint as string;
    assert.ok(endpoint.startsWith(`${transport}://`) && !endpoint.includes("*"), endpoint);
    push.connect(endpoint);
    assert.equal(push.lastEndpoint, endpoint);
    await push.send("a");
    assert.equal(String(await pull.receive()), "a");
    await pull.unbind(endpoint);
    assert.equal(await codeOf(pull.unbind(endpoint)), "ENOENT");
  });

  test(`over ${transport} bindSync and unbindSync are done when they return`, async (t) => {
    const pull = closing(t, new Pull());
    const push = closing(t, new Push({ linger: 0 }));
    pull.bindSync(anyEndpoint(transport));
    const endpoint = pull.lastEndpoint as string;
    assert.throws(() => closing(t, new Pull()).bindSync(endpoint), { code: "EADDRINUSE" });
    push.connect(endpoint);
    await push.send("a");
    assert.equal(String(await pull.receive()), "a");
    pull.unbindSync(endpoint);
    assert.throws(() => pull.unbindSync(endpoint), { code: "ENOENT" });
    const next = closing(t, new Pull());
    next.bindSync(endpoint);
    assert.equal(next.lastEndpoint, endpoint);
  });
}

test("wrong endpoints: connect and disconnect throw, bind and unbind reject", async (t) => {
  const socket = closing(t, new Dealer());
  const cases: readonly (readonly [string, string])[] = [
    ["nonsense", "EINVAL"],
    ["tcp://", "EINVAL"],
    ["foo://bar", "EPROTONOSUPPORT"],
    ["TCP://127.0.0.1:1", "EPROTONOSUPPORT"],
    [undefined as never, "EINVAL"],
    ["inproc://", "EINVAL"],
  ];
  for (const [endpoint, code] of cases) {
    assert.throws(() => socket.connect(endpoint), { code }, endpoint);
    assert.throws(() => socket.disconnect(endpoint), { code }, endpoint);
    assert.throws(() => socket.bindSync(endpoint), { code }, endpoint);
    assert.throws(() => socket.unbindSync(endpoint), { code }, endpoint);
    assert.equal(await codeOf(socket.bind(endpoint)), code, endpoint);
    assert.equal(await codeOf(socket.unbind(endpoint)), code, endpoint);
  }
  // libzmq behaviour B87; an address that could never be used cannot be in use either.
  for (const endpoint of [
    "tcp://127.0.0.1",
    "tcp://127.0.0.1:99999",
    "tcp://in val id:1234",
    "tcp://192.168.0.200:x",
  ]) {
    assert.throws(() => socket.connect(endpoint), { code: "EINVAL" }, endpoint);
    assert.equal(await codeOf(socket.bind(endpoint)), "EINVAL", endpoint);
    assert.throws(() => socket.disconnect(endpoint), { code: "ENOENT" }, endpoint);
  }
  assert.throws(() => socket.connect("tcp://192.168.0.200:*"), { code: "EINVAL" });
  assert.throws(() => socket.disconnect("tcp://127.0.0.1:5555"), {
    code: "ENOENT",
    address: "tcp://127.0.0.1:5555",
  });
  assert.equal(socket.lastEndpoint, null);
  assert.deepEqual(socket.peers, []);
});

test("after close every call says EBADF, and closing again gives the same report", async () => {
  const socket = new Dealer();
  const report = socket.close();
  assert.equal(socket.close(), report);
  assert.throws(() => socket.connect("inproc://a"), { code: "EBADF" });
  assert.throws(() => socket.disconnect("inproc://a"), { code: "EBADF" });
  assert.throws(() => socket.bindSync("inproc://a"), { code: "EBADF" });
  assert.throws(() => socket.unbindSync("inproc://a"), { code: "EBADF" });
  for (const call of [
    socket.bind("inproc://a"),
    socket.unbind("inproc://a"),
    socket.send("a"),
    socket.receive(),
  ]) {
    assert.equal(await codeOf(call), "EBADF");
  }
  assert.equal(await codeOf(socket.waitForPeers()), "EBADF");
  assert.equal((await report).isLingerExpired, false);
});

test("a socket can be disposed of: at once, or when all is sent", async (t) => {
  const pull = closing(t, new Pull());
  const push = new Push();
  await join(pull, push);
  await push.send("a");
  await push[Symbol.asyncDispose]();
  assert.equal(push.closed, true);
  assert.equal(String(await pull.receive()), "a");
  const other = new Push();
  assert.equal(other[Symbol.dispose](), undefined);
  assert.equal(other.closed, true);
});

test("a socket that closes while it binds rejects the bind, and the address is free", async (t) => {
  for (const transport of STREAMS) {
    const probe = closing(t, new Pull());
    await probe.bind(anyEndpoint(transport));
    const endpoint = probe.lastEndpoint as string;
    await probe.close();
    const pull = new Pull();
    const binding = codeOf(pull.bind(endpoint));
    const report = pull.close();
    assert.equal(await binding, "EBADF");
    await report;
    const next = closing(t, new Pull());
    await next.bind(endpoint);
  }
});

test("what a program dropped brings it not down when the socket closes", async () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", onUnhandled);
  for (const endpoint of ["tcp://127.0.0.1:*", "ipc://*", "inproc://dropped"]) {
    const socket = new Dealer({ linger: 0 });
    void socket.bind(endpoint);
    void socket.receive();
    void socket.receiveMany();
    void socket.send("a");
    void socket.sendMany(["b", "c"]);
    void socket.waitForPeers(3);
    void socket.events.receive();
    void socket.close();
  }
  const publisher = new Publisher();
  void publisher.waitForSubscribers(1, "a");
  void publisher.close();
  const own = new Context();
  const pull = new Pull({ context: own });
  void pull.receive();
  void pull.waitForPeers();
  await own.terminate();
  await turns(5);
  process.off("unhandledRejection", onUnhandled);
  assert.deepEqual(unhandled, []);
});

test("a class of the application's own may have fields", async (t) => {
  class NamedPush extends Push {
    readonly label = "mine";
  }
  const push = closing(t, new NamedPush());
  const pull = closing(t, new Pull());
  await pull.bind("inproc://named");
  push.connect("inproc://named");
  await push.send(push.label);
  assert.equal(String(await pull.receive()), "mine");
});

test("an option that counts for later connections alone warns when it is set too late", async (t) => {
  const warnings: (Error & { readonly code?: string })[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on("warning", onWarning);
  t.after(() => process.off("warning", onWarning));
  const pull = closing(t, new Pull());
  pull.maxMessageSize = 10;
  await pull.bind("inproc://late");
  pull.receiveHighWaterMark = 5;
  pull.linger = 0;
  pull.receiveTimeout = 5;
  await turns();
  assert.equal(warnings.length, 0);
  pull.maxMessageSize = 20;
  await turns();
  assert.deepEqual(
    warnings.map((warning) => warning.code),
    ["ZMQ_LATE_OPTION"],
  );
  assert.match(String(warnings[0]), /maxMessageSize was set on Pull inproc:\/\/late, which is bound/);
});

test("what belongs to a thread cannot be posted to another, and the error says what to do instead", (t) => {
  const pair = closing(t, new Pair());
  const remedies = [
    [pair, /This Pair stays .* Make a socket in that thread, and connect the two over inproc\./],
    [context, /This Context stays .* Post its handle, and give that to Context\.attach/],
    [pair.events, /This Observer stays .* Observe in the socket's thread/],
    // By its sockets.
    [new Proxy(pair, pair), /This Pair stays/],
  ] as const;
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  for (const [object, message] of remedies) {
    const refused = { name: "ZmqError", code: "ENOTSUP", message };
    assert.throws(() => structuredClone(object), refused);
    assert.throws(() => port1.postMessage({ deep: [object] }), refused);
    assert.throws(() => port2.postMessage(object), refused);
    assert.throws(() => new Worker("", { eval: true, workerData: { object } }), refused);
  }
});

test("what cannot be posted can be printed, compared, listed and written to a log", async (t) => {
  const push = closing(t, new Push());
  await push.bind("inproc://printed");
  const pull = closing(t, new Pull());
  pull.connect("inproc://printed");
  const proxy = new Proxy(pull, push);
  assert.equal(inspect(push), "Push { staysInThread: [Getter] }");
  assert.match(inspect(push, { getters: true, depth: 9 }), /Push/);
  for (const object of [push, context, push.events, proxy]) {
    assert.deepEqual(object, object);
    assert.deepEqual({ object }, { object });
    const keys: string[] = [];
    for (const key in object) keys.push(key);
    assert.deepEqual(keys, Object.keys(object));
    assert.ok(keys.includes(object === proxy ? "frontEnd" : "staysInThread"));
  }
  const shown = { type: "Push", lastEndpoint: "inproc://printed", closed: false, peerCount: 1 };
  assert.deepEqual(JSON.parse(JSON.stringify({ push })), { push: shown });
  assert.deepEqual(JSON.parse(JSON.stringify(push.events)), {
    type: "Observer",
    closed: false,
    droppedCount: 0,
  });
  assert.deepEqual(JSON.parse(JSON.stringify(proxy)).backEnd, shown);
  const own = new Context();
  const inOwn = new Push({ context: own });
  assert.deepEqual(JSON.parse(JSON.stringify(own)), { type: "Context", closed: false, socketCount: 1 });
  await inOwn.close();
  assert.equal(JSON.parse(JSON.stringify(inOwn)).closed, true);
  assert.deepEqual(JSON.parse(JSON.stringify(own)).socketCount, 0);
});

test("a class of the application's own stays in its thread as well, and has its fields", async (t) => {
  class NamedPair extends Pair {
    readonly label: string;
    constructor(label: string) {
      super();
      this.label = label;
    }
  }
  const pair = closing(t, new NamedPair("mine"));
  assert.deepEqual(Object.keys(Object.preventExtensions(pair)), ["staysInThread", "label"]);
  assert.equal(inspect(pair), "NamedPair { staysInThread: [Getter], label: 'mine' }");
  assert.throws(() => structuredClone(pair), { code: "ENOTSUP", message: /^This NamedPair stays/ });
});
