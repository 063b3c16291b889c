import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, Gather, Scatter, Server } from "../../../../src/draft.ts";
import { Context, Publisher, Pull, Push, Router, Subscriber } from "../../../../src/index.ts";
import { RULES } from "../../../../src/services/explain/rules.ts";
import { closing, until } from "../../../peers/sockets.ts";
import type { Family } from "./prometheus-reader.ts";
import { readPrometheus, sumOf } from "./prometheus-reader.ts";

const ACCEPTED = "zeromq_messages_accepted_total";
const DROPPED = "zeromq_messages_dropped_total";

/** accepted = delivered + queued + dropped, over whatever the labels choose. */
function assertLaw(families: Map<string, Family>, ...labels: string[]): void {
  const sum = (name: string): number => sumOf(families, name, ...labels);
  const accounted = sum("zeromq_messages_delivered_total") + sum("zeromq_messages_queued") + sum(DROPPED);
  assert.equal(sum(ACCEPTED), accounted, labels.join());
}

test("a context without sockets has nothing to measure", () => {
  assert.equal(new Context().metrics(), "");
});

test("what was accepted, delivered, queued and dropped, as stats() has it", async (t) => {
  const context = new Context();
  const publisher = closing(t, new Publisher({ context, sendHighWaterMark: 3 }));
  const subscriber = closing(t, new Subscriber({ context, receiveHighWaterMark: 2 }));
  subscriber.subscribe("a");
  await publisher.bind("inproc://prices");
  subscriber.connect("inproc://prices");
  await publisher.waitForSubscribers();
  for (let i = 0; i < 9; i++) await publisher.send("a");
  await publisher.send("b");
  const families = readPrometheus(context.metrics());
  const { sent } = publisher.stats();
  assert.ok(sent.dropped.hwm > 0);
  assert.equal(sumOf(families, ACCEPTED, "type=PUB", "direction=sent"), sent.accepted);
  assert.equal(sumOf(families, DROPPED, "type=PUB", "reason=hwm"), sent.dropped.hwm);
  assert.equal(sumOf(families, DROPPED, "type=PUB", "reason=no-subscriber"), sent.dropped["no-subscriber"]);
  assert.equal(sumOf(families, "zeromq_high_water_mark_messages", "type=PUB", "direction=sent"), 3);
  assert.equal(sumOf(families, "zeromq_sockets"), 2);
  assert.equal(sumOf(families, "zeromq_peers", "type=SUB", "live=true", "endpoint=inproc://prices"), 1);
  for (const type of ["PUB", "SUB"])
    for (const direction of ["sent", "received"])
      assertLaw(families, `type=${type}`, `direction=${direction}`);
});

test("a direction that a type does not have is no series", async (t) => {
  const context = new Context();
  const [gather, scatter] = [closing(t, new Gather({ context })), closing(t, new Scatter({ context }))];
  const [server, client] = [closing(t, new Server({ context })), closing(t, new Client({ context }))];
  await gather.bind("inproc://gathered");
  scatter.connect("inproc://gathered");
  await server.bind("inproc://served");
  client.connect("inproc://served");
  await scatter.send("a");
  await gather.receive();
  const samples = context.measure().find(({ name }) => name === ACCEPTED)?.samples ?? [];
  const directionsOf = (type: string): string[] =>
    samples.filter(({ labels }) => labels["type"] === type).map(({ labels }) => `${labels["direction"]}`);
  assert.deepEqual(["SCATTER", "GATHER"].map(directionsOf), [["sent"], ["received"]]);
  for (const type of ["SERVER", "CLIENT"]) assert.equal(directionsOf(type).length, 2);
  assert.equal(sumOf(readPrometheus(context.metrics()), ACCEPTED, "type=GATHER"), 1);
});

