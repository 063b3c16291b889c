import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { SocketTypeName } from "../../src/base/socket-type.ts";
import { encodeGreeting, GreetingReader } from "../../src/wire/greeting.ts";
import { encodeMetadata, parseMetadata } from "../../src/wire/metadata.ts";
import { EngineProbe } from "../peers/engine-probe.ts";
import * as zmtp from "../peers/octets.ts";

/** What 23/ZMTP and 37/ZMTP say in the same words, for a peer of either version. */
export function zmtpEngineCases(minor: 0 | 1): void {
  describe("Version Negotiation", () => versionNegotiation(minor));
  describe("Authentication and Confidentiality", authentication);
  describe("Error Handling", () => errorHandling(minor));
  describe("Framing", () => framing(minor));
  describe("The NULL Security Mechanism", () => nullMechanism(minor));
  describe("Connection Metadata", () => connectionMetadata(minor));
  describe("Backwards Interoperability and Security Considerations", olderVersions);
  describe("Wire Analysis of the Connection", () => wireAnalysis(minor));
}

/** An engine that got `received` and nothing before it. */
function started(type: SocketTypeName, ...received: Buffer[]): EngineProbe {
  const probe = new EngineProbe(type);
  probe.engine.start(0);
  for (const chunk of received) probe.receive(chunk);
  return probe;
}

function versionNegotiation(minor: number): void {
  test("the entire greeting of 64 octets goes out before anything has come, its padding zero", () => {
    const probe = started("PUSH");
    assert.deepEqual(probe.takeSent(), zmtp.greeting());
  });

  test("a greeting of less than 64 octets is waited for", () => {
    const probe = started("PUSH", zmtp.greeting({ minor }).subarray(0, 63));
    assert.equal(probe.takeSent().length, 64);
    assert.deepEqual(probe.log, []);
    probe.receive(Buffer.of(0));
    assert.ok(probe.takeSent().length > 0);
  });

  test("the padding has no significance and is not validated", () => {
    for (const padding of [0x00, 0x01, 0x55, 0xff]) {
      assert.deepEqual(started("PULL", zmtp.greeting({ minor, padding }), zmtp.ready("PUSH")).log, ["ready"]);
    }
  });

  test("the same or a higher version is accepted, and spoken to in our own protocol", () => {
    const versions = [
      [3, 0],
      [3, 1],
      [3, 2],
      [3, 255],
      [4, 0],
      [255, 255],
    ] as const;
    for (const version of versions.filter(([major, minorVersion]) => major > 3 || minorVersion >= minor)) {
      const greeting = zmtp.greeting({ major: version[0], minor: version[1] });
      const probe = started("PUSH", greeting, zmtp.ready("PULL"));
      assert.deepEqual(probe.log, ["ready"], version.join("."));
      probe.takeSent();
      probe.engine.send([Buffer.from("a")]);
      assert.deepEqual(probe.takeSent(), zmtp.message("a"));
    }
  });

  test("a peer of a lower protocol than we can speak is disconnected", () => {
    for (const major of [0, 1, 2]) {
      const probe = started("PULL", zmtp.greeting({ major }).subarray(0, 11));
      assert.equal(probe.failureCode, "ERR_ZMTP_UNSPECIFIED");
    }
  });

  test("as-server has no significance where the mechanism knows no roles", () => {
    for (const asServer of [0, 1, 0xaa]) {
      assert.deepEqual(started("PULL", zmtp.greeting({ minor, asServer }), zmtp.ready("PUSH")).log, [
        "ready",
      ]);
    }
  });
}

function authentication(): void {
  test("a mechanism name of ours has nothing but what the grammar allows", () => {
    for (const name of ["NULL", "PLAIN", "CURVE", "X-1_Y".toUpperCase()]) encodeGreeting(name, false);
    for (const name of ["null", "NU LL", "NULL\0", "\u00c9", ""])
      assert.throws(() => encodeGreeting(name, false));
  });

  test("a peer that reads a full greeting has been sent a full greeting, even if it is refused", () => {
    const probe = started("PULL", zmtp.greeting({ mechanism: "PLAIN" }));
    assert.deepEqual(probe.log, ["failed"]);
    assert.deepEqual(probe.takeSent(), zmtp.greeting());
  });

  test("a mechanism that does not exactly match ours ends the connection", () => {
    for (const mechanism of ["PLAIN", "CURVE", "null", "NULL\0X", "NULLX", "", "\xff".repeat(20)]) {
      const probe = started("PULL", zmtp.greeting({ mechanism }), zmtp.ready("PUSH"), zmtp.message("a"));
      assert.equal(probe.failureCode, "ERR_ZMTP_MECHANISM_MISMATCH", mechanism);
      assert.deepEqual(probe.log, ["failed"]);
    }
  });
}

