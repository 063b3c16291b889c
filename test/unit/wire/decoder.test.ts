import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder, type FrameLimits } from "../../../src/wire/decoder.ts";
import * as zmtp from "../../peers/octets.ts";

const NO_LIMITS: FrameLimits = {
  frameSizeMax: Number.POSITIVE_INFINITY,
  commandSizeMax: Number.POSITIVE_INFINITY,
};

class Collector {
  readonly decoder: FrameDecoder;
  readonly flags: number[];
  readonly bodies: Uint8Array[];
  stopAfter: number;

  constructor(limits: FrameLimits = NO_LIMITS) {
    this.decoder = new FrameDecoder(this, limits);
    this.flags = [];
    this.bodies = [];
    this.stopAfter = Number.POSITIVE_INFINITY;
  }

  readonly onRunMax = 0;

  onRun(): void {
    assert.fail("no run was asked for");
  }

  onFrame(flags: number, body: Uint8Array): boolean {
    this.flags.push(flags);
    this.bodies.push(body);
    return this.bodies.length < this.stopAfter;
  }

  receive(chunk: Uint8Array, start = 0): void {
    this.decoder.receive(Uint8Array.from(chunk), start);
  }
}

test("frames of one chunk come in order, with their flags", () => {
  const collector = new Collector();
  collector.receive(Buffer.concat([zmtp.message("a", "", "bc"), zmtp.ping(0), zmtp.frame(zmtp.LONG, "d")]));
  assert.deepEqual(collector.flags, [1, 1, 0, 4, 2]);
  assert.deepEqual(
    collector.bodies.map(String),
    ["a", "", "bc", "\x04PING\0\0", "d"].map((text) => String(Uint8Array.from(Buffer.from(text)))),
  );
});

test("decoding starts where it is told to", () => {
  const collector = new Collector();
  collector.receive(Buffer.concat([Buffer.from("rest of a greeting"), zmtp.message("x")]), 18);
  assert.equal(collector.bodies.length, 1);
});

test("reserved bits are refused at the flags octet, before the size has come", () => {
  for (const flags of [0x08, 0x10, 0x20, 0x40, 0x80, 0xf8, 0x0c]) {
    assert.throws(() => new Collector().receive(Uint8Array.of(flags)), { code: "ERR_ZMTP_UNSPECIFIED" });
    const collector = new Collector();
    collector.receive(zmtp.message("a").subarray(0, 1));
    assert.throws(() => collector.receive(Uint8Array.of(1, 0x61, flags)), { code: "ERR_ZMTP_UNSPECIFIED" });
    assert.equal(collector.bodies.length, 1);
  }
});

test("a size over the limit is refused on the header, in the short and the long form", () => {
  const limits = { frameSizeMax: 100, commandSizeMax: 50 };
  for (const flags of [0, zmtp.MORE, zmtp.LONG]) {
    const collector = new Collector(limits);
    collector.receive(zmtp.frame(flags, Buffer.alloc(100)));
    assert.equal(collector.bodies.length, 1);
    const header = zmtp.frame(flags, Buffer.alloc(101)).subarray(0, flags === zmtp.LONG ? 9 : 2);
    assert.throws(() => collector.receive(header), { code: "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE" });
  }
  const command = zmtp.frame(zmtp.COMMAND, Buffer.alloc(51));
  assert.throws(() => new Collector(limits).receive(command.subarray(0, 2)), {
    code: "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
  });
});

