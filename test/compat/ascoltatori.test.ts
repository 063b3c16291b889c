// ascoltatori 4.3.0, publish and subscribe over many brokers: identity on PUB and SUB, REQ that binds and REP that
// connects, and `_zmq.state`.

import { test } from "node:test";
import { passes } from "./mocha-suites.ts";

test("ascoltatori passes its tests of ZeroMQ", (t) =>
  passes(t, {
    name: "ascoltatori",
    version: "4.3.0",
    needs: ["mocha@5.2.0", "chai@3.5.0", "sinon@1.17.7", "sinon-chai@2.14.0"],
    mochaArgs: ["--opts", "/dev/null", "--require", "test/common.js", "test/zeromq_ascoltatore_spec.js"],
    // Drivers of the other brokers, and a broker that the tests of MQTT need.
    absent: [
      "amqp",
      "amqplib",
      "amqplib/callback_api",
      "eventemitter2",
      "ioredis",
      "kafka-node",
      "kerberos",
      "mongodb",
      "mosca",
      "mqtt",
      "msgpack-lite",
      "qlobber-fsq",
    ],
    // It publishes ten milliseconds after it has connected the subscriber, which is too soon where the process is
    // stopped for longer than that.
    retries: 3,
    expected: 108,
  }));
