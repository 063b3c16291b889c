// 25/ZMTP-CURVE, sentence by sentence; ledger/rfc25.json says which test holds which. The commands themselves are those
// of 26/CURVEZMQ.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  acceptClient,
  bindServer,
  command,
  enter,
  greetServer,
  welcomeClient,
} from "../peers/curve-sockets.ts";
import * as zmtp from "../peers/octets.ts";
import { pause, RawPeer } from "../peers/raw-peer.ts";

test("CURVE: a server says so in its greeting, and nobody relies on what the peer says there", async (t) => {
  const { server } = await bindServer(t);
  for (const asServer of [0, 1]) {
    const peer = await RawPeer.connect(server.lastEndpoint);
    t.after(() => peer.destroy());
    peer.send(zmtp.greeting({ mechanism: "CURVE", asServer }));
    await peer.heard(() => peer.received.length >= 64, "the greeting");
    assert.equal(peer.received.toString("latin1", 12, 18), "CURVE\0");
    assert.equal(peer.received[32], 1);
    assert.equal(await peer.ends(20), false);
  }
  const { peer } = await acceptClient(t);
  await welcomeClient(peer);
  assert.equal(peer.received.toString("latin1", 12, 18), "CURVE\0");
  assert.equal(peer.received[32], 0);
});

test("CURVE: HELLO of the client comes first, and traffic when each has authenticated the other", async (t) => {
  const { server } = await bindServer(t);
  const { peer } = await greetServer(t, server);
  await pause(20);
  assert.equal(peer.received.length, 64);
  const { client, peer: asServer } = await acceptClient(t);
  const { script } = await welcomeClient(asServer);
  asServer.send(command(script.ready(zmtp.property("Socket-Type", "DEALER"))));
  await client.waitForPeers(1, { timeoutMs: 5000 });
  const entered = await enter(t, server);
  entered.peer.send(zmtp.frame(0, entered.script.message(0, "confidential")));
  assert.equal(String(await server.receive()), "confidential");
});

test("CURVE: each command is one frame of ZMTP, its name with its size before it", async (t) => {
  const { server } = await bindServer(t);
  const { peer, ready } = await enter(t, server);
  const [welcome] = peer.frames;
  assert.deepEqual([welcome?.flags, welcome?.body[0]], [zmtp.COMMAND, 7]);
  assert.deepEqual([peer.frames[1]?.flags, ready[0]], [zmtp.COMMAND, 5]);
  const { peer: asServer } = await acceptClient(t);
  const { initiate } = await welcomeClient(asServer);
  assert.equal(initiate[0], 8);
  assert.deepEqual(
    asServer.frames.map(({ flags }) => flags & ~zmtp.LONG),
    [zmtp.COMMAND, zmtp.COMMAND],
  );
});
