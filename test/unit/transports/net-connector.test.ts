import assert from "node:assert/strict";
import { Socket } from "node:net";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import type { ZmqError } from "../../../src/base/errors.ts";
import type { SocketOptionValues } from "../../../src/core/options.ts";
import { NetConnector } from "../../../src/transports/net-connector.ts";
import { TcpTransport } from "../../../src/transports/tcp.ts";
import {
  ConnectorRig,
  connect,
  connectError,
  ListenerRig,
  optionsWith,
  pause,
  startConnecting,
  until,
} from "../../contract/stream-rig.ts";
import { withNameService } from "./name-service.ts";

const transport = new TcpTransport();
const names = { local: () => "local", remote: () => "remote" };

function makeConnector(
  options: SocketOptionValues = optionsWith(),
): ConnectorRig & { connector: NetConnector } {
  const rig = new ConnectorRig() as ConnectorRig & { connector: NetConnector };
  rig.connector = new NetConnector("test://peer", options, names, rig);
  return rig;
}

/** The error that comes, and has not come yet. */
async function failure(rig: ConnectorRig): Promise<ZmqError> {
  if (rig.error !== null) throw new Error("too soon");
  await until("the failure", () => rig.error !== null);
  return rig.error as unknown as ZmqError;
}

/** A port where connections wait for ever: a thread listens, sleeps, and its backlog is full. */
async function withDeafPort(run: (port: number) => Promise<void>): Promise<void> {
  const script = `
    const { parentPort, workerData } = require("node:worker_threads");
    const server = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      setTimeout(() => Atomics.wait(workerData, 0, 0), 20);
    });
  `;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(script, { eval: true, execArgv: [], workerData: cell });
  const port = await new Promise<number>((resolve) => worker.once("message", resolve));
  await pause(100);
  const fillers = Array.from({ length: 4 }, () =>
    new Socket().on("error", () => undefined).connect(port, "127.0.0.1"),
  );
  await pause(50);
  try {
    await run(port);
  } finally {
    for (const filler of fillers) filler.destroy();
    Atomics.notify(cell, 0);
    await worker.terminate();
  }
}

describe("an attempt to connect", () => {
  it("ends after connectTimeout", { skip: process.platform !== "linux" && "backlogs differ" }, async () => {
    await withDeafPort(async (port) => {
      const before = performance.now();
      const error = await connectError(transport, `127.0.0.1:${port}`, optionsWith({ connectTimeout: 100 }));
      const tookMs = performance.now() - before;
      assert.equal(error.code, "ETIMEDOUT");
      assert.match(error.message, /connectTimeout, 100 ms/);
      assert.ok(tookMs >= 99 && tookMs < 2000, `${tookMs} ms`);
      const cancelled = startConnecting(transport, `127.0.0.1:${port}`, optionsWith({ connectTimeout: 50 }));
      cancelled.connector.cancel();
      await pause(100);
      assert.deepEqual([cancelled.error, cancelled.stream], [null, null]);
    });
  });

  it("that the system connected to itself is refused (J09)", async () => {
    const free = await ListenerRig.listen(transport, "127.0.0.1:*");
    const port = free.endpoint.split(":").at(-1);
    await free.close();
    const error = await connectError(transport, `127.0.0.1:${port};127.0.0.1:${port}`);
    assert.equal(error.code, "ECONNREFUSED");
    assert.match(error.message, /to itself/);
    // The port is free again.
    const next = await ListenerRig.listen(transport, `127.0.0.1:${port}`);
    assert.equal(next.listenError, null);
    await next.close();
  });

  it("may be cancelled while a name is looked up, of the peer or of the source", async () => {
    await withNameService(
      (_name, answer) => setTimeout(() => answer(null, [{ address: "127.0.0.1", family: 4 }]), 20),
      async () => {
        const rigs = ["peer.example:1", "source.example:0;127.0.0.1:1"].map((address) =>
          startConnecting(transport, address),
        );
        for (const { connector } of rigs) connector.cancel();
        await pause(60);
        for (const rig of rigs) assert.deepEqual([rig.error, rig.stream], [null, null]);
      },
    );
  });

  it("is told of one failure, in a later tick", async () => {
    const rig = makeConnector();
    rig.connector.fail(new Error("first"));
    rig.connector.fail(new Error("second"));
    const error = await failure(rig);
    assert.match(error.message, /Cannot connect to test:\/\/peer/);
    assert.equal((error.cause as Error).message, "first");
  });

  it("fails with what Node refuses at once", async () => {
    const rig = makeConnector();
    rig.connector.connect({ host: "127.0.0.1", port: 1, localAddress: "no address" });
    assert.equal((await failure(rig)).code, "EIO");
  });

  it("does not begin once it was cancelled, and is given up with the process", async () => {
    const cancelled = makeConnector();
    cancelled.connector.cancel();
    cancelled.connector.connect({ host: "127.0.0.1", port: 1 });
    const abandoned = makeConnector();
    abandoned.connector.abandon();
    abandoned.connector.abandon();
    assert.equal(abandoned.error?.code, "ETIMEDOUT");
    await pause(20);
    assert.equal(cancelled.error, null);
  });

  it("leaves no listener of its own on the socket", async () => {
    const listener = await ListenerRig.listen(transport, "127.0.0.1:*");
    const seen: Socket[] = [];
    const before = Socket.prototype.connect;
    Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
      seen.push(this);
      return (before as (...args: unknown[]) => Socket).apply(this, args);
    } as typeof before;
    try {
      (await connect(transport, listener.endpoint)).stream.destroy();
    } finally {
      Socket.prototype.connect = before;
    }
    const [socket] = seen;
    const counts = ["connect", "connectionAttempt", "error"].map((event) => socket?.listenerCount(event));
    assert.deepEqual(counts, [0, 0, 1]);
    await listener.close();
  });
});
