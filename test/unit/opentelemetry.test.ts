import assert from "node:assert/strict";
import { test } from "node:test";
import { metrics } from "@opentelemetry/api";
import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { Context, Publisher, Pull, Push } from "../../src/index.ts";
import { instrument } from "../../src/opentelemetry.ts";
import { closing } from "../peers/sockets.ts";

/** Collects when it is told to. */
class Reader extends MetricReader {
  override onShutdown(): Promise<void> {
    return Promise.resolve();
  }

  override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
}

class Rig {
  readonly provider: MeterProvider;
  readonly #reader: Reader;

  constructor() {
    this.#reader = new Reader();
    this.provider = new MeterProvider({ readers: [this.#reader] });
  }

  /** Values by the name of the instrument, each with its attributes. */
  async collect(): Promise<Map<string, { attributes: Record<string, unknown>; value: unknown }[]>> {
    const { resourceMetrics, errors } = await this.#reader.collect();
    assert.deepEqual(errors, []);
    return pointsOf(resourceMetrics);
  }
}

function pointsOf(
  all: ResourceMetrics,
): Map<string, { attributes: Record<string, unknown>; value: unknown }[]> {
  const points = new Map<string, { attributes: Record<string, unknown>; value: unknown }[]>();
  for (const { metrics: found } of all.scopeMetrics) {
    for (const { descriptor, dataPoints } of found) {
      points.set(
        descriptor.name,
        dataPoints.map(({ attributes, value }) => ({ attributes, value })),
      );
    }
  }
  return points;
}

test("the sockets of a context by type, in the names of OpenTelemetry's conventions", async (t) => {
  const rig = new Rig();
  const context = new Context();
  const pull = closing(t, new Pull({ context }));
  await pull.bind("inproc://otel");
  for (let i = 0; i < 3; i++) {
    const push = closing(t, new Push({ context }));
    push.connect("inproc://otel");
    await push.sendMany(["a", "b"]);
  }
  for (let i = 0; i < 5; i++) await pull.receive();
  const publisher = closing(t, new Publisher({ context }));
  await publisher.bind("inproc://nobody");
  await publisher.send("x");
  const remove = instrument({ context, meter: rig.provider.getMeter("test") });
  const points = await rig.collect();
  const common = { "messaging.system": "zeromq", "thread.id": 0 };
  const of = (type: string): object => ({ ...common, "zeromq.socket.type": type });
  const sent = points.get("messaging.client.sent.messages")!;
  assert.deepEqual(
    sent.find(({ attributes }) => attributes["zeromq.socket.type"] === "PUSH"),
    { attributes: { ...of("PUSH"), "messaging.operation.name": "send" }, value: 6 },
  );
  const consumed = points.get("messaging.client.consumed.messages")!;
  assert.deepEqual(
    consumed.find(({ attributes }) => attributes["zeromq.socket.type"] === "PULL"),
    { attributes: { ...of("PULL"), "messaging.operation.name": "receive" }, value: 5 },
  );
  assert.deepEqual(points.get("zeromq.messages.dropped"), [
    {
      attributes: {
        ...of("PUB"),
        "messaging.operation.name": "send",
        "zeromq.drop.reason": "no-subscriber",
      },
      value: 1,
    },
  ]);
  const peers = points.get("zeromq.peers")!;
  assert.deepEqual(
    peers.find(
      ({ attributes }) => attributes["zeromq.socket.type"] === "PULL" && attributes["zeromq.peer.live"],
    ),
    { attributes: { ...of("PULL"), "zeromq.peer.live": true }, value: 3 },
  );
  for (const [name, values] of points) assert.ok(values.length <= 24, `${name} has ${values.length} series`);
  remove();
});

test("a socket that closes stays in the sums", async (t) => {
  const rig = new Rig();
  const context = new Context();
  const pull = closing(t, new Pull({ context }));
  await pull.bind("inproc://sums");
  t.after(instrument({ context, meter: rig.provider.getMeter("test") }));
  for (let round = 1; round <= 3; round++) {
    const push = new Push({ context });
    push.connect("inproc://sums");
    await push.send("a");
    await pull.receive();
    await push.close();
    const sent = (await rig.collect()).get("messaging.client.sent.messages") ?? [];
    const ours = sent.filter(({ attributes }) => attributes["zeromq.socket.type"] === "PUSH");
    assert.deepEqual(
      ours.map(({ value }) => value),
      [round],
    );
  }
});

test("with sockets each has its series, with endpoint and number", async (t) => {
  const rig = new Rig();
  const context = new Context();
  t.after(instrument({ context, meter: rig.provider.getMeter("test"), sockets: true }));
  for (const name of ["one", "two"]) {
    const pull = closing(t, new Pull({ context }));
    await pull.bind(`inproc://${name}`);
  }
  const queued = (await rig.collect()).get("zeromq.messages.queued")!;
  const endpoints = queued.map(({ attributes }) => attributes["messaging.destination.name"]);
  assert.deepEqual([...new Set(endpoints)], ["inproc://one", "inproc://two"]);
  assert.equal(new Set(queued.map(({ attributes }) => attributes["zeromq.socket.id"])).size, 2);
});

test("the global meter is the default, and what is removed is measured no more", async (t) => {
  const rig = new Rig();
  metrics.setGlobalMeterProvider(rig.provider);
  t.after(() => metrics.disable());
  const context = new Context();
  closing(t, new Pull({ context }));
  const remove = instrument({ context });
  const count = async (): Promise<unknown> => (await rig.collect()).get("zeromq.sockets")?.[0]?.value;
  assert.equal(await count(), 1);
  let measured = 0;
  const { measure } = context;
  Object.defineProperty(Context.prototype, "measure", {
    configurable: true,
    writable: true,
    value(this: Context) {
      measured++;
      return measure.call(this);
    },
  });
  t.after(() => Object.assign(Context.prototype, { measure }));
  await count();
  assert.equal(measured, 1, "one look for all instruments");
  remove();
  await count();
  assert.equal(measured, 1);
});
