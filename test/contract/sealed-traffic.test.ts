// Traffic through an engine whose mechanism seals it: flags, limits, stops, sizes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CurveServer } from "../../src/security/curve-server.ts";
import { admitted, connected, prepareCurve, serverKeys } from "../peers/curve-ground.ts";
import { EngineProbe } from "../peers/engine-probe.ts";
import * as zmtp from "../peers/octets.ts";

const CRYPTOGRAPHIC = "ERR_ZMTP_CRYPTOGRAPHIC";

prepareCurve();

test("G11: a recorded session is worth nothing to another connection, and a reflected message nothing to its sender", () => {
  const { probe, peer } = admitted();
  const message = zmtp.frame(0, peer.message(0, "once"));
  probe.receive(message);
  assert.deepEqual(probe.texts, ["once"]);
  const other = admitted();
  other.probe.receive(message);
  assert.equal(other.probe.failureCode, CRYPTOGRAPHIC);
  const { probe: reflected } = connected();
  reflected.engine.send([Buffer.from("mine")]);
  reflected.receive(reflected.takeSent());
  assert.equal(reflected.failureCode, CRYPTOGRAPHIC);
});

test("the flags inside count: messages of several frames and commands, in frames with and without COMMAND", () => {
  for (const outer of [0, zmtp.COMMAND]) {
    const { probe, peer } = admitted();
    probe.receive(
      Buffer.concat([
        zmtp.frame(outer, peer.message(1, "a")),
        zmtp.frame(outer, peer.message(2, "\x04PING\0\0ctx")),
        zmtp.frame(outer, peer.message(0, "b")),
      ]),
    );
    assert.deepEqual(probe.texts, ["a|b"]);
    const [pong] = probe.takeFrames();
    assert.equal(pong?.flags, 0, "libzmq discards sealed frames with COMMAND set");
    assert.equal(Buffer.from(peer.openMessage(pong!.body)!).toString("latin1"), "\x02\x04PONGctx");
  }
});

test("limits hold for what is inside", () => {
  const { probe, peer } = admitted({ maxMessageSize: 100 });
  probe.receive(zmtp.frame(0, peer.message(0, Buffer.alloc(100, "x"))));
  assert.equal(probe.messages.length, 1);
  probe.receive(zmtp.frame(0, peer.message(0, Buffer.alloc(101, "x"))));
  assert.equal(probe.failureCode, "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE");
  const declared = admitted({ maxMessageSize: 100, maxCommandSize: 512 });
  declared.probe.receive(zmtp.longHeader(zmtp.LONG, 546n));
  assert.equal(declared.probe.failureCode, "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE", "before it is there");
});

test("a sink that stops is not passed by, and nothing is opened twice", () => {
  const { probe, peer } = admitted();
  let room = 2;
  probe.takes = () => room-- > 0;
  probe.receive(Buffer.concat(["1", "2", "3", "4"].map((text) => zmtp.frame(0, peer.message(0, text)))));
  assert.deepEqual(probe.texts, ["1", "2"]);
  room = 9;
  probe.engine.resume(0);
  assert.deepEqual(probe.texts, ["1", "2", "3", "4"]);
});

test("runs are off: a run of sealed frames would reach the application sealed", () => {
  const { probe, peer } = admitted();
  probe.onRunMax = 100;
  assert.equal(probe.engine.sendsRuns, false);
  probe.receive(Buffer.concat([zmtp.frame(0, peer.message(0, "1")), zmtp.frame(0, peer.message(0, "2"))]));
  assert.deepEqual(probe.texts, ["1", "2"]);
});

test("messages of every size go out sealed, also those that other connections get", () => {
  const { probe, peer } = connected();
  for (const size of [0, 1, 221, 222, 223, 8_150, 8_193, 73_000, 73_695, 73_696, 73_704, 73_705, 200_000]) {
    const body = Buffer.alloc(size, size % 251);
    probe.engine.send([body], size % 2 === 0);
    const [frame] = probe.takeFrames();
    assert.deepEqual(
      Buffer.from(peer.openMessage(frame!.body)!),
      Buffer.concat([Buffer.of(0), body]),
      `size ${size}`,
    );
  }
});

test("a greeting of another mechanism ends the connection before a key is used", () => {
  for (const mechanism of ["NULL", "PLAIN", "GSSAPI", ""]) {
    const { probe } = {
      probe: new EngineProbe("PULL", {
        mechanism: new CurveServer(
          { socketTypeName: "PULL", routingId: new Uint8Array(0), announcesIdentity: false },
          serverKeys.secretKey,
          () => undefined,
        ),
      }),
    };
    probe.engine.start(0);
    probe.receive(zmtp.greeting({ mechanism }));
    assert.equal(probe.failureCode, "ERR_ZMTP_MECHANISM_MISMATCH");
  }
});
