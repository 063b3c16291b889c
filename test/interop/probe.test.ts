// probeEndpoint on sockets of libzmq: every type, through pyzmq and the native package, and servers with security.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { curveKeyPair, probeEndpoint } from "../../src/index.ts";

const TIMEOUT_MS = 20_000;

const PYZMQ = `
import sys, zmq
context = zmq.Context()
sockets = []
def show(name, make):
    socket = make()
    socket.linger = 0
    sockets.append(socket)
    print(name, "tcp://127.0.0.1:%d" % socket.bind_to_random_port("tcp://127.0.0.1"))
for name in "PAIR PUB SUB REQ REP DEALER ROUTER PULL PUSH XPUB XSUB".split():
    show(name, lambda: context.socket(getattr(zmq, name)))
def plain():
    socket = context.socket(zmq.REP)
    socket.plain_server = True
    return socket
def curve(name):
    def make():
        socket = context.socket(getattr(zmq, name))
        socket.curve_secretkey = sys.argv[-1].encode()
        socket.curve_server = True
        return socket
    return make
show("PLAIN", plain)
if zmq.has("curve"):
    show("CURVE", curve("REP"))
    for name in "PAIR PUB SUB REQ REP DEALER ROUTER PULL PUSH XPUB XSUB".split():
        show("CURVE-" + name, curve(name))
print("end")
sys.stdout.flush()
sys.stdin.read()
`;

const NATIVE = `
const zmq = require("zeromq");
const classes = {
  PAIR: zmq.Pair, PUB: zmq.Publisher, SUB: zmq.Subscriber, REQ: zmq.Request, REP: zmq.Reply, DEALER: zmq.Dealer,
  ROUTER: zmq.Router, PULL: zmq.Pull, PUSH: zmq.Push, XPUB: zmq.XPublisher, XSUB: zmq.XSubscriber,
};
(async () => {
  const sockets = [];
  const show = async (name, socket) => {
    sockets.push(socket);
    await socket.bind("tcp://127.0.0.1:*");
    console.log(name, socket.lastEndpoint);
  };
  for (const [name, SocketClass] of Object.entries(classes)) await show(name, new SocketClass({ linger: 0 }));
  await show("PLAIN", new zmq.Reply({ plainServer: true, linger: 0 }));
  if (zmq.capability.curve) {
    const server = { curveServer: true, curveSecretKey: process.argv.at(-1), linger: 0 };
    await show("CURVE", new zmq.Reply(server));
    for (const [name, SocketClass] of Object.entries(classes)) await show("CURVE-" + name, new SocketClass(server));
  }
  console.log("end");
  process.stdin.resume().on("end", () => process.exit());
})();
`;

const pythons = [process.env.PYTHON, "/usr/bin/python3", "python3"].filter((name) => name !== undefined);
const python = pythons.find(
  (name) => spawnSync(name, ["-c", "import zmq"], { timeout: TIMEOUT_MS }).status === 0,
);
const hasNative =
  spawnSync(process.execPath, ["-e", "require('zeromq')"], { timeout: TIMEOUT_MS }).status === 0;

/** Endpoints of a program's sockets, by the names it gave. */
async function start(t: TestContext, command: string, args: readonly string[]): Promise<Map<string, string>> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.on("close", resolve));
  t.after(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  let text = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) {
    text += chunk;
    // With its newline: who is read no longer cannot write it.
    if (/^end\r?\n/m.test(text)) break;
  }
  const lines = text.split(/\r?\n/).filter((line) => line.includes("://"));
  return new Map(lines.map((line) => line.split(" ") as [string, string]));
}

/** Those are left alone before they count us: they would send us what is for others. */
const KEEP = ["PAIR", "REQ", "DEALER", "PUSH"];

const server = curveKeyPair();

/** libzmq ends the handshake with a type that does not suit it: those that are left alone stay unknown. */
async function probeWithKey(name: string, endpoint: string): Promise<void> {
  const credentials = { curveServerKey: server.publicKey };
  const report = await probeEndpoint(endpoint, { timeoutMs: TIMEOUT_MS, credentials });
  const isKept = KEEP.includes(name);
  assert.deepEqual([report.state, report.socketType], ["zmtp", isKept ? null : name], report.what);
  assert.match(report.what, isKept ? /took no socket of the types/ : /accepts our credentials/);
  const wrong = { curveServerKey: curveKeyPair().publicKey };
  const refused = await probeEndpoint(endpoint, { timeoutMs: TIMEOUT_MS, credentials: wrong });
  assert.deepEqual([refused.state, refused.error?.code], ["refused", "EACCES"], refused.what);
}

async function probeAll(endpoints: ReadonlyMap<string, string>): Promise<void> {
  assert.ok(endpoints.size >= 12);
  for (const [name, endpoint] of endpoints) {
    if (name.startsWith("CURVE-")) {
      await probeWithKey(name.slice("CURVE-".length), endpoint);
      continue;
    }
    const report = await probeEndpoint(endpoint, { timeoutMs: TIMEOUT_MS });
    assert.equal(report.state, "zmtp", report.what);
    assert.equal(report.protocol, "3.1");
    const isSecure = name === "PLAIN" || name === "CURVE";
    assert.deepEqual([report.mechanism, report.socketType], isSecure ? [name, null] : ["NULL", name]);
    assert.equal(report.pongMs !== null, !isSecure && !KEEP.includes(name), `${name} and PING`);
  }
}

test("every socket of pyzmq is recognised", {
  skip: python === undefined && "no Python can import zmq",
}, async (t) => {
  await probeAll(await start(t, python as string, ["-u", "-c", PYZMQ, server.secretKey]));
});

test("every socket of the native package is recognised", {
  skip: !hasNative && "zeromq does not load here",
}, async (t) => {
  await probeAll(await start(t, process.execPath, ["-e", NATIVE, "--", server.secretKey]));
});