test("calls that wait and connections are counted; a failed connect is seen", async (t) => {
  const context = new Context();
  const pull = closing(t, new Pull({ context }));
  await pull.bind("tcp://127.0.0.1:*");
  const push = closing(t, new Push({ context, linger: 0, reconnectInterval: 10 }));
  const endpoint = pull.lastEndpoint as string;
  push.connect(endpoint);
  await push.waitForPeers();
  const waiting = pull.receive();
  const families = readPrometheus(context.metrics());
  assert.equal(sumOf(families, "zeromq_waiting_calls", "type=PULL", "call=receive"), 1);
  assert.equal(sumOf(families, "zeromq_handshakes_total", "type=PUSH", `endpoint=${endpoint}`), 1);
  assert.ok(sumOf(families, "zeromq_connect_attempts_total", "type=PUSH") >= 1);
  await push.send("x");
  await waiting;
  await pull.close();
  const failures = (): number =>
    sumOf(readPrometheus(context.metrics()), "zeromq_connect_failures", "type=PUSH");
  await until("the connect to fail", () => failures() > 0);
});

test("a counter never goes back when sockets close", async (t) => {
  const context = new Context();
  const pull = closing(t, new Pull({ context }));
  await pull.bind("tcp://127.0.0.1:*");
  const before = new Map<string, number>();
  for (let round = 1; round <= 4; round++) {
    const push = new Push({ context });
    push.connect(pull.lastEndpoint as string);
    await push.sendMany(["a", "b", "c"]);
    for (let i = 0; i < 3; i++) await pull.receive();
    for (const isClosed of [false, true]) {
      if (isClosed) await push.close();
      const families = readPrometheus(context.metrics());
      assert.equal(sumOf(families, ACCEPTED, "type=PUSH", "direction=sent"), round * 3);
      for (const [name, { type }] of families) {
        if (type !== "counter") continue;
        const sum = sumOf(families, name);
        assert.ok(sum >= (before.get(name) ?? 0), `${name} went back to ${sum}`);
        before.set(name, sum);
      }
      assert.equal(sumOf(families, "zeromq_sockets_closed_total", "type=PUSH"), isClosed ? round : round - 1);
      assertLaw(families);
      const series = families.get(ACCEPTED)!.samples.size;
      assert.ok(series <= 6, `${series} series: closed sockets share one`);
    }
  }
});

test("peers are shown where they are asked for, those that have one address together", async (t) => {
  const context = new Context();
  const router = closing(t, new Router({ context }));
  const pull = closing(t, new Pull({ context }));
  await pull.bind("inproc://one");
  for (let i = 0; i < 3; i++) {
    const push = closing(t, new Push({ context }));
    push.connect("inproc://one");
    await push.send("x");
  }
  await router.bind("tcp://127.0.0.1:*");
  assert.doesNotMatch(context.metrics(), /peer_messages/);
  const families = readPrometheus(context.metrics({ peers: true }));
  const name = "zeromq_peer_messages_accepted_total";
  assert.equal(sumOf(families, name, "type=PULL", "direction=received"), 3);
  assert.equal(sumOf(families, name, "type=PUSH", "direction=sent"), 3);
});

test("findings are counted by code and severity", async (t) => {
  const rule = (view: { readonly type: string }): readonly never[] | readonly [object] =>
    view.type !== "PAIR" && view.type !== "PULL"
      ? []
      : [{ code: "example", severity: "info", what: "", remedy: "", evidence: {} }];
  (RULES as unknown as (typeof rule)[]).push(rule);
  t.after(() => (RULES as unknown[]).pop());
  const context = new Context();
  const sockets = [new Pull({ context }), new Pull({ context }), new Push({ context })];
  for (const socket of sockets) closing(t, socket);
  const families = readPrometheus(context.metrics());
  assert.equal(sumOf(families, "zeromq_findings", "code=example", "severity=info"), 2);
});

test("measure() gives the same as data", async (t) => {
  const context = new Context();
  const push = closing(t, new Push({ context }));
  await push.bind("inproc://data");
  const families = readPrometheus(context.metrics());
  for (const { name, kind, samples } of context.measure()) {
    assert.equal(families.get(name)?.type, kind);
    assert.equal(families.get(name)?.samples.size, samples.length);
  }
});
