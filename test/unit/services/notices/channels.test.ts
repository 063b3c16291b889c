import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import type { Socket } from "../../../../src/index.ts";
import { Context, Dealer, Publisher, Pull, Push, Reply, Router, Subscriber } from "../../../../src/index.ts";
import { DROP_REASONS } from "../../../../src/pipe/pipe.ts";
import { publishFinding } from "../../../../src/services/notices/channels.ts";
import { coreOf } from "../../../../src/sockets/socket.ts";
import { fill, join, until } from "../../../peers/sockets.ts";

interface LossMessage {
  readonly socket: { readonly id: number; readonly type: string; readonly label: string };
  readonly endpoint: string | null;
  readonly peer: string | null;
  readonly direction: "sent" | "received";
  readonly reason: string;
}

/** Losses of all kinds, over a stream or not. Gives the sockets, closed. */
async function loseMessages(transport: "tcp" | "inproc"): Promise<Socket[]> {
  const context = new Context();
  const publisher = new Publisher({ context, linger: 0, sendHighWaterMark: 2 });
  const subscriber = new Subscriber({ context, receiveHighWaterMark: 1 });
  const router = new Router({ context });
  const dealer = new Dealer({ context, linger: 0 });
  const [reply, stray] = [new Reply({ context }), new Dealer({ context })];
  const [push, pull] = [new Push({ context, linger: 0 }), new Pull({ context, receiveHighWaterMark: 1 })];
  await publisher.send("nobody");
  subscriber.subscribe("");
  await join(publisher, subscriber, transport);
  await publisher.waitForSubscribers();
  const body = Buffer.alloc(50_000);
  for (let i = 0; i < 500; i++) await publisher.send(body);
  await join(router, dealer, transport);
  await router.send(["unknown", "a"]);
  await join(reply, stray, transport);
  await stray.send("no delimiter");
  const waiting = reply.receive().catch(() => undefined);
  await until("the request to be dropped", () => reply.stats().received.dropped.protocol > 0);
  await join(pull, push, transport);
  fill({ trySend: () => push.trySend(body) }, 2000);
  const sockets = [publisher, subscriber, router, dealer, stray, reply, push, pull];
  // Who closes first does not hear what becomes of what its peers have not read.
  for (const socket of [...sockets].reverse()) await socket.close();
  await waiting;
  return sockets;
}

for (const transport of ["tcp", "inproc"] as const) {
  test(`over ${transport} the losses that are told are those of stats(), each once`, async () => {
    const heard: LossMessage[] = [];
    const hear = (message: unknown): unknown => heard.push(message as LossMessage);
    subscribe("zeromq-ts:loss", hear);
    const sockets = await loseMessages(transport);
    unsubscribe("zeromq-ts:loss", hear);
    const reasons = new Set<string>();
    for (const socket of sockets) {
      const { id } = coreOf(socket);
      const told = heard.filter((loss) => loss.socket.id === id);
      const kinds = new Set(told.map(({ direction, reason }) => `${direction} ${reason}`));
      const stats = socket.stats();
      for (const direction of ["sent", "received"] as const) {
        for (const reason of DROP_REASONS) {
          const isLost = stats[direction].dropped[reason] > 0;
          assert.equal(
            kinds.has(`${direction} ${reason}`),
            isLost,
            `${socket.constructor.name} ${direction} ${reason}`,
          );
          if (isLost) reasons.add(reason);
        }
      }
      const keys = told.map(({ direction, reason, peer }) => `${direction} ${reason} ${peer}`);
      assert.equal(new Set(keys).size, keys.length, "each peer and reason once");
    }
    for (const reason of ["hwm", "no-subscriber", "unroutable", "protocol"])
      assert.ok(reasons.has(reason), reason);
  });
}

test("a loss names the socket, and the peer where there is one", async () => {
  const heard: LossMessage[] = [];
  const hear = (message: unknown): unknown => heard.push(message as LossMessage);
  subscribe("zeromq-ts:loss", hear);
  const sockets = await loseMessages("tcp");
  unsubscribe("zeromq-ts:loss", hear);
  const publisher = sockets[0] as Socket;
  const ours = heard.filter(({ socket }) => socket.id === coreOf(publisher).id);
  const socket = (label: string): object => ({ id: coreOf(publisher).id, type: "PUB", label });
  assert.deepEqual(ours[0], {
    socket: socket("Publisher without an endpoint"),
    endpoint: null,
    peer: null,
    direction: "sent",
    reason: "no-subscriber",
  });
  const hwm = ours.find(({ reason }) => reason === "hwm");
  assert.deepEqual(hwm?.socket, socket(`Publisher ${publisher.lastEndpoint}`));
  assert.equal(hwm?.endpoint, publisher.lastEndpoint);
  assert.match(hwm?.peer ?? "", /^tcp:\/\/127\.0\.0\.1:\d+$/);
});

test("where nobody listens a finding goes nowhere", () => {
  publishFinding({} as never);
});
