import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { createServer, Socket } from "node:net";
import { describe, it } from "node:test";
import { installPlatform } from "../../../src/base/platform.ts";
import { END_GRACE_MS, NetStream, streamOptions } from "../../../src/transports/net-stream.ts";
import { optionsWith, pause, StreamRig, until } from "../../contract/stream-rig.ts";

const names = { local: () => "test://local", remote: () => "test://remote" };

/** A stream to a peer that is a bare socket of Node, which never ends by itself. */
async function withPeer(
  run: (near: StreamRig, peer: Socket, socket: Socket) => Promise<void>,
): Promise<void> {
  const server = createServer({ allowHalfOpen: true });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const socket = new Socket(streamOptions(optionsWith()));
  const keep = setInterval(() => undefined, 1000);
  await new Promise<void>((resolve) =>
    socket.connect((server.address() as AddressInfo).port, "127.0.0.1", resolve),
  );
  const near = new StreamRig(new NetStream(socket, names, true));
  near.stream.start(near);
  const peer = await accepted;
  peer.on("error", () => undefined);
  try {
    await run(near, peer, socket);
  } finally {
    clearInterval(keep);
    near.stream.destroy();
    peer.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe("a stream over node:net", () => {
  it("gives another reader what the first one put back, and then what comes", async () => {
    await withPeer(async (near, peer) => {
      peer.write("for you: ");
      await near.received(9);
      const stream = near.stream as NetStream;
      stream.unread(Buffer.from("yours, "));
      const next = new StreamRig(stream);
      stream.start(next);
      assert.equal(next.size, 0, "not before this returned");
      peer.write("too");
      await next.received(10);
      assert.equal(next.text, "yours, too");
      assert.equal(near.text, "for you: ");
      const third = new StreamRig(stream);
      stream.unread(Buffer.from("nobody's"));
      stream.start(third);
      stream.destroy();
      await third.closed();
      assert.equal(third.size, 0, "not after it was destroyed");
    });
  });

  it("is over for its owner once the kernel has all, though the peer does not end; later it is cut", async () => {
    const timers: { callback: () => void; delayMs: number }[] = [];
    const before = installPlatform({
      setTimer: (callback, delayMs) => {
        timers.push({ callback, delayMs });
        return timers.length;
      },
    });
    try {
      await withPeer(async (near, peer, socket) => {
        near.write("last words");
        near.stream.end();
        await near.closed();
        assert.equal(near.error, null);
        assert.equal(socket.destroyed, false, "the peer may have to read yet");
        peer.write("unread ".repeat(50_000));
        await pause(30);
        assert.equal(near.size, 0);
        assert.equal(socket.destroyed, false);
        assert.deepEqual(
          timers.map(({ delayMs }) => delayMs),
          [END_GRACE_MS],
        );
        timers[0]?.callback();
        assert.equal(socket.destroyed, true);
        await pause(10);
        assert.equal(near.closedCount, 1);
      });
    } finally {
      installPlatform(before);
    }
  });

  it("is gone as soon as both have ended", async () => {
    await withPeer(async (near, peer, socket) => {
      near.stream.end();
      await near.closed();
      peer.end();
      peer.resume();
      await until("the end of the socket", () => socket.destroyed);
    });
  });

  it("that ends while it is not read sees the peer's end all the same", async () => {
    await withPeer(async (near, peer, socket) => {
      near.stream.pauseReading();
      peer.write("unread ".repeat(100_000));
      await pause(20);
      near.stream.end();
      near.stream.pauseReading();
      peer.end();
      peer.resume();
      await near.closed();
      await until("the end of the socket", () => socket.destroyed);
      assert.equal(near.size, 0);
    });
  });

  it("is over at once when the peer ends first", async () => {
    await withPeer(async (near, peer, socket) => {
      peer.end("bye");
      await near.closed();
      assert.deepEqual([near.text, near.error, socket.destroyed], ["bye", null, true]);
    });
  });

  it("tells a write that failed at once as not taken, and then the reason", async () => {
    await withPeer(async (near, peer) => {
      peer.resetAndDestroy();
      assert.equal(near.write("x"), false, "the kernel knows already");
      assert.equal(near.stream.waitingSize, 0);
      await near.closed();
      assert.match(near.error?.code ?? "", /^(ECONNRESET|EPIPE)$/);
      assert.match(near.error?.message ?? "", /^The connection with test:\/\/remote ended: /);
      assert.equal(near.write("x"), false);
    });
  });

  it("is given up with the process", async () => {
    await withPeer(async (near, _peer, socket) => {
      (near.stream as NetStream).abandon();
      await near.closed();
      assert.equal(socket.destroyed, true);
    });
  });

  it("asks for its names once", async () => {
    await withPeer(async (near) => {
      assert.equal(near.stream.localEndpoint, "test://local");
      assert.equal(near.stream.remoteEndpoint, "test://remote");
    });
  });
});

describe("socket options", () => {
  it("never wait to fill a packet, and keep a connection alive as asked", () => {
    const { noDelay, keepAlive, keepAliveInitialDelay } = streamOptions(optionsWith());
    assert.deepEqual([noDelay, keepAlive, keepAliveInitialDelay], [true, false, 7_200_000]);
    const idle = streamOptions(optionsWith({ tcpKeepalive: 1, tcpKeepaliveIdle: 30 }));
    assert.deepEqual([idle.keepAlive, idle.keepAliveInitialDelay], [true, 30_000]);
    assert.equal(streamOptions(optionsWith({ tcpKeepalive: 0 })).keepAlive, false);
  });
});
