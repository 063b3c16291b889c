// The contract of a stream transport (src/core/transport.ts), held by every one of them: streams.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { StreamRig } from "./stream-rig.ts";
import { connect, ListenerRig, PairRig, pause, until } from "./stream-rig.ts";
import { candidates, titleOf } from "./transport-candidates.ts";

for (const candidate of candidates) {
  const { transport, address, raw } = candidate;
  const name = titleOf(candidate);

  describe(`${name} streams`, () => {
    let pair: PairRig;

    beforeEach(async () => {
      pair = await PairRig.make(transport, address());
    });

    afterEach(() => pair.close());

    it("know both ends", () => {
      const { near, far, listener } = pair;
      assert.equal(near.stream.remoteEndpoint, listener.endpoint);
      assert.equal(far.stream.localEndpoint, listener.endpoint);
      assert.equal(far.stream.remoteEndpoint, near.stream.localEndpoint);
      assert.ok(near.stream.localEndpoint.startsWith(`${transport.scheme}://`));
    });

    it("carry octets both ways, in order and whole", async () => {
      const { near, far } = pair;
      far.onChunk = (chunk) => far.stream.write([chunk]);
      const sent = randomBytes(3_000_000);
      for (let offset = 0; offset < sent.length; ) {
        const pieces: Uint8Array[] = [];
        for (let count = 1 + (offset % 5); count > 0 && offset < sent.length; count--) {
          const size = 1 + ((offset * 7919) % 40_000);
          pieces.push(sent.subarray(offset, offset + size));
          offset += size;
        }
        near.stream.write(pieces);
      }
      await near.received(sent.length);
      assert.ok(near.octets.equals(sent));
    });

    it("may read into memory of the receiver: no octet is changed, and no other memory is touched", async () => {
      const { near, far } = pair;
      const guard = Buffer.alloc(100_000, 0xa5);
      let askedCount = 0;
      far.readTarget = () => {
        const size = 1 + ((++askedCount * 7919) % 90_000);
        far.target = askedCount % 3 === 0 ? null : guard.subarray(100, 100 + size);
        return far.target;
      };
      const sent = randomBytes(3_000_000);
      for (let at = 0; at < sent.length; at += 50_000) near.stream.write([sent.subarray(at, at + 50_000)]);
      await far.received(sent.length);
      assert.ok(far.octets.equals(sent));
      for (const edge of [guard.subarray(0, 100), guard.subarray(90_100)]) {
        assert.ok(edge.every((octet) => octet === 0xa5));
      }
    });

    it("read each into the memory of its own receiver", async () => {
      const others = await Promise.all([0, 1, 2].map(() => PairRig.make(transport, address())));
      const pairs = [pair, ...others];
      const sent = pairs.map(() => randomBytes(400_000));
      pairs.forEach(({ far }, index) => {
        let askedCount = index;
        far.readTarget = () => {
          far.target = askedCount++ % 2 === 0 ? Buffer.alloc(30_000) : null;
          return far.target;
        };
      });
      for (let at = 0; at < 400_000; at += 20_000) {
        pairs.forEach(({ near }, index) =>
          near.stream.write([(sent[index] as Buffer).subarray(at, at + 20_000)]),
        );
        await pause(0);
      }
      await Promise.all(pairs.map(({ far }) => far.received(400_000)));
      pairs.forEach(({ far }, index) =>
        assert.ok(far.octets.equals(sent[index] as Buffer), `stream ${index}`),
      );
      for (const other of others) await other.close();
    });

    it("have taken the octets when write() says so: the memory may be used again", async () => {
      const { near, far } = pair;
      const memory = Buffer.alloc(100);
      let expected = "";
      for (let i = 0; i < 200; i++) {
        memory.fill(i);
        expected += memory.toString("latin1");
        assert.equal(
          near.stream.write(i % 2 === 0 ? [memory] : [memory.subarray(0, 40), memory.subarray(40)]),
          true,
        );
        assert.equal(near.stream.waitingSize, 0);
      }
      await far.received(20_000);
      assert.equal(far.text, expected);
      assert.equal(near.drainCount, 0, "nothing waited");
    });

    it("write nothing of nothing", async () => {
      const { near, far } = pair;
      assert.equal(near.stream.write([]), true);
      assert.equal(near.stream.write([new Uint8Array(0)]), true);
      near.write("x");
      await far.received(1);
      assert.equal(far.text, "x");
    });

    it("push back: a full kernel answers false, and tells once when all of it went", async () => {
      const { near, far } = pair;
      far.stream.pauseReading();
      let sent = near.fill();
      assert.ok(near.stream.waitingSize > 0);
      // What is written meanwhile waits behind, however small.
      for (let i = 0; i < 10; i++) {
        assert.equal(near.write("more"), false);
        sent = Buffer.concat([sent, Buffer.from("more")]);
      }
      await pause(20);
      assert.equal(near.drainCount, 0);
      const waitingSize = near.stream.waitingSize;
      assert.ok(waitingSize > 40 && waitingSize <= 65536 + 40, String(waitingSize));
      far.stream.resumeReading();
      await far.received(sent.length);
      await until("the drain", () => near.drainCount > 0);
      assert.equal(near.drainCount, 1);
      assert.equal(near.stream.waitingSize, 0);
      assert.ok(far.octets.equals(sent));
      assert.equal(near.write("after"), true);
    });

    it("drain for every time that they were full", async () => {
      const { near, far } = pair;
      let size = 0;
      for (let round = 1; round <= 5; round++) {
        size += near.fill(100_000).length;
        await until("the drain", () => near.drainCount === round);
        assert.equal(near.stream.waitingSize, 0);
      }
      await far.received(size);
      assert.equal(far.size, size);
    });

    it("give nothing while paused, and all of it in order after", async () => {
      const { near, far } = pair;
      near.write("first ");
      await far.received(6);
      far.stream.pauseReading();
      near.write("second ");
      await pause(20);
      near.write("third");
      await pause(20);
      assert.equal(far.text, "first ");
      far.stream.resumeReading();
      await far.received(18);
      assert.equal(far.text, "first second third");
    });

    it("may be paused and resumed from within onOctets", async () => {
      const { near, far } = pair;
      let isPaused = false;
      far.onChunk = () => {
        assert.equal(isPaused, false, "octets came while paused");
        isPaused = true;
        far.stream.pauseReading();
        setTimeout(() => {
          isPaused = false;
          far.stream.resumeReading();
        }, 1);
      };
      const sent = randomBytes(1_000_000);
      near.stream.write([sent]);
      await far.received(sent.length);
      assert.ok(far.octets.equals(sent));
    });

    it("end after what waits: the peer reads it all, and both know of no error", async () => {
      const { near, far } = pair;
      far.stream.pauseReading();
      const sent = near.fill();
      near.stream.end();
      near.stream.end();
      assert.equal(near.stream.write([Buffer.from("too late")]), false);
      await pause(20);
      assert.equal(near.closedCount, 0, "octets wait yet");
      far.stream.resumeReading();
      await far.closed();
      await near.closed();
      assert.ok(far.octets.equals(sent));
      assert.deepEqual([far.error, near.error], [null, null]);
    });

    it("that end with octets unread do not reset what they wrote", async () => {
      const { near, far } = pair;
      near.stream.pauseReading();
      far.fill();
      far.stream.pauseReading();
      const sent = near.fill();
      near.stream.end();
      await pause(30);
      far.stream.resumeReading();
      await far.closed();
      assert.equal(far.error, null);
      assert.ok(far.octets.equals(sent));
    });

    it("give nothing after end()", async () => {
      const { near, far } = pair;
      near.stream.end();
      far.write("unasked");
      await near.closed();
      await far.closed();
      assert.equal(near.text, "");
    });

    it("end on both sides at once", async () => {
      const { near, far } = pair;
      near.write("a");
      far.write("b");
      near.stream.end();
      far.stream.end();
      await near.closed();
      await far.closed();
      await pause(10);
      assert.deepEqual([near.closedCount, far.closedCount, near.error, far.error], [1, 1, null, null]);
    });

    it("destroyed, drop everything; each end hears of it once, and nothing throws after", async () => {
      const { near, far } = pair;
      const names = [near.stream.remoteEndpoint, far.stream.remoteEndpoint];
      far.stream.pauseReading();
      near.fill();
      near.stream.destroy();
      near.stream.destroy();
      await near.closed();
      far.stream.resumeReading();
      await far.closed();
      for (const { stream } of [near, far]) {
        assert.equal(stream.write([Buffer.from("x")]), false);
        stream.pauseReading();
        stream.resumeReading();
        stream.end();
        stream.destroy();
      }
      await pause(10);
      assert.deepEqual(
        [near.stream.remoteEndpoint, far.stream.remoteEndpoint],
        names,
        "asked once, known for ever",
      );
      assert.deepEqual([near.closedCount, far.closedCount, near.error, near.drainCount], [1, 1, null, 0]);
    });

    it("may be destroyed from within onOctets", async () => {
      const { near, far } = pair;
      far.onChunk = () => far.stream.destroy();
      near.stream.write([randomBytes(500_000)]);
      await far.closed();
      await near.closed();
      assert.equal(far.chunks.length, 1);
      assert.equal(far.error, null);
    });

    it("are over when the peer ends, though octets wait for it", async () => {
      const { near, far } = pair;
      far.stream.pauseReading();
      near.fill();
      far.stream.resumeReading();
      far.stream.destroy();
      await near.closed();
      assert.equal(near.closedCount, 1);
      assert.equal(near.drainCount, 0);
    });
  });

  describe(`${name} accepted streams`, () => {
    it("wait with their octets until start", async () => {
      const rig = await ListenerRig.listen(transport, address());
      rig.startsAtOnce = false;
      const near = await connect(transport, rig.endpoint);
      near.write("early");
      await until("accepting", () => rig.accepted.length === 1);
      await pause(20);
      const far = rig.accepted[0] as StreamRig;
      assert.equal(far.size, 0);
      far.stream.write([Buffer.from("written before start")]);
      far.stream.start(far);
      await far.received(5);
      await near.received(20);
      assert.equal(far.text, "early");
      near.stream.destroy();
      await rig.close();
    });

    it("that nobody wants are destroyed", async () => {
      const rig = await ListenerRig.listen(transport, address());
      rig.startsAtOnce = false;
      rig.onAccepted = (stream) => stream.destroy();
      const near = await connect(transport, rig.endpoint);
      await near.closed();
      await rig.close();
    });

    it("tell of a reset with its code", {
      skip: transport.scheme === "tcp" ? false : "only tcp resets",
    }, async () => {
      const rig = await ListenerRig.listen(transport, address());
      const socket = raw(rig.endpoint);
      socket.on("error", () => undefined);
      await until("accepting", () => rig.accepted.length === 1);
      const far = rig.accepted[0] as StreamRig;
      far.write("hello");
      await new Promise((resolve) => socket.once("data", resolve));
      socket.resetAndDestroy();
      await far.closed();
      assert.equal(far.error?.code, "ECONNRESET");
      assert.ok(far.error.message.includes(far.stream.remoteEndpoint));
      await rig.close();
    });
  });
}