function errorHandling(minor: number): void {
  test("an ERROR command during the handshake is fatal", () => {
    const refused = started("PULL", zmtp.greeting({ minor }), zmtp.error("400"), zmtp.ready("PUSH"));
    assert.deepEqual(refused.log, ["failed"]);
    assert.equal(refused.failures[0]?.kind, "auth");
    const text = started("PULL", zmtp.greeting({ minor }), zmtp.error("no"), zmtp.ready("PUSH"));
    assert.deepEqual(text.log, ["failed"]);
  });

  test("an ERROR command after the handshake is fatal too", () => {
    const probe = EngineProbe.ready("PULL", {}, minor);
    probe.receive(Buffer.concat([zmtp.error("500"), zmtp.message("a")]));
    assert.deepEqual(probe.log, ["ready", "failed"]);
  });
}

function framing(minor: number): void {
  test("reserved flag bits are zero on what we send, and refused on what we get", () => {
    for (const bit of [3, 4, 5, 6, 7]) {
      const probe = EngineProbe.ready("PULL", {}, minor);
      probe.receive(zmtp.frame(1 << bit, "a"));
      assert.deepEqual(probe.log, ["ready", "failed"], `bit ${bit}`);
    }
    const sender = new EngineProbe("DEALER", { heartbeatIntervalMs: 100 });
    sender.engine.start(0);
    sender.receive(Buffer.concat([zmtp.greeting({ minor }), zmtp.ready("ROUTER")]));
    sender.takeSent();
    sender.engine.send([Buffer.alloc(0), Buffer.alloc(255), Buffer.alloc(256)]);
    sender.engine.handleDeadline(100, true);
    for (const { flags } of sender.takeFrames()) assert.equal(flags & 0xf8, 0);
  });

  test("MORE is zero on our commands, and refused on theirs", () => {
    const probe = EngineProbe.ready("PULL", {}, minor);
    probe.receive(zmtp.ping(0));
    for (const { flags } of probe.takeFrames()) assert.equal(flags & zmtp.MORE, 0);
    probe.receive(zmtp.frame(zmtp.COMMAND | zmtp.MORE, zmtp.commandBody("PING", "\0\0")));
    assert.deepEqual(probe.log, ["ready", "failed"]);
  });

  test("frames of 0 to 255 octets are short, longer ones long, in both directions", () => {
    for (const size of [0, 1, 255, 256, 70_000]) {
      const probe = EngineProbe.ready("PAIR", {}, minor);
      const body = Buffer.alloc(size, 3);
      probe.receive(zmtp.message(body));
      assert.equal(probe.messages[0]?.[0]?.length, size);
      probe.engine.send([body]);
      assert.equal(probe.takeSent()[0], size <= 255 ? 0 : zmtp.LONG);
    }
  });

  test("a message is delivered with all its frames or not at all", () => {
    const stream = zmtp.message("a", "bb", "ccc");
    for (let cut = 0; cut < stream.length; cut++) {
      const probe = EngineProbe.ready("PULL", {}, minor);
      probe.receive(stream.subarray(0, cut));
      assert.deepEqual(probe.texts, [], `cut at ${cut}`);
      probe.receive(stream.subarray(cut));
      assert.deepEqual(probe.texts, ["a|bb|ccc"]);
    }
  });

  test("a command between the frames of a message leaves the message whole", () => {
    const probe = EngineProbe.ready("PULL", {}, minor);
    probe.receive(Buffer.concat([zmtp.frame(zmtp.MORE, "a"), zmtp.ping(0, "x"), zmtp.frame(0, "b")]));
    assert.deepEqual(probe.texts, ["a|b"]);
    assert.deepEqual(probe.takeSent(), zmtp.pong("x"));
  });
}

