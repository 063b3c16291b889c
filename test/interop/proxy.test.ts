import assert from "node:assert/strict";
import type { SocketType } from "./driver.ts";
import { hex } from "./frames.ts";
import { subject, withPeers } from "./harness.ts";
import type { OpenOptions } from "./peer.ts";
import type { Scope } from "./scope.ts";
import { receiveAfterMarker, untilJoined } from "./waiting.ts";

interface Device {
  readonly front: string;
  readonly back: string;
  stop(): Promise<void>;
}

/** A proxy of ours between two bound sockets of ours; everybody who connects is libzmq, or in another thread. */
async function startProxy(
  scope: Scope,
  frontType: SocketType,
  backType: SocketType,
  { frontOptions = {}, backOptions = {} }: { frontOptions?: OpenOptions; backOptions?: OpenOptions } = {},
): Promise<Device> {
  const frontSocket = await scope.our(frontType, frontOptions);
  const backSocket = await scope.our(backType, backOptions);
  const front = await frontSocket.bind(scope.endpoint());
  const back = await backSocket.bind(scope.endpoint());
  const proxy = new subject.Proxy(frontSocket.direct, backSocket.direct);
  const running = proxy.run();
  return {
    front,
    back,
    stop: async () => {
      proxy.terminate();
      await running;
      await frontSocket.close();
      await backSocket.close();
    },
  };
}

withPeers((it) => {
  it("a broker of ours, five clients and five workers of theirs", async (scope) => {
    const device = await startProxy(scope, "ROUTER", "DEALER");
    const workers = await Promise.all(Array.from({ length: 5 }, () => scope.their("REP")));
    const clients = await Promise.all(Array.from({ length: 5 }, () => scope.their("REQ")));
    for (const worker of workers) await worker.connect(device.back);
    for (const client of clients) await client.connect(device.front);
    const serving = Promise.all(workers.map((worker) => worker.echo(1000, 500)));
    const answers = await Promise.all(
      clients.map((client, index) => {
        return client.exchange(
          Array.from({ length: 50 }, (_, number) => [`client ${index}`, "", `${number}`]),
        );
      }),
    );
    for (const [index, received] of answers.entries()) {
      assert.deepEqual(
        received,
        Array.from({ length: 50 }, (_, n) => [`'client ${index}'`, "''", `'${n}'`]),
      );
    }
    const shares = await serving;
    assert.equal(
      shares.reduce((total, share) => total + share, 0),
      250,
    );
    await device.stop();
  });

  it("a forwarder of ours between publishers and subscribers of theirs", async (scope) => {
    const device = await startProxy(scope, "XSUB", "XPUB", { backOptions: { sendHighWaterMark: 10_000 } });
    const pub = await scope.their("XPUB", { sendHighWaterMark: 10_000 });
    const all = await scope.their("SUB");
    const some = await scope.their("SUB");
    await pub.connect(device.front);
    await all.connect(device.back);
    await some.connect(device.back);
    await all.subscribe("");
    assert.deepEqual(await pub.receive(1), [["<01>"]]);
    await some.subscribe("odd");
    assert.deepEqual(await pub.receive(1), [["<016f6464>"]]);
    await untilJoined(pub, all);
    const messages = Array.from({ length: 400 }, (_, index) => [
      index % 2 === 1 ? "odd" : "even",
      `${index}`,
    ]);
    const [everything, odds] = await Promise.all([
      receiveAfterMarker(all, 400),
      some.receive(200),
      pub.send(messages),
    ]);
    const reports = messages.map((message) => message.map((frame) => `'${frame}'`));
    assert.deepEqual(everything, reports);
    assert.deepEqual(
      odds,
      reports.filter((_, index) => index % 2 === 1),
    );
    await some.unsubscribe("odd");
    assert.deepEqual(await pub.receive(1), [["<006f6464>"]]);
    await device.stop();
  });

  it("a streamer of ours keeps the order and loses nothing", async (scope) => {
    const device = await startProxy(scope, "PULL", "PUSH", {
      frontOptions: { receiveHighWaterMark: 10 },
      backOptions: { sendHighWaterMark: 10 },
    });
    const push = await scope.their("PUSH", { sendHighWaterMark: 10 });
    const pull = await scope.their("PULL", { receiveHighWaterMark: 10 });
    await push.connect(device.front);
    await pull.connect(device.back);
    const [tally] = await Promise.all([pull.drain(5000), push.flood({ count: 5000, size: 500 })]);
    assert.deepEqual([tally.count, tally.missing], [5000, 0]);
    await device.stop();
  });

  it("it stops even when the back end accepts nothing", async (scope) => {
    const device = await startProxy(scope, "XSUB", "PUSH", { backOptions: { linger: 0 } });
    const pub = await scope.their("PUB");
    await pub.connect(device.front);
    await pub.send([["into the void"], [hex("00")]]);
    await device.stop();
  });
});
