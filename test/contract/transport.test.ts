// The contract of a stream transport (src/core/transport.ts), held by every one of them: listeners and connectors.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ZmqError } from "../../src/base/errors.ts";
import type { ConnectorRig } from "./stream-rig.ts";
import {
  addressOf,
  connect,
  connectError,
  ListenerRig,
  optionsWith,
  pause,
  startConnecting,
  until,
} from "./stream-rig.ts";
import { candidates, titleOf } from "./transport-candidates.ts";

for (const candidate of candidates) {
  const { transport, address, nobody, raw } = candidate;
  const name = titleOf(candidate);

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
}
