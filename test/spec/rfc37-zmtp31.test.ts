import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EngineProbe } from "../peers/engine-probe.ts";
import * as zmtp from "../peers/octets.ts";
import { zmtpEngineCases } from "./zmtp-engine-cases.ts";

// 37/ZMTP (3.1): one connection, octets against octets. What it says of sockets is in rfc37-zmtp31-sockets.test.ts.

zmtpEngineCases(1);

describe("Worked Example", () => {
  test("a DEALER's READY has the octets of the example", () => {
    const probe = new EngineProbe("DEALER");
    probe.engine.start(0);
    probe.receive(zmtp.greeting());
    const example =
      "04 29 05 5245414459 0b 536f636b65742d54797065 00000006 4445414c4552 08 4964656e74697479 00000000";
    assert.deepEqual(probe.takeSent().subarray(64), zmtp.fromHex(example));
  });

  test("its ROUTER without an Identity is accepted", () => {
    const probe = new EngineProbe("DEALER");
    probe.engine.start(0);
    probe.receive(zmtp.greeting());
    probe.receive(zmtp.fromHex("04 1c 05 5245414459 0b 536f636b65742d54797065 00000006 524f55544552"));
    assert.deepEqual(probe.log, ["ready"]);
    assert.equal(probe.peers[0]?.socketTypeName, "ROUTER");
  });
});

describe("The Identity Property", () => {
  test("an identity that starts with a zero octet is refused by a ROUTER", () => {
    for (const value of ["\0", "\0\x01\x02\x03\x04"]) {
      const probe = new EngineProbe("ROUTER");
      probe.engine.start(0);
      probe.receive(
        Buffer.concat([zmtp.greeting(), zmtp.ready("DEALER", zmtp.identity(value)), zmtp.message("a")]),
      );
      assert.deepEqual(probe.log, ["failed"]);
    }
  });
});

describe("The Resource Property", () => {
  test("any resource that a peer asks for is accepted", () => {
    for (const resource of ["system/name-service/test", "", "no/such", "\xff\0"]) {
      const probe = new EngineProbe("ROUTER");
      probe.engine.start(0);
      probe.receive(Buffer.concat([zmtp.greeting(), zmtp.ready("REQ", zmtp.property("Resource", resource))]));
      assert.deepEqual(probe.log, ["ready"]);
    }
  });
});

describe("The Publish-Subscribe Pattern", () => {
  test("SUB and XSUB send SUBSCRIBE and CANCEL commands", () => {
    for (const type of ["SUB", "XSUB"] as const) {
      const probe = EngineProbe.ready(type);
      for (const text of ["\x01A", "\x01", "\x00A"]) probe.engine.send([Buffer.from(text, "latin1")]);
      const expected = Buffer.concat([zmtp.subscribe("A"), zmtp.subscribe(""), zmtp.cancel("A")]);
      assert.deepEqual(probe.takeSent(), expected);
    }
  });

  test("messages of an XSUB that are no subscriptions travel as messages", () => {
    const probe = EngineProbe.ready("XSUB");
    for (const frames of [["hello"], ["\x02"], [""], ["\x01a", "b"]])
      probe.engine.send(frames.map((text) => Buffer.from(text)));
    const expected = [
      zmtp.message("hello"),
      zmtp.message("\x02"),
      zmtp.message(""),
      zmtp.message("\x01a", "b"),
    ];
    assert.deepEqual(probe.takeSent(), Buffer.concat(expected));
  });

  test("a topic of any octets and length is carried by a command", () => {
    for (const topic of [Buffer.alloc(245, 0xff), Buffer.alloc(246), Buffer.alloc(100_000, 1)]) {
      const probe = EngineProbe.ready("SUB");
      probe.engine.send([Buffer.concat([Buffer.of(1), topic])]);
      assert.deepEqual(probe.takeSent(), zmtp.subscribe(topic));
      const publisher = EngineProbe.ready("XPUB");
      publisher.receive(zmtp.subscribe(topic));
      assert.ok(Buffer.concat([Buffer.of(1), topic]).equals(publisher.messages[0]?.[0] as Uint8Array));
    }
  });

  test("PUB and XPUB take SUBSCRIBE and CANCEL commands, and the messages of 3.0 as well", () => {
    for (const type of ["PUB", "XPUB"] as const) {
      const probe = EngineProbe.ready(type);
      probe.receive(
        Buffer.concat([zmtp.subscribe("A"), zmtp.cancel("B"), zmtp.message("\x01C"), zmtp.message("\x00D")]),
      );
      assert.deepEqual(probe.texts, ["\x01A", "\x00B", "\x01C", "\x00D"]);
    }
  });

  test("sockets that do not publish ignore subscriptions", () => {
    for (const type of ["PULL", "DEALER", "REP", "PAIR", "SUB"] as const) {
      const probe = EngineProbe.ready(type);
      probe.receive(Buffer.concat([zmtp.subscribe("A"), zmtp.cancel("A"), zmtp.message("m")]));
      assert.deepEqual(probe.texts, ["m"], type);
    }
  });
});

