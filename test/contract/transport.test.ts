// The contract of a stream transport (src/core/transport.ts), held by every one of them.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { connect as connectSocket } from "node:net";
import { afterEach, beforeEach, describe, it } from "node:test";
import { ZmqError } from "../../src/base/errors.ts";
import type { StreamTransport } from "../../src/core/transport.ts";
import { hasIpc, IpcTransport } from "../../src/transports/ipc.ts";
import { TcpTransport } from "../../src/transports/tcp.ts";
import type { ConnectorRig } from "./stream-rig.ts";
import {
  addressOf,
  connect,
  connectError,
  freePath,
  ListenerRig,
  optionsWith,
  PairRig,
  pause,
  type StreamRig,
  startConnecting,
  until,
} from "./stream-rig.ts";

interface Candidate {
  readonly transport: StreamTransport;
  /** An address to bind to. */
  readonly address: () => string;
  /** An address where nobody listens. */
  readonly nobody: string;
  /** A socket of Node itself that talks to a listener. */
  readonly raw: (endpoint: string) => ReturnType<typeof connectSocket>;
}

const candidates: Candidate[] = [
  {
    transport: new TcpTransport(),
    address: () => "127.0.0.1:*",
    nobody: "127.0.0.1:1",
    raw: (endpoint) => connectSocket(Number(endpoint.split(":").at(-1)), "127.0.0.1"),
  },
];
if (hasIpc) {
  const raw = (endpoint: string) => connectSocket(addressOf(endpoint).replace(/^@/, "\0"));
  candidates.push({ transport: new IpcTransport(), address: freePath, nobody: freePath(), raw });
  if (process.platform === "linux") {
    const address = () => `@${freePath()}`;
    candidates.push({ transport: new IpcTransport(), address, nobody: `@${freePath()}`, raw });
  }
}

