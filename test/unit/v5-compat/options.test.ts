import assert from "node:assert/strict";
import { test } from "node:test";
import { Dealer, Publisher, Pull, Subscriber, XPublisher } from "../../../src/index.ts";
import * as zmq from "../../../src/v5-compat/constants.ts";
import type { KeptOptions } from "../../../src/v5-compat/options.ts";
import { getOption, optionNumber, SHORT_NAMES, setOption } from "../../../src/v5-compat/options.ts";

test("an option has a name, a constant and a number", () => {
  assert.equal(optionNumber("linger"), 17);
  assert.equal(optionNumber(zmq.ZMQ_LINGER), 17);
  assert.equal(optionNumber(SHORT_NAMES["linger"]), 17);
  for (const wrong of ["no_such_option", "toString", undefined, null, {}])
    assert.throws(() => optionNumber(wrong), { name: "TypeError" });
});

test("every option of version 5 can be set, and reads as it was set", async () => {
  await using socket = new Dealer({ linger: 0 });
  const kept: KeptOptions = new Map();
  const values: readonly (readonly [option: number, value: number | string])[] = [
    [zmq.ZMQ_AFFINITY, 1],
    [zmq.ZMQ_IDENTITY, "me"],
    [zmq.ZMQ_RATE, 200],
    [zmq.ZMQ_RECOVERY_IVL, 5],
    [zmq.ZMQ_SNDBUF, 65536],
    [zmq.ZMQ_RCVBUF, 65536],
    [zmq.ZMQ_LINGER, 10],
    [zmq.ZMQ_RECONNECT_IVL, 20],
    [zmq.ZMQ_BACKLOG, 75],
    [zmq.ZMQ_RECONNECT_IVL_MAX, 300],
    [zmq.ZMQ_MAXMSGSIZE, 1000],
    [zmq.ZMQ_SNDHWM, 5],
    [zmq.ZMQ_RCVHWM, 6],
    [zmq.ZMQ_MULTICAST_HOPS, 2],
    [zmq.ZMQ_RCVTIMEO, 7],
    [zmq.ZMQ_SNDTIMEO, 8],
    [zmq.ZMQ_IPV4ONLY, 0],
    [zmq.ZMQ_ROUTER_MANDATORY, 1],
    [zmq.ZMQ_TCP_KEEPALIVE, 1],
    [zmq.ZMQ_TCP_KEEPALIVE_CNT, 3],
    [zmq.ZMQ_TCP_KEEPALIVE_IDLE, 30],
    [zmq.ZMQ_TCP_KEEPALIVE_INTVL, 4],
    [zmq.ZMQ_TCP_ACCEPT_FILTER, "127.0.0.1"],
    [zmq.ZMQ_DELAY_ATTACH_ON_CONNECT, 1],
    [zmq.ZMQ_IPV6, 1],
    [zmq.ZMQ_PLAIN_SERVER, 1],
    [zmq.ZMQ_PLAIN_USERNAME, "user"],
    [zmq.ZMQ_PLAIN_PASSWORD, "password"],
    [zmq.ZMQ_CURVE_SERVER, 0],
    [zmq.ZMQ_CURVE_SERVERKEY, "7f188e5244b02bf497b86de417515cf4d4053ce4eb977aee91a55354655ec33a"],
    [zmq.ZMQ_ZAP_DOMAIN, "test"],
    [zmq.ZMQ_HEARTBEAT_IVL, 100],
    [zmq.ZMQ_HEARTBEAT_TTL, 200],
    [zmq.ZMQ_HEARTBEAT_TIMEOUT, 300],
    [zmq.ZMQ_CONNECT_TIMEOUT, 400],
    [zmq.ZMQ_ROUTER_HANDOVER, 1],
  ];
  for (const [option, value] of values) {
    if (option === zmq.ZMQ_CURVE_SERVERKEY) {
      setOption(socket, kept, option, Buffer.from(String(value), "hex"));
      assert.match(String(getOption(socket, kept, option)), /^.{40}$/);
    } else {
      setOption(socket, kept, option, typeof value === "string" ? Buffer.from(value) : value);
      assert.equal(getOption(socket, kept, option), value, `option ${option}`);
    }
  }
  assert.equal(socket.routingId, "me");
  assert.equal(socket.sendHighWaterMark, 5);
});