function nullMechanism(minor: number): void {
  test("the as-server field of a NULL greeting is zero", () => {
    for (const type of ["PUB", "SUB", "ROUTER"] as const) assert.equal(started(type).takeSent()[32], 0);
  });

  test("READY goes out as soon as the greetings agree, without waiting for the peer's", () => {
    const probe = started("PUSH", zmtp.greeting({ minor }));
    assert.deepEqual(probe.takeSent().subarray(64), zmtp.ready("PUSH"));
    assert.deepEqual(probe.log, []);
  });

  test("a peer's READY is answered with READY, and traffic is open once both have come", () => {
    const probe = started("PUSH", zmtp.greeting({ minor }), zmtp.ready("PULL"));
    assert.deepEqual(probe.takeSent().subarray(64), zmtp.ready("PUSH"));
    assert.deepEqual(probe.log, ["ready"]);
  });

  test("traffic before READY ends the connection and is not delivered", () => {
    for (const early of [zmtp.message("a"), zmtp.ping(0), zmtp.subscribe("a")]) {
      const probe = started("PULL", zmtp.greeting({ minor }), early, zmtp.ready("PUSH"));
      assert.deepEqual(probe.log, ["failed"]);
    }
  });

  test("a property name has 1 to 255 characters", () => {
    const named = (size: number) => zmtp.property("n".repeat(size), "");
    for (const size of [1, 255]) {
      assert.deepEqual(started("PULL", zmtp.greeting({ minor }), zmtp.ready("PUSH", named(size))).log, [
        "ready",
      ]);
      encodeMetadata([["n".repeat(size), new Uint8Array(0)]]);
    }
    assert.deepEqual(started("PULL", zmtp.greeting({ minor }), zmtp.ready("PUSH", named(0))).log, ["failed"]);
    for (const size of [0, 256]) assert.throws(() => encodeMetadata([["n".repeat(size), new Uint8Array(0)]]));
  });

  test("the case of property names is not significant", () => {
    const properties = Buffer.concat([
      zmtp.property("SOCKET-type", "DEALER"),
      zmtp.property("IDENTITY", "me"),
    ]);
    const probe = started("ROUTER", zmtp.greeting({ minor }), zmtp.command("READY", properties));
    assert.deepEqual(probe.log, ["ready"]);
    assert.equal(Buffer.from(probe.peers[0]?.routingId ?? "").toString(), "me");
  });

  test("a property value is 0 to 2^31 - 1 opaque octets behind four octets of size", () => {
    const binary = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const metadata = parseMetadata(
      Buffer.concat([zmtp.property("X-empty", ""), zmtp.property("X-all", binary)]),
    );
    assert.equal(metadata.find("X-empty")?.length, 0);
    assert.ok(binary.equals(metadata.find("X-all") as Uint8Array));
    for (const size of ["80000000", "ffffffff"]) {
      const property = Buffer.concat([Buffer.from("\x01a"), zmtp.fromHex(size)]);
      assert.throws(() => parseMetadata(property), { code: "ERR_ZMTP_INVALID_METADATA" });
    }
  });
}

