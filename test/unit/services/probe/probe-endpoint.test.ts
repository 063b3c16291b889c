import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import type { Socket as NetSocket } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Socket } from "../../../../src/index.ts";
import * as zmq from "../../../../src/index.ts";
import { probeEndpoint } from "../../../../src/index.ts";

const TYPES = {
  PAIR: zmq.Pair,
  PUB: zmq.Publisher,
  SUB: zmq.Subscriber,
  REQ: zmq.Request,
  REP: zmq.Reply,
  DEALER: zmq.Dealer,
  ROUTER: zmq.Router,
  PULL: zmq.Pull,
  PUSH: zmq.Push,
  XPUB: zmq.XPublisher,
  XSUB: zmq.XSubscriber,
} as const;

const NAMED = ["REQ", "DEALER", "ROUTER"];
/** Those that are left alone before they count us. */
const KEEP = ["PAIR", "REQ", "DEALER", "PUSH"];

async function bound<S extends Socket>(t: TestContext, make: () => S): Promise<S> {
  const socket = make();
  t.after(() => socket.close());
  await socket.bind("tcp://127.0.0.1:*");
  return socket;
}

/** A server that does with each connection what it is told. */
async function serve(t: TestContext, onConnected: (socket: NetSocket) => void): Promise<string> {
  const sockets = new Set<NetSocket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onConnected(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `tcp://127.0.0.1:${(server.address() as { port: number }).port}`;
}

for (const [type, SocketClass] of Object.entries(TYPES)) {
  test(`a ${type} is recognised, and afterwards as it was`, async (t) => {
    const isNamed = NAMED.includes(type);
    const socket = await bound(t, () => new SocketClass({ ...(isNamed && { routingId: "me" }), linger: 0 }));
    const report = await probeEndpoint(socket.lastEndpoint as string, { timeoutMs: 10_000 });
    assert.deepEqual(
      [report.state, report.socketType, report.mechanism, report.protocol, report.error],
      ["zmtp", type, "NULL", "3.1", null],
    );
    assert.equal(report.routingId, isNamed ? "6d65" : "");
    assert.equal(report.isPinged, !KEEP.includes(type));
    assert.equal(report.pongMs !== null, !KEEP.includes(type));
    assert.ok(
      (report.connectMs as number) >= 0 && (report.handshakeMs as number) >= (report.greetingMs as number),
    );
    for (let tries = 0; socket.peers.length > 0 && tries < 500; tries++) await sleep(10);
    assert.equal(socket.peers.length, 0);
    const { sent, received } = socket.stats();
    assert.deepEqual([sent.accepted, received.accepted], [0, 0]);
  });
}

for (const mechanism of ["CURVE", "PLAIN"] as const) {
  test(`with credentials for ${mechanism}, every type is recognised, and keeps what it has`, async (t) => {
    const own = new zmq.Context();
    const authenticator = new zmq.Authenticator({
      context: own,
      plain: new Map([["joe", "sesame"]]),
      curve: "any",
    });
    t.after(async () => {
      await authenticator.close();
      await own.terminate();
    });
    const { publicKey, secretKey } = zmq.curveKeyPair();
    const server =
      mechanism === "CURVE" ? { curveServer: true, curveSecretKey: secretKey } : { plainServer: true };
    const credentials =
      mechanism === "CURVE"
        ? { curveServerKey: publicKey }
        : { plainUsername: "joe", plainPassword: "sesame" };
    for (const [type, SocketClass] of Object.entries(TYPES)) {
      const socket = await bound(t, () => new SocketClass({ context: own, linger: 0, ...server }));
      const endpoint = socket.lastEndpoint as string;
      const report = await probeEndpoint(endpoint, { timeoutMs: 10_000, credentials });
      assert.deepEqual([report.state, report.socketType, report.mechanism], ["zmtp", type, mechanism]);
      assert.match(report.what, /accepts our credentials/);
      const { sent, received } = socket.stats();
      assert.deepEqual([sent.accepted, received.accepted], [0, 0]);
      await socket.close();
    }
  });
}

test("credentials that are refused, of another server, or of no use are told apart", async (t) => {
  const own = new zmq.Context();
  const authenticator = new zmq.Authenticator({ context: own, plain: new Map([["joe", "sesame"]]) });
  t.after(async () => {
    await authenticator.close();
    await own.terminate();
  });
  const { secretKey, publicKey } = zmq.curveKeyPair();
  const curve = await bound(
    t,
    () => new zmq.Reply({ context: own, curveServer: true, curveSecretKey: secretKey }),
  );
  const plain = await bound(t, () => new zmq.Reply({ context: own, plainServer: true }));
  const open = await bound(t, () => new zmq.Reply({ context: own }));
  const other = zmq.curveKeyPair().publicKey;
  const joe = { plainUsername: "joe", plainPassword: "swordfish" };
  const cases = [
    [curve, { curveServerKey: publicKey }, "refused", /status 400/],
    [curve, { curveServerKey: other }, "refused", /ended the connection at our HELLO/],
    [curve, joe, "zmtp", /mechanism CURVE/],
    [plain, joe, "refused", /status 400/],
    [open, joe, "zmtp", /A REP socket is at .*NULL/],
  ] as const;
  for (const [socket, credentials, state, what] of cases) {
    const endpoint = socket.lastEndpoint as string;
    const report = await probeEndpoint(endpoint, { timeoutMs: 10_000, credentials });
    assert.equal(report.state, state, report.what);
    assert.match(report.what, what);
    assert.doesNotMatch(JSON.stringify(report), /swordfish/);
  }
  await assert.rejects(
    probeEndpoint("tcp://127.0.0.1:1", { credentials: { ...joe, curveServerKey: other } }),
    {
      code: "EINVAL",
    },
  );
  await assert.rejects(probeEndpoint("tcp://127.0.0.1:1", { credentials: { curveServerKey: "short" } }), {
    code: "EINVAL",
  });
});

test("a PUSH with work keeps it", async (t) => {
  const push = await bound(t, () => new zmq.Push({ linger: 0 }));
  const waiting = push.send("work");
  await probeEndpoint(push.lastEndpoint as string, { timeoutMs: 10_000 });
  const pull = new zmq.Pull({ receiveTimeout: 10_000 });
  t.after(() => pull.close());
  pull.connect(push.lastEndpoint as string);
  await waiting;
  assert.equal(String((await pull.receive())[0]), "work");
});

test("an ipc endpoint is probed likewise", { skip: process.platform === "win32" && "no ipc" }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "zmq-probe-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const reply = new zmq.Reply();
  t.after(() => reply.close());
  await reply.bind(`ipc://${directory}/socket`);
  assert.equal((await probeEndpoint(`ipc://${directory}/socket`)).socketType, "REP");
  const { state, error } = await probeEndpoint(`ipc://${directory}/nothing`);
  assert.deepEqual([state, error?.code], ["unreachable", "ENOENT"]);
});

