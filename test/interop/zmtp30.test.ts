import assert from "node:assert/strict";
import { fill, hex, report, reportBytes, toBytes } from "./frames.ts";
import { inBothRoles, withPeers } from "./harness.ts";
import { pairings } from "./pairings.ts";
import type { PeerSocket } from "./peer.ts";
import type { Relay } from "./relay.ts";
import type { Scope } from "./scope.ts";

/** Joins two sockets that must both believe the other one to speak ZMTP 3.0. */
async function joinAs30(scope: Scope, binder: PeerSocket, connector: PeerSocket): Promise<Relay> {
  const relay = scope.relay({ lowerVersion: true });
  await connector.connect(await relay.open(await binder.bind(scope.endpoint("tcp"))));
  return relay;
}

/**
 * libzmq writes a topic of 254 or 255 bytes (255 or 256 with the first octet) to a 3.0 peer in a way that nobody can read,
 * so those sizes are not among those that it must send.
 */
const topicSizes = [0, 1, 244, 245, 246, 253, 256, 257, 1000];

withPeers(
  (it) => {
    for (const { left, right, leftOptions, rightOptions, talk } of pairings) {
      inBothRoles(
        it,
        [left, right],
        "the whole conversation over ZMTP 3.0",
        async (scope, openLeft, openRight) => {
          const leftSocket = await openLeft(left, leftOptions);
          const rightSocket = await openRight(right, rightOptions);
          await joinAs30(scope, leftSocket, rightSocket);
          await talk(leftSocket, rightSocket);
        },
      );
    }

    inBothRoles(
      it,
      ["XPUB", "SUB"],
      "subscriptions are messages, not commands",
      async (scope, openPublisher, openSubscriber) => {
        const xpub = await openPublisher("XPUB");
        const sub = await openSubscriber("SUB");
        const relay = await joinAs30(scope, xpub, sub);
        for (const size of topicSizes) {
          const topic = fill(size, 77);
          const bytes = toBytes(topic);
          await sub.subscribe(topic);
          assert.deepEqual(await xpub.receive(1), [[reportBytes(Buffer.concat([Buffer.of(1), bytes]))]]);
          await xpub.send([[topic, "body"]]);
          assert.deepEqual(await sub.receive(1), [report([topic, "body"])]);
          await sub.unsubscribe(topic);
          assert.deepEqual(await xpub.receive(1), [[reportBytes(Buffer.concat([Buffer.of(0), bytes]))]]);
        }
        assert.equal(relay.recorded.includes("SUBSCRIBE"), false);
        assert.equal(relay.recorded.includes("CANCEL"), false);
      },
    );

    it("our SUB cancels a topic of 255 bytes", async (scope) => {
      const xpub = await scope.their("XPUB");
      const sub = await scope.our("SUB");
      await joinAs30(scope, xpub, sub);
      for (const size of [254, 255]) {
        const topic = fill(size, 3);
        await sub.subscribe(topic);
        assert.deepEqual(await xpub.receive(1), [
          [reportBytes(Buffer.concat([Buffer.of(1), toBytes(topic)]))],
        ]);
        await sub.unsubscribe(topic);
        assert.deepEqual(await xpub.receive(1), [
          [reportBytes(Buffer.concat([Buffer.of(0), toBytes(topic)]))],
        ]);
      }
    });

    inBothRoles(
      it,
      ["XPUB", "XSUB"],
      "both forms of a subscription are understood on any version",
      async (scope, openPublisher, openSubscriber) => {
        const xpub = await openPublisher("XPUB");
        const xsub = await openSubscriber("XSUB");
        await joinAs30(scope, xpub, xsub);
        await xsub.send([["hello"]]);
        assert.deepEqual(await xpub.receive(1), [["'hello'"]]);
        await xsub.send([[hex("0161")], ["user message"], [hex("0061")]]);
        assert.deepEqual(await xpub.receive(3), [["<0161>"], ["'user message'"], ["<0061>"]]);
      },
    );
  },
  { wire: "over inproc there is no protocol" },
);
