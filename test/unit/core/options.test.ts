import assert from "node:assert/strict";
import { test } from "node:test";
import { SocketType } from "../../../src/base/socket-type.ts";
import { createContextOptions } from "../../../src/core/context-options.ts";
import type { SocketOptionName, SocketOptionValues } from "../../../src/core/options.ts";
import {
  assignSocketOptions,
  createSocketOptions,
  getSocketOption,
  installOptionAccessors,
  isImmediate,
  orphanCap,
  setSocketOption,
  snapshotOptions,
} from "../../../src/core/options.ts";

const { Dealer, Publisher, Pull, Push, Router, Subscriber, XSubscriber } = SocketType;

test("a new socket has the defaults of its type and of its context", () => {
  const context = createContextOptions();
  assert.equal(createSocketOptions(Push, context).linger, -1);
  assert.equal(createSocketOptions(Subscriber, context).linger, 0);
  assert.equal(createSocketOptions(XSubscriber, context).linger, 0);
  assert.equal(createSocketOptions(Push, { ...context, blocky: false }).linger, 0);
  assert.equal(createSocketOptions(Push, context).ipv6, false);
  assert.equal(createSocketOptions(Push, { ...context, ipv6: true }).ipv6, true);
  assert.equal(createSocketOptions(Push, context).sendHighWaterMark, 1000);
});

test("setting checks, normalises and changes one option", () => {
  const values = createSocketOptions(Dealer, createContextOptions());
  const before = snapshotOptions(values);
  setSocketOption(values, Dealer, "routingId", "åb");
  assert.deepEqual(values.routingId, new TextEncoder().encode("åb"));
  assert.equal(getSocketOption(values, Dealer, "routingId"), "åb");
  // libzmq behaviour B77.
  setSocketOption(values, Dealer, "heartbeatTimeToLive", 6553599);
  assert.equal(values.heartbeatTimeToLive, 6553500);
  assert.throws(() => setSocketOption(values, Dealer, "heartbeatTimeToLive", 6553600), { code: "EINVAL" });
  assert.equal(values.heartbeatTimeToLive, 6553500);
  setSocketOption(values, Dealer, "heartbeatTimeToLive", 99);
  assert.equal(values.heartbeatTimeToLive, 0);
  assert.deepEqual({ ...values, routingId: before.routingId }, before);
});

// Hostile input E11.
test("no timer takes what a timer cannot hold", () => {
  const values = createSocketOptions(Dealer, createContextOptions());
  const timers = [
    [
      "linger",
      "sendTimeout",
      "receiveTimeout",
      "reconnectInterval",
      "reconnectMaxInterval",
      "connectTimeout",
    ],
    ["handshakeInterval", "heartbeatInterval", "heartbeatTimeToLive", "heartbeatTimeout", "busyPoll"],
  ].flat();
  for (const name of timers) {
    for (const wrong of [2 ** 31, 2 ** 32, 2 ** 53, Number.NaN, -2, 0.5, Number.POSITIVE_INFINITY]) {
      assert.throws(() => setSocketOption(values, Dealer, name, wrong), {
        code: "EINVAL",
        message: new RegExp(`^${name} cannot be ${wrong}\\. It takes -?[01] to \\d+ ms`),
      });
    }
  }
});

test("a name that the type does not have is EINVAL, with the name that was meant", () => {
  const values = createSocketOptions(Push, createContextOptions());
  const set = (name: string) => () => setSocketOption(values, Push, name, 1);
  assert.throws(set("receiveHighWaterMark"), {
    code: "EINVAL",
    message: /^A Push socket has no option "receiveHighWaterMark"/,
  });
  assert.throws(set("sndhwm"), { code: "EINVAL", message: /Use sendHighWaterMark\./ });
  assert.throws(set("ZMQ_LINGER"), { code: "EINVAL", message: /Use linger\./ });
  assert.throws(set("sendhighwatermark"), { code: "EINVAL", message: /Use sendHighWaterMark\./ });
  assert.throws(set("someTypo"), { code: "EINVAL", message: /docs\/guide\/options\.md/ });
  for (const name of ["__proto__", "constructor", "toString", ""])
    assert.throws(set(name), { code: "EINVAL" });
  assert.throws(set("securityMechanism"), { code: "EINVAL", message: /can only be read/ });
  assert.throws(() => getSocketOption(values, Push, "mandatory"), { code: "EINVAL" });
});

