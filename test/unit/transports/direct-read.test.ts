import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { connect, createServer, Socket } from "node:net";
import { describe, it } from "node:test";
import { isCommon, moveConnection, onread, readDirectly } from "../../../src/transports/direct-read.ts";
import { until, within } from "../../contract/stream-rig.ts";

const OPTIONS = { allowHalfOpen: true, onread };

/** An accepted socket whose connection was moved, and the socket at the other end. */
async function withMoved(
  run: (moved: Socket, peer: Socket, accepted: Socket) => Promise<void>,
): Promise<void> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const arriving = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const peer = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const accepted = await within("the connection", arriving);
  const { socket, isDirect } = moveConnection(accepted, OPTIONS);
  assert.equal(isDirect, true);
  socket.on("error", () => undefined);
  await run(socket, peer, accepted);
  socket.destroy();
  peer.destroy();
  // The server counts its connections: it is closed only when it knows that this one is.
  await within("the server's end", new Promise((resolve) => server.close(resolve)));
}

describe("direct reads", () => {
  it("go into one buffer for all, or where the reader says, one read at a time", async () => {
    await withMoved(async (moved, peer) => {
      const own = Buffer.alloc(4);
      const reads: string[] = [];
      let isOwnNext = false;
      readDirectly(moved, {
        onRead(memory, count) {
          const where = isCommon(memory) ? "common" : "own";
          reads.push(`${where} ${Buffer.from(memory.buffer, memory.byteOffset, count).toString()}`);
          isOwnNext = !isOwnNext;
          return isOwnNext ? own : null;
        },
      });
      moved.resume();
      peer.write("abc");
      await until("the first read", () => reads.length === 1);
      peer.write("defghi");
      await until("the others", () => reads.length === 3);
      assert.deepEqual(reads, ["common abc", "own defg", "common hi"]);
    });
  });

  it("move a connection with its state: paused until resumed, named, and the first socket has none", async () => {
    await withMoved(async (moved, peer, accepted) => {
      let size = 0;
      readDirectly(moved, {
        onRead(_memory, count) {
          size += count;
          return null;
        },
      });
      peer.write("early");
      await new Promise<void>((resolve) => setTimeout(resolve, 20));
      assert.equal(size, 0);
      assert.equal(moved.remotePort, peer.localPort);
      assert.equal(accepted.remotePort, undefined);
      accepted.destroy();
      moved.resume();
      await until("the read", () => size === 5);
      moved.write("answer");
      const answer = await within("the answer", new Promise((resolve) => peer.once("data", resolve)));
      assert.equal(String(answer), "answer");
    });
  });

  it("are not tried where a host has no such handles", () => {
    const socket = new Socket();
    assert.deepEqual(moveConnection(socket, OPTIONS), { socket, isDirect: false });
    socket.destroy();
  });

  it("without a reader go nowhere", async () => {
    await withMoved(async (moved, peer) => {
      moved.resume();
      peer.write("nobody");
      await until("the read", () => moved.bytesRead === 6);
      assert.ok(isCommon(onread.buffer()));
    });
  });
});