test("identity can be set on every socket type, as libzmq lets it", async () => {
  await using socket = new Publisher();
  const kept: KeptOptions = new Map();
  assert.equal(getOption(socket, kept, zmq.ZMQ_IDENTITY), "");
  setOption(socket, kept, zmq.ZMQ_IDENTITY, "publisher");
  assert.equal(getOption(socket, kept, zmq.ZMQ_IDENTITY), "publisher");
});

test("HWM of version 2 is both high-water marks", async () => {
  await using socket = new Dealer();
  await using pull = new Pull();
  const kept: KeptOptions = new Map();
  setOption(socket, kept, zmq.ZMQ_HWM, 9);
  assert.deepEqual([socket.sendHighWaterMark, socket.receiveHighWaterMark], [9, 9]);
  setOption(pull, kept, zmq.ZMQ_HWM, 8);
  assert.equal(getOption(pull, kept, zmq.ZMQ_HWM), 8);
});

test("what can only be read is read", async () => {
  await using socket = new Subscriber();
  const kept: KeptOptions = new Map();
  assert.equal(getOption(socket, kept, zmq.ZMQ_TYPE), zmq.ZMQ_SUB);
  assert.equal(getOption(socket, kept, zmq.ZMQ_EVENTS), 0);
  assert.equal(getOption(socket, kept, zmq.ZMQ_RCVMORE), 0);
  assert.equal(getOption(socket, kept, zmq.ZMQ_LAST_ENDPOINT), "");
  assert.equal(getOption(socket, kept, zmq.ZMQ_MECHANISM), 0);
  await socket.bind("tcp://127.0.0.1:*");
  assert.match(String(getOption(socket, kept, zmq.ZMQ_LAST_ENDPOINT)), /^tcp:\/\/127\.0\.0\.1:\d+$/);
  assert.throws(() => getOption(socket, kept, zmq.ZMQ_FD), { code: "ENOTSUP" });
});

test("only xpub takes ZMQ_XPUB_VERBOSE, only sub subscribes", async () => {
  await using xpub = new XPublisher();
  await using socket = new Dealer();
  const kept: KeptOptions = new Map();
  setOption(xpub, kept, zmq.ZMQ_XPUB_VERBOSE, 1);
  assert.equal(xpub.verbosity, "allSubs");
  setOption(xpub, kept, zmq.ZMQ_XPUB_VERBOSE, 0);
  assert.equal(xpub.verbosity, null);
  assert.throws(() => setOption(socket, kept, zmq.ZMQ_XPUB_VERBOSE, 1), { code: "EINVAL" });
  assert.throws(() => setOption(socket, kept, zmq.ZMQ_SUBSCRIBE, "a"), { code: "EINVAL" });
});

test("a value of the wrong kind is refused as the addon refused it", async () => {
  await using socket = new Dealer();
  const kept: KeptOptions = new Map();
  assert.throws(() => setOption(socket, kept, zmq.ZMQ_LINGER, "0"), { message: "Value must be an integer" });
  assert.throws(() => setOption(socket, kept, zmq.ZMQ_IPV6, "1"), { message: "Value must be an integer" });
  assert.throws(() => setOption(socket, kept, zmq.ZMQ_IDENTITY, 1), { message: "Value must be a buffer" });
  for (const option of [zmq.ZMQ_SWAP, zmq.ZMQ_MCAST_LOOP, zmq.ZMQ_ROUTER_RAW, 4711]) {
    assert.throws(() => setOption(socket, kept, option, 1), { code: "EINVAL" });
    assert.throws(() => getOption(socket, kept, option), { code: "EINVAL" });
  }
});