for (const { transport, address, nobody, raw } of candidates) {
  const name = `${transport.scheme}://${address().startsWith("@") ? "@" : ""}`;

  describe(`${name} listeners`, () => {
    it("tell the real endpoint once, after listen() returned", async () => {
      const rig = await ListenerRig.listen(transport, address());
      assert.deepEqual(rig.told, [`listening ${rig.endpoint}`]);
      assert.ok(
        rig.endpoint.startsWith(`${transport.scheme}://`) && !rig.endpoint.includes("*"),
        rig.endpoint,
      );
      await rig.close();
      await pause(5);
      assert.deepEqual(rig.told, [`listening ${rig.endpoint}`, "closed"]);
    });

    it("listen at once with listenSync, and say nothing of it", async () => {
      const rig = new ListenerRig();
      rig.listener = transport.listenSync(address(), optionsWith(), rig);
      assert.ok(!rig.endpoint.includes("*"), rig.endpoint);
      const near = await connect(transport, rig.endpoint);
      await until("accepting", () => rig.accepted.length === 1);
      assert.deepEqual(rig.told, []);
      near.stream.destroy();
      await rig.close();
      assert.deepEqual(rig.told, ["closed"]);
    });

    it("find a taken address: EADDRINUSE, and the holder goes on", async () => {
      const holder = await ListenerRig.listen(transport, address());
      const second = await ListenerRig.listen(transport, addressOf(holder.endpoint));
      assert.deepEqual(second.told, ["failed EADDRINUSE"]);
      assert.equal(second.listenError?.address, holder.endpoint);
      assert.throws(
        () => transport.listenSync(addressOf(holder.endpoint), optionsWith(), new ListenerRig()),
        (error) =>
          error instanceof ZmqError && error.code === "EADDRINUSE" && error.message.includes(holder.endpoint),
      );
      const near = await connect(transport, holder.endpoint);
      await until("accepting", () => holder.accepted.some(({ closedCount }) => closedCount === 0));
      near.stream.destroy();
      await holder.close();
      assert.deepEqual(holder.acceptErrors, []);
      assert.deepEqual(second.told, ["failed EADDRINUSE"]);
    });

    it("free the address as soon as close() returned; accepted streams stay", async () => {
      const first = await ListenerRig.listen(transport, address());
      const near = await connect(transport, first.endpoint);
      await until("accepting", () => first.accepted.length === 1);
      first.listener.close();
      first.listener.close();
      const second = new ListenerRig();
      second.listener = transport.listenSync(addressOf(first.endpoint), optionsWith(), second);
      assert.equal(second.endpoint, first.endpoint);
      near.write("still here");
      await first.accepted[0]?.received(10);
      assert.equal(first.accepted[0]?.text, "still here");
      assert.deepEqual(first.told, [`listening ${first.endpoint}`, "closed"]);
      near.stream.destroy();
      await second.close();
    });

    it("that are closed while they open say that they failed, once", async () => {
      const rig = new ListenerRig();
      rig.listener = transport.listen(address(), optionsWith(), rig);
      const { endpoint } = rig;
      rig.listener.close();
      await until("an answer", () => rig.told.length > 0);
      await pause(20);
      assert.deepEqual(rig.told, ["failed EBADF"]);
      if (endpoint.includes("*")) return;
      const next = await ListenerRig.listen(transport, addressOf(endpoint));
      assert.deepEqual(next.told, [`listening ${endpoint}`]);
      await next.close();
    });

    it("accept many streams, each with its own octets", async () => {
      const rig = await ListenerRig.listen(transport, address(), optionsWith({ backlog: 250 }));
      const nears = await Promise.all(Array.from({ length: 200 }, () => connect(transport, rig.endpoint)));
      await until("accepting all", () => rig.accepted.length === 200);
      for (const far of rig.accepted) far.onChunk = (chunk) => far.stream.write([chunk]);
      nears.forEach((near, index) => assert.ok(near.write(`peer ${String(index).padStart(4)}`)));
      await until("all echoes", () => nears.every((near) => near.size >= 9));
      nears.forEach((near, index) => assert.equal(near.text, `peer ${String(index).padStart(4)}`));
      for (const near of nears) near.stream.destroy();
      await until("all ends", () => rig.accepted.every(({ closedCount }) => closedCount === 1));
      await rig.close();
    });

    it("survive peers that come and go, before and after the first octet", async () => {
      const rig = await ListenerRig.listen(transport, address());
      rig.startsAtOnce = false;
      for (let i = 0; i < 150; i++) {
        const socket = raw(rig.endpoint);
        socket.on("error", () => undefined);
        await new Promise((resolve) => socket.once("connect", resolve));
        if (i % 3 === 1) socket.write("octets");
        if (transport.scheme === "tcp") socket.resetAndDestroy();
        else socket.destroy();
      }
      await until("accepting all", () => rig.accepted.length === 150);
      // Half of the streams are started when they are long dead.
      for (const far of rig.accepted.slice(75)) far.stream.start(far);
      await until("their ends", () => rig.accepted.slice(75).every(({ closedCount }) => closedCount === 1));
      rig.startsAtOnce = true;
      const near = await connect(transport, rig.endpoint);
      near.write("good peer");
      await until("accepting it", () => rig.accepted.length === 151);
      await rig.accepted[150]?.received(9);
      near.stream.destroy();
      await rig.close();
    });
  });

  describe(`${name} connectors`, () => {
    it("fail where nobody listens, later than connect() returns", async () => {
      const error = await connectError(transport, nobody);
      assert.ok(error instanceof ZmqError);
      assert.match(error.code, /^(ECONNREFUSED|ENOENT)$/);
      assert.equal(error.address, `${transport.scheme}://${nobody}`);
      assert.ok(error.message.includes(nobody), error.message);
    });

    it("say nothing any more once cancelled", async () => {
      const listener = await ListenerRig.listen(transport, address());
      const rigs: ConnectorRig[] = [];
      for (const where of [nobody, addressOf(listener.endpoint)]) {
        rigs.push(startConnecting(transport, where));
        rigs.push(startConnecting(transport, where));
      }
      rigs[0]?.connector.cancel();
      rigs[2]?.connector.cancel();
      rigs[2]?.connector.cancel();
      await until("the others", () => rigs[1]?.error !== null && rigs[3]?.stream !== null);
      await pause(20);
      assert.equal(rigs[0]?.error, null);
      assert.equal(rigs[2]?.stream, null);
      rigs[3]?.stream?.destroy();
      await listener.close();
    });

    it("try once: the peer that comes later needs another attempt", async () => {
      const where = transport.scheme === "tcp" ? "127.0.0.1:*" : address();
      const first = await ListenerRig.listen(transport, where);
      const { endpoint } = first;
      await first.close();
      await connectError(transport, addressOf(endpoint));
      const second = await ListenerRig.listen(transport, addressOf(endpoint));
      const near = await connect(transport, endpoint);
      near.stream.destroy();
      await second.close();
    });
  });

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
