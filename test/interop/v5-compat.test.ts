// The native package's own layer for version 5 on the other side: every pair of types, whoever binds.

import assert from "node:assert/strict";
import type { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import type { TestContext } from "node:test";
import { test } from "node:test";
import type { Socket, SocketTypeName } from "../../src/v5-compat.ts";
import ours from "../../src/v5-compat.ts";
import { messages } from "../peers/v5.ts";

type Layer = { socket(type: SocketTypeName, options: object): Socket };

const native = createRequire(import.meta.url)("zeromq/v5-compat") as Layer;

const PAIRS: readonly (readonly [SocketTypeName, SocketTypeName])[] = [
  ["push", "pull"],
  ["req", "rep"],
  ["dealer", "router"],
  ["req", "router"],
  ["pair", "pair"],
  ["pub", "sub"],
  ["xpub", "sub"],
];

const LAYERS = [
  ["ours sends", ours as Layer, native],
  ["ours receives", native, ours as Layer],
] as const;

function open(t: TestContext, layer: Layer, type: SocketTypeName): Socket {
  const socket = layer.socket(type, { linger: 0 });
  t.after(() => socket.close());
  return socket;
}

function bound(socket: Socket): string {
  socket.bindSync("tcp://127.0.0.1:*");
  return String(socket.getsockopt(32));
}

/** What the other side does with what it gets. */
function answer(socket: Socket, type: SocketTypeName): void {
  (socket as EventEmitter).on("message", (...frames: Buffer[]) => {
    if (type === "rep" || type === "router" || type === "pair") socket.send(frames);
  });
}

for (const [title, senders, receivers] of LAYERS) {
  for (const [from, to] of PAIRS) {
    for (const binder of new Set([from, to])) {
      test(`${title}: ${from} to ${to}, ${binder} binds`, { timeout: 20_000 }, async (t) => {
        const sender = open(t, senders, from);
        const receiver = open(t, receivers, to);
        if (to === "sub") receiver.subscribe("");
        if (binder === from) receiver.connect(bound(sender));
        else sender.connect(bound(receiver));
        const arrived = messages(receiver, 1);
        answer(receiver, to);
        if (to === "sub") {
          // A publisher sends to those who have subscribed: until then it sends again.
          const timer = setInterval(() => sender.send(["a", "b"]), 20);
          t.after(() => clearInterval(timer));
          assert.deepEqual(await arrived, [["a", "b"]]);
          return;
        }
        const replied = ["rep", "router", "pair"].includes(to) ? messages(sender, 1) : undefined;
        sender.send(["a", "b"]);
        const [message] = await arrived;
        assert.deepEqual(message?.slice(-2), ["a", "b"]);
        if (replied !== undefined) assert.deepEqual(await replied, [["a", "b"]]);
      });
    }
  }
}
