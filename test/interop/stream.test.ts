import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";
import type { FrameSpec } from "./frames.ts";
import { hex, reportBytes, toBytes, toSpec } from "./frames.ts";
import { inBothRoles, withoutPeers, withPeers } from "./harness.ts";
import type { PeerSocket } from "./peer.ts";
import { until } from "./waiting.ts";

/** 29 bytes short of a multiple of libzmq's batch, so that the last chunk is never a full one. */
const BULK_SIZE = 40 * 8192 - 29;
const bulk: FrameSpec = { size: BULK_SIZE, seed: 5 };

/** The first thing that a STREAM receives from a connection is an empty frame behind its id. */
async function connectNotice(stream: PeerSocket): Promise<FrameSpec> {
  const [notice] = await stream.receive(1);
  assert.match(notice[0], /^<00[0-9a-f]{8}>$/);
  assert.deepEqual(notice.slice(1), ["''"]);
  return toSpec(notice[0]);
}

/** libzmq ends a connection only when its application next calls into the socket. */
async function stir(stream: PeerSocket): Promise<void> {
  await stream.receive(1, 50);
}

function assertBytes(actual: string[], ...specs: FrameSpec[]): void {
  assert.equal(actual[1], reportBytes(Buffer.concat(specs.map(toBytes))));
}

withPeers(
  (it, _kind, transports) => {
    for (const transport of transports) {
      inBothRoles(
        it,
        ["listener", "connector"],
        `STREAM to STREAM, ${transport}`,
        async (scope, openListener, openConnector) => {
          const listener = await openListener("STREAM");
          const connector = await openConnector("STREAM");
          await scope.join(listener, connector, transport);
          const toConnector = await connectNotice(listener);
          const toListener = await connectNotice(connector);

          await connector.send([
            [toListener, "over the wire "],
            [toListener, "go bare bytes"],
          ]);
          assertBytes(await listener.collect(27), "over the wire go bare bytes");

          await Promise.all([connector.send([[toListener, bulk]]), listener.send([[toConnector, bulk]])]);
          assertBytes(await listener.collect(BULK_SIZE), bulk);
          assertBytes(await connector.collect(BULK_SIZE), bulk);

          // libzmq behaviour B99: an empty frame closes the connection, and the other side gets an empty frame.
          await listener.send([[toConnector, ""]]);
          const [[notice]] = await Promise.all([connector.receive(1), stir(listener)]);
          assert.deepEqual(notice?.slice(1), ["''"]);
        },
      );
    }

    it("our STREAM reads the greeting of their DEALER", async (scope) => {
      const stream = await scope.our("STREAM");
      const dealer = await scope.their("DEALER");
      await scope.join(stream, dealer);
      await connectNotice(stream);
      // 37/ZMTP, Greeting: the signature is FF, eight bytes of padding, 7F.
      const [, signature] = await stream.collect(10);
      assert.match(signature, /^<ff000000000000000[01]7f/);
    });

    it("our DEALER breaks off with their STREAM that names an unknown mechanism, and stays usable", async (scope) => {
      const dealer = await scope.our("DEALER", {}, { monitor: true });
      const stream = await scope.their("STREAM");
      const endpoint = await scope.join(dealer, stream);
      const id = await connectNotice(stream);
      const signature = "ff00000000000000017f";
      const bogus = Buffer.from("BOGUS".padEnd(20, "\0")).toString("hex");
      await stream.send([[id, hex(`${signature}0301${bogus}${"00".repeat(32)}`)]]);
      await until("end of the connection", async () => {
        const [message] = await stream.receive(1);
        return message?.[1] === "''" || undefined;
      });

      const sane = await scope.their("DEALER");
      await sane.connect(endpoint);
      await sane.send([["still there?"]]);
      assert.deepEqual(await dealer.receive(1), [["'still there?'"]]);
    });
  },
  { wire: "a STREAM speaks to streams" },
);

withoutPeers((it) => {
  it("our STREAM serves a plain TCP client", async (scope) => {
    const stream = await scope.our("STREAM");
    const endpoint = await stream.bind("tcp://127.0.0.1:*");
    const client = connect(Number(new URL(endpoint).port), "127.0.0.1");
    const id = await connectNotice(stream);
    client.write("hello");
    assertBytes(await stream.collect(5), "hello");
    await stream.send([
      [id, "good "],
      [id, "bye"],
    ]);
    assert.equal((await readBytes(client, 8)).toString(), "good bye");
    client.end();
    assert.deepEqual((await stream.receive(1))[0]?.slice(1), ["''"]);
    client.destroy();
  });

  it("our STREAM is a client of a plain TCP server", async (scope) => {
    const server = createServer((socket) => socket.pipe(socket));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const stream = await scope.our("STREAM");
    await stream.connect(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const id = await connectNotice(stream);
    await stream.send([[id, bulk]]);
    assertBytes(await stream.collect(BULK_SIZE), bulk);
    await stream.send([[id, ""]]);
    await stir(stream);
    server.close();
    await once(server, "close");
  });
});

async function readBytes(socket: Socket, size: number): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    if (bytes.length >= size) break;
  }
  return bytes;
}