test("a size that no array can have is refused without a limit too", () => {
  for (const size of [2n ** 32n, 2n ** 40n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
    for (const cut of [1, 5, 9]) {
      const collector = new Collector();
      const header = zmtp.longHeader(zmtp.LONG, size);
      assert.throws(
        () => {
          collector.receive(header.subarray(0, cut));
          if (cut < 9) collector.receive(header.subarray(cut));
        },
        { code: "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE" },
        `${size}`,
      );
    }
  }
});

test("a declared size reserves no memory", () => {
  const before = process.memoryUsage();
  const collectors = Array.from({ length: 100 }, () => new Collector());
  for (const [index, collector] of collectors.entries()) {
    collector.receive(zmtp.longHeader(zmtp.LONG, index % 2 === 0 ? 2n ** 31n : 2n ** 20n));
    collector.receive(Buffer.alloc(1000));
    assert.ok(collector.decoder.isInFrame);
  }
  const after = process.memoryUsage();
  const grown = after.arrayBuffers - before.arrayBuffers;
  assert.ok(grown < 100 * 16_384, `${grown} octets for 100 frames that hold 1,000 each`);
});

test("a body that comes in pieces is put together", () => {
  const body = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 251));
  for (const step of [1, 999, 65_536]) {
    const collector = new Collector();
    const stream = zmtp.frame(0, body);
    for (let at = 0; at < stream.length; at += step) collector.receive(stream.subarray(at, at + step));
    assert.equal(collector.bodies.length, 1);
    assert.ok(body.equals(collector.bodies[0] as Uint8Array));
    assert.equal((collector.bodies[0] as Uint8Array).buffer.byteLength, body.length);
    assert.ok(!collector.decoder.isInFrame);
  }
});

test("a sink that says stop gets nothing more until resume, then everything", () => {
  const collector = new Collector();
  collector.stopAfter = 2;
  collector.receive(
    Buffer.concat([
      zmtp.message("1"),
      zmtp.message("2"),
      zmtp.message("3"),
      zmtp.message("4").subarray(0, 2),
    ]),
  );
  assert.equal(collector.bodies.length, 2);
  assert.ok(collector.decoder.isStopped);
  collector.stopAfter = Number.POSITIVE_INFINITY;
  collector.decoder.resume();
  assert.equal(collector.bodies.length, 3);
  assert.ok(!collector.decoder.isStopped);
  collector.receive(Buffer.from("4"));
  assert.deepEqual(
    collector.bodies.map((body) => Buffer.from(body).toString()),
    ["1", "2", "3", "4"],
  );
});

test("small bodies among much else do not keep their chunks", () => {
  for (const junkSize of [60_000, 7_500, 300]) {
    const collector = new Collector();
    const junk = zmtp.command("JUNK", Buffer.alloc(junkSize));
    for (let i = 0; i < 200; i++) collector.receive(Buffer.concat([zmtp.message("0123456789"), junk]));
    const messages = collector.bodies.filter((_, i) => collector.flags[i] === 0);
    let pinned = 0;
    for (const memory of new Set(messages.map((body) => body.buffer))) pinned += memory.byteLength;
    assert.ok(pinned <= 32_768, `${messages.length} bodies of 10 octets among ${junkSize} pin ${pinned}`);
  }
});

test("a closed decoder gives nothing more", () => {
  const collector = new Collector();
  collector.receive(zmtp.message("abc").subarray(0, 3));
  collector.decoder.close();
  assert.ok(!collector.decoder.isInFrame);
  assert.ok(collector.decoder.isStopped);
});

test("what is sealed is laid so that its opened part is aligned, however its octets came", () => {
  for (const overhead of [33, 8, 0]) {
    for (const cut of [1, 5000, 20_000]) {
      const collector = new Collector();
      collector.decoder.alignBehind(overhead);
      const bodies = [20_000, 70_000, 3_000].map((size) => Buffer.alloc(overhead + size, size % 251));
      const octets = Uint8Array.from(Buffer.concat(bodies.map((body) => zmtp.frame(zmtp.LONG, body))));
      for (let at = 0; at < octets.length; at += cut) {
        collector.decoder.receive(octets.subarray(at, at + cut), 0, true);
        if (cut > 1) continue;
        // Octet by octet as far as the first body is not allocated whole, and then the rest.
        if (at < 2_000) continue;
        collector.decoder.receive(octets.subarray(at + 1), 0, true);
        break;
      }
      assert.deepEqual(
        collector.bodies.map((body) => Buffer.from(body)),
        bodies,
      );
      for (const body of collector.bodies) assert.equal((body.byteOffset + overhead) % 8, 0);
    }
  }
});