test("an HTTP server is called one", async (t) => {
  const server = createHttpServer((_request, response) => void response.end("hello"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const report = await probeEndpoint(`tcp://127.0.0.1:${(server.address() as { port: number }).port}`);
  assert.deepEqual([report.state, report.speaks], ["other", "HTTP"]);
  assert.match(report.what, /HTTP\/1\.1 400/);
});

test("garbage, silence and a slammed door are told apart, in bounded time", async (t) => {
  const cases: [(socket: NetSocket) => void, string][] = [
    [(socket) => void socket.write(Buffer.from([1, 2, 3, 250])), "other"],
    [(socket) => void socket.write(Buffer.alloc(5_000_000, 0x41)), "other"],
    [() => undefined, "silent"],
    [(socket) => void socket.destroy(), "closed"],
    [(socket) => void socket.end(), "closed"],
    [(socket) => void socket.write(Buffer.from([0xff, 0, 0])), "silent"],
  ];
  for (const [act, state] of cases) {
    const began = performance.now();
    const report = await probeEndpoint(await serve(t, act), { timeoutMs: 500 });
    assert.equal(report.state, state, report.what);
    assert.notEqual(report.error, null);
    assert.ok(performance.now() - began < 5000);
  }
});

test("a STREAM socket is silent", async (t) => {
  const stream = await bound(t, () => new zmq.Stream({ linger: 0 }));
  assert.equal((await probeEndpoint(stream.lastEndpoint as string, { timeoutMs: 300 })).state, "silent");
});

test("a closed port and an unknown host say so", async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  const closed = await probeEndpoint(`tcp://127.0.0.1:${port}`);
  assert.deepEqual([closed.state, closed.error?.code], ["unreachable", "ECONNREFUSED"]);
  assert.equal(closed.connectMs, null);
  const unknown = await probeEndpoint("tcp://no-such-host.invalid:5555", { timeoutMs: 10_000 });
  assert.deepEqual([unknown.state, unknown.error?.code], ["unreachable", "ENODEV"]);
  t.diagnostic(unknown.what);
});

test("what is no endpoint is refused, and a signal gives up", async (t) => {
  await assert.rejects(probeEndpoint("inproc://x"), { code: "ENOTSUP" });
  await assert.rejects(probeEndpoint("udp://127.0.0.1:1"), { code: "EPROTONOSUPPORT" });
  await assert.rejects(probeEndpoint("tcp://127.0.0.1"), { code: "EINVAL" });
  await assert.rejects(probeEndpoint("tcp://127.0.0.1:1", { signal: AbortSignal.abort() }), {
    code: "ABORT_ERR",
  });
  const controller = new AbortController();
  const endpoint = await serve(t, () => undefined);
  const probing = probeEndpoint(endpoint, { signal: controller.signal, timeoutMs: 60_000 });
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(probing, { code: "ABORT_ERR" });
});
