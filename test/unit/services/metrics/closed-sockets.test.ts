import assert from "node:assert/strict";
import { test } from "node:test";
import { Context, Pair, Pull, Push } from "../../../../src/index.ts";
import { ClosedSockets } from "../../../../src/services/metrics/closed-sockets.ts";
import { coreOf } from "../../../../src/sockets/socket.ts";

test("what closed sockets counted is added up by type", async () => {
  const context = new Context();
  const closed = new ClosedSockets();
  for (let round = 0; round < 2; round++) {
    const [push, pull] = [new Push({ context }), new Pull({ context })];
    await pull.bind("tcp://127.0.0.1:*");
    push.connect(pull.lastEndpoint as string);
    await push.sendMany(["a", "b"]);
    for (let i = 0; i < 2; i++) await pull.receive();
    await Promise.all([push.close(), pull.close()]);
    for (const socket of [push, pull]) closed.add(coreOf(socket));
  }
  const totals = closed.read();
  assert.deepEqual([...totals.keys()], ["PUSH", "PULL"]);
  const { PUSH, PULL } = Object.fromEntries(totals);
  assert.deepEqual([PUSH!.socketCount, PUSH!.sent.accepted, PUSH!.sent.delivered], [2, 4, 4]);
  assert.deepEqual([PULL!.received.accepted, PULL!.received.delivered], [4, 4]);
  assert.ok(PUSH!.attemptCount >= 2);
  assert.deepEqual([PUSH!.handshakeCount, PULL!.handshakeCount], [2, 2]);
});

test("messages that a peer over inproc reads after the close are counted when it did", async () => {
  const context = new Context();
  const closed = new ClosedSockets();
  const [one, other] = [new Pair({ context }), new Pair({ context })];
  await one.bind("inproc://late");
  other.connect("inproc://late");
  await other.sendMany(["a", "b", "c"]);
  await other.close();
  closed.add(coreOf(other));
  const sent = (): number[] => {
    const { accepted, delivered, queued } = closed.read().get("PAIR")!.sent;
    return [accepted, delivered, queued];
  };
  assert.deepEqual(sent(), [3, 0, 3]);
  await one.receive();
  assert.deepEqual(sent(), [3, 1, 2]);
  await one.receive();
  await one.receive();
  await one.close();
  closed.add(coreOf(one));
  assert.deepEqual(sent(), [3, 3, 0]);
  assert.deepEqual(sent(), [3, 3, 0], "reading changes nothing");
});