test("libzmq's options that are none here are ENOTSUP, with what there is instead", () => {
  const values = createSocketOptions(SocketType.Pair, createContextOptions());
  for (const [name, words] of [
    ["ZMQ_FD", /^ZMQ_FD is no option here: no file descriptor .*\. There is instead: receive\(\)/],
    ["ipcFilterUid", /^ZMQ_IPC_FILTER_UID is no option here: .* There is instead: Let only/],
    ["in_batch_size", /There is nothing instead\.$/],
  ] as const) {
    assert.throws(() => setSocketOption(values, SocketType.Pair, name, 1), {
      code: "ENOTSUP",
      message: words,
    });
  }
});

test("a constructor's object is taken whole, but for the context and what is undefined", () => {
  const values = createSocketOptions(Router, createContextOptions());
  assignSocketOptions(values, Router, { linger: 0, mandatory: true, sendTimeout: undefined, context: {} });
  assert.equal(values.linger, 0);
  assert.equal(values.mandatory, true);
  assert.equal(values.sendTimeout, -1);
  assert.throws(() => assignSocketOptions(values, Router, { doesNotExist: undefined, nor: 1 }), {
    code: "EINVAL",
  });
});

test("a snapshot keeps what was", () => {
  const values = createSocketOptions(Pull, createContextOptions());
  setSocketOption(values, Pull, "tcpAcceptFilter", "127.0.0.1");
  const snapshot = snapshotOptions(values);
  setSocketOption(values, Pull, "receiveHighWaterMark", 5);
  setSocketOption(values, Pull, "tcpAcceptFilter", "::1");
  assert.equal(snapshot.receiveHighWaterMark, 1000);
  assert.equal(snapshot.tcpAcceptFilter.length, 1);
  assert.equal(values.tcpAcceptFilter.length, 2);
});

test("options that apply at once are those of zeromq v6 and more", () => {
  const immediate: SocketOptionName[] = [
    "linger",
    "mandatory",
    "probeRouter",
    "verbosity",
    "correlate",
    "relaxed",
    "handover",
    "sendHighWaterMark",
    "receiveHighWaterMark",
    "sendTimeout",
    "receiveTimeout",
  ];
  for (const name of immediate) assert.ok(isImmediate(name), name);
  for (const name of ["routingId", "immediate", "conflate", "maxMessageSize", "heartbeatInterval"] as const) {
    assert.ok(!isImmediate(name), name);
  }
});

test("the cap on orphans is ten times receiveHighWaterMark until it is set", () => {
  const values = createSocketOptions(Pull, createContextOptions());
  assert.equal(orphanCap(values), 10_000);
  setSocketOption(values, Pull, "receiveHighWaterMark", 0);
  assert.equal(orphanCap(values), Number.POSITIVE_INFINITY);
  setSocketOption(values, Pull, "maxOrphans", 7);
  assert.equal(orphanCap(values), 7);
  setSocketOption(values, Pull, "maxOrphans", 0);
  assert.equal(orphanCap(values), 0);
});

class Example {
  readonly values: SocketOptionValues;
  readonly changes: string[];

  constructor() {
    this.values = createSocketOptions(Publisher, createContextOptions());
    this.changes = [];
    Object.preventExtensions(this);
  }
}

/** What the accessors add. */
interface Shown {
  sendHighWaterMark: number;
  linger: number;
  sendBufferSize: number;
  gssapiServer: boolean;
  someTypo: number;
  receiveTimeout: number;
}

function example(): Example & Shown {
  return new Example() as Example & Shown;
}

installOptionAccessors(Example.prototype, Publisher, {
  values: (socket) => socket.values,
  changed: (socket, name) => socket.changes.push(name),
});

test("accessors set, show and tell of a change after it", () => {
  const one = example();
  const other = example();
  one.sendHighWaterMark = 5;
  assert.equal(one.sendHighWaterMark, 5);
  assert.equal(other.sendHighWaterMark, 1000);
  assert.throws(() => (one.linger = -5), { code: "EINVAL" });
  assert.throws(() => (one.sendBufferSize = 65536), { code: "ENOTSUP" });
  assert.throws(() => (one.gssapiServer = true), { code: "ENOTSUP" });
  one.gssapiServer = false;
  assert.deepEqual(one.changes, ["sendHighWaterMark", "gssapiServer"]);
});

test("a typo cannot be set", () => {
  const socket = example();
  assert.throws(() => (socket.someTypo = 1), TypeError);
  assert.throws(() => (socket.receiveTimeout = 1), TypeError);
  assert.deepEqual(socket.changes, []);
});