function connectionMetadata(minor: number): void {
  test("both peers learn the other's metadata as a dictionary", () => {
    const probe = started("PULL", zmtp.greeting({ minor }), zmtp.ready("PUSH", zmtp.property("X-Rack", "7")));
    assert.equal(String(Buffer.from(probe.peers[0]?.properties.find("x-rack") ?? "")), "7");
    assert.equal(probe.peers[0]?.socketTypeName, "PUSH");
  });

  test("names that start with X- are left to the application: we send none of our own", () => {
    for (const type of Object.keys(zmtp.LEGAL_PEER) as SocketTypeName[]) {
      const sent = started(type, zmtp.greeting({ minor })).takeSent().toString("latin1");
      assert.doesNotMatch(sent, /x-/i);
    }
  });

  test("our Socket-Type is that of the socket, in the words of the grammar", () => {
    for (const type of Object.keys(zmtp.LEGAL_PEER) as SocketTypeName[]) {
      const sent = started(type, zmtp.greeting({ minor })).takeSent().subarray(64).toString("latin1");
      assert.ok(sent.includes(zmtp.property("Socket-Type", type).toString("latin1")), type);
    }
  });

  test("a socket type that may not meet ours gets an ERROR and is disconnected", () => {
    for (const [ours, theirs] of [
      ["PULL", "PUB"],
      ["PULL", "PULL"],
      ["REQ", "DEALER"],
      ["PULL", "BOGUS"],
      ["PULL", ""],
    ] as const) {
      const probe = started(ours, zmtp.greeting({ minor }), zmtp.ready(theirs));
      assert.deepEqual(probe.log, ["failed"], `${ours} and ${theirs}`);
      assert.equal(probe.failureCode, "ERR_ZMTP_INVALID_METADATA");
      assert.ok(probe.takeSent().includes("\x05ERROR"));
    }
  });

  test("a ROUTER takes identities of 0 to 255 octets", () => {
    for (const size of [0, 1, 255]) {
      const probe = started(
        "ROUTER",
        zmtp.greeting({ minor }),
        zmtp.ready("REQ", zmtp.identity("i".repeat(size))),
      );
      assert.deepEqual(probe.log, ["ready"]);
      assert.equal(probe.peers[0]?.routingId.length, size);
    }
    const probe = started(
      "ROUTER",
      zmtp.greeting({ minor }),
      zmtp.ready("REQ", zmtp.identity("i".repeat(256))),
    );
    assert.deepEqual(probe.log, ["failed"]);
  });

  test("an identity is ignored by sockets that are no ROUTER", () => {
    const odd = zmtp.identity("\0".repeat(300));
    for (const type of ["PULL", "PUSH", "PUB", "XPUB", "SUB", "DEALER", "PAIR"] as const) {
      const peer = zmtp.LEGAL_PEER[type] as string;
      assert.deepEqual(started(type, zmtp.greeting({ minor }), zmtp.ready(peer, odd)).log, ["ready"], type);
    }
  });

  test("REQ, DEALER and ROUTER announce an identity, other sockets none", () => {
    for (const type of Object.keys(zmtp.LEGAL_PEER) as SocketTypeName[]) {
      const probe = new EngineProbe(type, { routingId: Buffer.from("me") });
      probe.engine.start(0);
      probe.receive(zmtp.greeting({ minor }));
      const announces = probe.takeSent().toString("latin1").includes("\x08Identity\0\0\0\x02me");
      assert.equal(announces, ["REQ", "DEALER", "ROUTER"].includes(type), type);
    }
  });
}

function olderVersions(): void {
  test("a ZMTP 1.0 or 2.0 peer is disconnected at once, whatever our mechanism", () => {
    // The greeting is judged before the mechanism is known: no setting reaches this reader.
    const older = [
      "01 00",
      "ff 0000000000000001 00",
      "ff 0000000000000001 7f 00",
      "ff 0000000000000001 7f 01 08",
      "08",
    ];
    for (const digits of older) {
      const chunk = zmtp.fromHex(digits);
      assert.throws(
        () => new GreetingReader().receive(chunk, 0, chunk.length),
        { code: "ERR_ZMTP_UNSPECIFIED" },
        digits,
      );
    }
  });

  test("a crafted older header or a weaker mechanism gains nothing", () => {
    for (const crafted of [
      "01 00 02 00 41",
      "ff ffffffffffffffda 00 4141",
      "ff 0000000000000001 7f 01 08 0000 00 01 41",
    ]) {
      const probe = started("PULL", zmtp.fromHex(crafted));
      assert.deepEqual(probe.log, ["failed"], crafted);
    }
  });
}

function wireAnalysis(minor: number): void {
  test("message data travel as message frames in clear text", () => {
    const probe = EngineProbe.ready("PUSH", {}, minor);
    probe.engine.send([Buffer.from("clear"), Buffer.from("text")]);
    assert.deepEqual(probe.takeSent(), zmtp.message("clear", "text"));
  });

  test("command names are visible, and commands begin with a printable name", () => {
    const probe = started("ROUTER", zmtp.greeting({ minor }), zmtp.ready("DEALER"), zmtp.ping(0, "c"));
    const sent = probe.takeSent().subarray(64);
    assert.equal(sent.indexOf("\x05READY"), 2);
    assert.deepEqual(sent.subarray(-8), zmtp.pong("c"));
    const named = EngineProbe.ready("ROUTER", {}, minor);
    named.receive(zmtp.command("\x01\x02"));
    assert.deepEqual(named.log, ["ready", "failed"]);
  });
}
