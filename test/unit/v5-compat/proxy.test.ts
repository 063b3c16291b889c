import assert from "node:assert/strict";
import { test } from "node:test";
import { proxy } from "../../../src/v5-compat/proxy.ts";
import type { Socket } from "../../../src/v5-compat/socket.ts";
import { messages, v5Sockets } from "../../peers/v5.ts";

function lay(socket: Socket): string {
  socket.bindSync("tcp://127.0.0.1:*");
  return String(socket.getsockopt("last_endpoint"));
}

test("requests go through a router and a dealer, replies come back and are captured without envelope", async (t) => {
  const [router, dealer, req, rep, capture, watcher] = v5Sockets(
    t,
    "router",
    "dealer",
    "req",
    "rep",
    "push",
    "pull",
  ) as [Socket, Socket, Socket, Socket, Socket, Socket];
  req.connect(lay(router));
  rep.connect(lay(dealer));
  watcher.connect(lay(capture));
  rep.on("message", (request: Buffer) => rep.send(`${request} bar`));
  proxy(router, dealer, capture);
  const captured = messages(watcher, 1);
  req.send("foo");
  assert.deepEqual(await messages(req, 1), [["foo bar"]]);
  assert.deepEqual(await captured, [["foo bar"]]);
});

test("a pipeline goes through either way round", async (t) => {
  const [pull, push, source, sink] = v5Sockets(t, "pull", "push", "push", "pull") as [
    Socket,
    Socket,
    Socket,
    Socket,
  ];
  source.connect(lay(pull));
  sink.connect(lay(push));
  proxy(pull, push);
  source.send(["a", "b"]);
  assert.deepEqual(await messages(sink, 1), [["a", "b"]]);
});

test("subscriptions and messages go through xpub and xsub", async (t) => {
  const [xpub, xsub, pub, sub] = v5Sockets(t, "xpub", "xsub", "pub", "sub") as [
    Socket,
    Socket,
    Socket,
    Socket,
  ];
  sub.subscribe("a");
  sub.connect(lay(xpub));
  pub.connect(lay(xsub));
  proxy(xpub, xsub);
  // A publisher sends to those who have subscribed: until then it sends again.
  const timer = setInterval(() => pub.send("a message"), 20);
  t.after(() => clearInterval(timer));
  assert.deepEqual(await messages(sub, 1), [["a message"]]);
});

test("other orders are refused", (t) => {
  const [xpub, xsub] = v5Sockets(t, "xpub", "xsub") as [Socket, Socket];
  assert.throws(() => proxy(xsub, xpub), { message: "wrong socket order to proxy" });
});
