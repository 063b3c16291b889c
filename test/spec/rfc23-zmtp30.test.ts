import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EngineProbe } from "../peers/engine-probe.ts";
import * as zmtp from "../peers/octets.ts";
import { zmtpEngineCases } from "./zmtp-engine-cases.ts";

// 23/ZMTP (3.0): our 3.1 engine against a peer that says 3.0. What it says of sockets is in rfc23-zmtp30-sockets.test.ts.

zmtpEngineCases(0);

describe("The NULL Security Mechanism of 3.0", () => {
  test("both peers send READY before they receive one", () => {
    const probe = new EngineProbe("REQ");
    probe.engine.start(0);
    probe.receive(zmtp.greeting({ minor: 0 }));
    assert.equal(probe.takeSent().subarray(64).indexOf("\x05READY"), 2);
    assert.deepEqual(probe.log, []);
    probe.receive(zmtp.ready("REP"));
    assert.deepEqual(probe.log, ["ready"]);
  });
});

describe("The Publish-Subscribe Pattern of 3.0", () => {
  test("SUB and XSUB subscribe to a 3.0 publisher with messages", () => {
    for (const type of ["SUB", "XSUB"] as const) {
      const probe = EngineProbe.ready(type, {}, 0);
      for (const text of ["\x01A", "\x01", "\x00A"]) probe.engine.send([Buffer.from(text, "latin1")]);
      const expected = Buffer.concat([zmtp.message("\x01A"), zmtp.message("\x01"), zmtp.message("\x00A")]);
      assert.deepEqual(probe.takeSent(), expected);
    }
  });

  test("a topic of 254, 255 and 256 octets is framed rightly", () => {
    for (const size of [254, 255, 256]) {
      const probe = EngineProbe.ready("SUB", {}, 0);
      const body = Buffer.concat([Buffer.of(1), Buffer.alloc(size, 0x61)]);
      probe.engine.send([body]);
      assert.deepEqual(probe.takeSent(), zmtp.message(body));
    }
  });

  test("PUB and XPUB take the subscription messages of a 3.0 subscriber", () => {
    for (const type of ["PUB", "XPUB"] as const) {
      const probe = EngineProbe.ready(type, {}, 0);
      probe.receive(Buffer.concat([zmtp.message("\x01A"), zmtp.message("\x00A")]));
      assert.deepEqual(probe.texts, ["\x01A", "\x00A"]);
    }
  });
});

describe("What 3.0 does not know", () => {
  test("a 3.0 peer gets no PING, and its silence is not held against it", () => {
    const probe = EngineProbe.ready("PULL", { heartbeatIntervalMs: 100, heartbeatTimeoutMs: 50 }, 0);
    assert.equal(probe.engine.nextDeadline(), Number.POSITIVE_INFINITY);
    probe.engine.handleDeadline(10_000, true);
    assert.equal(probe.takeSent().length, 0);
    assert.deepEqual(probe.failures, []);
  });
});