describe("Connection Heartbeating", () => {
  test("a PING is answered by a PONG that echoes its context", () => {
    for (const context of ["", "a", "\0\xff", "0123456789abcdef"]) {
      const probe = EngineProbe.ready("PULL");
      probe.receive(zmtp.ping(10, context));
      assert.deepEqual(probe.takeSent(), zmtp.pong(context));
    }
  });

  test("a PONG never carries more than 16 octets of context", () => {
    const probe = EngineProbe.ready("PULL");
    probe.receive(zmtp.ping(0, "0123456789abcdefX"));
    assert.deepEqual(probe.takeSent(), zmtp.pong("0123456789abcdef"));
    assert.deepEqual(probe.log, ["ready"]);
  });

  test("a PING that is cut within its ttl is no PING", () => {
    for (const data of ["", "\0"]) {
      const probe = EngineProbe.ready("PULL");
      probe.receive(zmtp.command("PING", data));
      assert.deepEqual(probe.log, ["ready", "failed"]);
      assert.equal(probe.takeSent().length, 0);
    }
  });

  test("PINGs start with traffic and carry the ttl in tenths of a second", () => {
    const probe = new EngineProbe("PUSH", { heartbeatIntervalMs: 1_000, heartbeatTtlMs: 2_500 });
    probe.engine.start(0);
    assert.equal(probe.engine.nextDeadline(), 30_000);
    probe.receive(Buffer.concat([zmtp.greeting(), zmtp.ready("PULL")]), 100);
    probe.takeSent();
    assert.equal(probe.engine.nextDeadline(), 1_100);
    probe.engine.handleDeadline(1_100, true);
    assert.deepEqual(probe.takeSent(), zmtp.ping(25));
  });

  test("any traffic is a sign of life, part of a frame too; silence after a PING is not", () => {
    for (const life of [zmtp.pong(), zmtp.message("m"), zmtp.message("half").subarray(0, 3)]) {
      const probe = EngineProbe.ready("PULL", { heartbeatIntervalMs: 1_000, heartbeatTimeoutMs: 500 });
      probe.engine.handleDeadline(1_000, true);
      probe.receive(life, 1_400);
      probe.engine.handleDeadline(1_500, true);
      assert.deepEqual(probe.failures, []);
    }
    const silent = EngineProbe.ready("PULL", { heartbeatIntervalMs: 1_000, heartbeatTimeoutMs: 500 });
    silent.engine.handleDeadline(1_000, true);
    silent.engine.handleDeadline(1_499, true);
    assert.equal(silent.failures.length, 0);
    silent.engine.handleDeadline(1_500, true);
    assert.equal(silent.failures[0]?.kind, "timeout");
  });

  test("a peer's ttl ends the connection after that silence; 0 asks for nothing; it does not wrap", () => {
    const closesAt = (tenths: number) => {
      const probe = EngineProbe.ready("PULL");
      probe.receive(zmtp.ping(tenths), 1_000);
      return probe.engine.nextDeadline() - 1_000;
    };
    assert.equal(closesAt(0), Number.POSITIVE_INFINITY);
    assert.equal(closesAt(5), 500);
    assert.equal(closesAt(0x0290), 65_600);
    assert.equal(closesAt(0xffff), 6_553_500);
    const probe = EngineProbe.ready("PULL");
    probe.receive(zmtp.ping(5), 1_000);
    probe.receive(zmtp.message("life"), 1_400);
    probe.engine.handleDeadline(1_500, true);
    assert.equal(probe.failures.length, 0);
    probe.engine.handleDeadline(1_900, true);
    assert.equal(probe.failures[0]?.kind, "timeout");
  });
});

describe("Formal Grammar", () => {
  test("a command without a whole name of letters is malformed", () => {
    for (const digits of ["04 00", "04 01 00", "04 02 ff 41", "04 03 02 4131"]) {
      const probe = EngineProbe.ready("PULL");
      probe.receive(zmtp.fromHex(digits));
      assert.equal(probe.failureCode, "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED", digits);
    }
  });

  test("an unknown command is no error", () => {
    const probe = EngineProbe.ready("PULL");
    for (const name of ["JUNK", "ping", "x".repeat(255), "JOIN", "LEAVE"])
      probe.receive(zmtp.command(name, "data"));
    probe.receive(zmtp.message("m"));
    assert.deepEqual(probe.texts, ["m"]);
  });
});
