// Properties of the application's own in the handshake, as applications on both sides see them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { curveKeyPair, Dealer, Pair, Pull, Push, Router } from "../../src/index.ts";
import { closing, join, STREAMS, until } from "../peers/sockets.ts";

const [server, client] = [curveKeyPair(), curveKeyPair()];
const MECHANISMS = [
  ["NULL", {}, {}],
  [
    "CURVE",
    { curveServer: true, curveSecretKey: server.secretKey },
    { curveServerKey: server.publicKey, curveSecretKey: client.secretKey },
  ],
] as const;

function shown(properties: ReadonlyMap<string, Uint8Array> | undefined): Record<string, string> {
  return Object.fromEntries(
    [...(properties ?? [])].map(([name, value]) => [name, Buffer.from(value).toString()]),
  );
}

for (const transport of STREAMS) {
  for (const [mechanism, serverOptions, clientOptions] of MECHANISMS) {
    test(`over ${transport} with ${mechanism} each side is told the other's metadata`, async (t) => {
      const metadata = { "X-role": "broker", "X-version": Uint8Array.of(0x31, 0x32) };
      const router = closing(t, new Router({ ...serverOptions, metadata }));
      const dealer = closing(t, new Dealer({ ...clientOptions, metadata: { "X-role": "worker" } }));
      await join(router, dealer, transport);
      assert.deepEqual(shown(dealer.peers[0]?.properties), { "X-role": "broker", "X-version": "12" });
      assert.deepEqual(shown(router.peers[0]?.properties), { "X-role": "worker" });
      assert.deepEqual(router.metadata, { "X-role": "broker", "X-version": "12" });
    });
  }
}

test("metadata count for the next bind or connect, and can be added and removed", async (t) => {
  const pull = closing(t, new Pull());
  await pull.bind("tcp://127.0.0.1:*");
  const push = closing(t, new Push());
  const connectAs = async (
    metadata: Record<string, string> | string | null,
    count: number,
  ): Promise<void> => {
    push.metadata = metadata;
    push.connect(`${pull.lastEndpoint}`.replace("127.0.0.1", `127.0.0.${count}:0;127.0.0.1`));
    await until("one more peer", () => pull.peers.filter((peer) => peer.live).length === count);
  };
  await connectAs({ "X-a": "1" }, 1);
  await connectAs("X-b:2", 2);
  await connectAs(null, 3);
  assert.deepEqual(
    pull.peers.map(({ properties }) => shown(properties)),
    [{ "X-a": "1" }, { "X-a": "1", "X-b": "2" }, {}],
  );
  assert.equal(push.metadata, null);
});

test("the most that is allowed passes a peer with the limits that are the default", async (t) => {
  const metadata = { "X-large": "x".repeat(32_000) };
  for (const [, serverOptions, clientOptions] of MECHANISMS) {
    const pair = closing(t, new Pair({ ...serverOptions, metadata }));
    const other = closing(t, new Pair({ ...clientOptions, metadata }));
    await join(pair, other);
    assert.equal(pair.peers[0]?.properties.get("X-large")?.length, 32_000);
    assert.equal(other.peers[0]?.properties.get("X-large")?.length, 32_000);
  }
});

test("inproc has no handshake and tells nothing; a wrong name is EINVAL", async (t) => {
  const pull = closing(t, new Pull({ metadata: { "X-a": "1" } }));
  const push = closing(t, new Push());
  await join(pull, push, "inproc");
  assert.equal(push.peers[0]?.properties.size, 0);
  assert.throws(() => new Push({ metadata: { role: "worker" } }), {
    code: "EINVAL",
    message: /names that begin with "X-"/,
  });
});
