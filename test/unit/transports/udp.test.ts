import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { installPlatform } from "../../../src/base/platform.ts";
import { SocketType } from "../../../src/base/socket-type.ts";
import { createContextOptions } from "../../../src/core/context-options.ts";
import { createSocketOptions } from "../../../src/core/options.ts";
import type { DatagramEvents, DatagramPort } from "../../../src/core/transport.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";
import { UdpTransport } from "../../../src/transports/udp.ts";
import { hasMulticast, NO_MULTICAST } from "../../peers/multicast.ts";
import { until } from "../../peers/sockets.ts";
import { withNameService } from "./name-service.ts";

installPlatform(nodePlatform);

const transport = new UdpTransport();
const options = createSocketOptions(SocketType.Datagram, createContextOptions());

interface Heard extends DatagramEvents {
  readonly log: string[];
}

function heard(): Heard {
  const log: string[] = [];
  return {
    log,
    onOpen: () => void log.push("open"),
    onOpenFailed: (error) => void log.push(error.code),
    onDatagram: (datagram) => void log.push(Buffer.from(datagram).toString()),
    onSendFailed: (error) => void log.push(error.code),
    onDrain: () => undefined,
  };
}

const kept = (t: TestContext, port: DatagramPort): DatagramPort => {
  t.after(() => port.close());
  return port;
};

test("what is bound is heard from who is connected, by address and by name", async (t) => {
  const receiver = heard();
  const bound = kept(t, transport.bind("127.0.0.1:*", options, receiver));
  await until("bound", () => receiver.log.length > 0);
  assert.match(bound.endpoint, /^udp:\/\/127\.0\.0\.1:[1-9]\d*$/);
  const number = bound.endpoint.split(":").at(-1);
  for (const host of ["127.0.0.1", "localhost"]) {
    const sender = heard();
    const connected = kept(t, transport.connect(`${host}:${number}`, options, sender));
    assert.deepEqual(sender.log, []);
    await until("open", () => sender.log.length > 0);
    assert.deepEqual([sender.log, connected.endpoint], [["open"], `udp://${host}:${number}`]);
    connected.send(Buffer.from(host), null);
    await until(host, () => receiver.log.at(-1) === host);
  }
});

test("a unicast address that is taken is EADDRINUSE, whether one waits for it or not", async (t) => {
  const { endpoint } = kept(t, transport.bindSync("127.0.0.1:*", options, heard()));
  const address = endpoint.slice("udp://".length);
  const other = heard();
  transport.bind(address, options, other);
  await until("told", () => other.log.length > 0);
  assert.deepEqual(other.log, ["EADDRINUSE"]);
  assert.throws(() => transport.bindSync(address, options, heard()), { code: "EADDRINUSE" });
});

test("names are looked up for bind; bindSync cannot, and says so", async (t) => {
  const events = heard();
  kept(t, transport.bind("localhost:*", options, events));
  await until("bound", () => events.log.length > 0);
  assert.deepEqual(events.log, ["open"]);
  assert.throws(() => transport.bindSync("some.host.invalid:*", options, heard()), { code: "ENOTSUP" });
  const unknown = heard();
  transport.connect("some.host.invalid:5555", options, unknown);
  await until("told", () => unknown.log.length > 0, 20_000);
  assert.deepEqual(unknown.log, ["ENODEV"]);
});

test("this machine's name needs no lookup", (t) => {
  assert.match(
    kept(t, transport.bindSync("localhost:*", options, heard())).endpoint,
    /^udp:\/\/127\.0\.0\.1:/,
  );
});

test("a name that has no address is ENODEV", async () => {
  const events = heard();
  await withNameService(
    (_name, answer) => answer(null, []),
    async () => {
      transport.connect("empty.example:5555", options, events);
      await until("told", () => events.log.length > 0);
    },
  );
  assert.deepEqual(events.log, ["ENODEV"]);
});

test("any address is bound by *, and shown", (t) => {
  assert.match(
    kept(t, transport.bindSync("*:*", options, heard())).endpoint,
    /^udp:\/\/0\.0\.0\.0:[1-9]\d*$/,
  );
});

test("members of a multicast group share a port, and all hear what is sent there", async (t) => {
  if (!(await hasMulticast())) return t.skip(NO_MULTICAST);
  const [one, two] = [heard(), heard()];
  const { endpoint } = kept(t, transport.bindSync("239.192.7.11:*", options, one));
  const address = endpoint.slice("udp://".length);
  kept(t, transport.bindSync(address, options, two));
  const sender = heard();
  const connected = kept(t, transport.connect(address, options, sender));
  await until("open", () => sender.log.length > 0);
  connected.send(Buffer.from("all"), null);
  await until("heard", () => one.log.length > 0 && two.log.length > 0);
  assert.deepEqual([one.log, two.log, sender.log], [["all"], ["all"], ["open"]]);
});

test("endpoints that cannot be are refused before anything is opened", () => {
  assert.throws(() => transport.checkBind("127.0.0.1", options), { code: "EINVAL" });
  assert.throws(() => transport.checkConnect("*:5", options), { code: "EINVAL" });
  transport.checkBind("*:*", options);
  transport.checkConnect("name:5", options);
});

test("an endpoint is known by other words for it", () => {
  assert.ok(transport.isSameEndpoint("udp://localhost:5", "udp://127.0.0.1:5"));
  assert.ok(transport.isSameEndpoint("udp://lo;239.1.1.1:5", "udp://lo;239.1.1.1:5"));
  assert.ok(!transport.isSameEndpoint("udp://lo;239.1.1.1:5", "udp://239.1.1.1:5"));
  assert.ok(!transport.isSameEndpoint("udp://127.0.0.1:5", "udp://127.0.0.1:6"));
});
