import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { SocketType } from "./driver.ts";
import { hex } from "./frames.ts";
import { subject, withPeers } from "./harness.ts";
import { availability } from "./launch.ts";
import type { OpenOptions, PeerSocket } from "./peer.ts";
import type { Scope } from "./scope.ts";
import { receiveAfterMarker, until, untilJoined } from "./waiting.ts";

interface Device {
  readonly front: string;
  readonly back: string;
  /** Until it is terminated. */
  readonly running: Promise<void>;
  stop(): Promise<void>;
}

interface DeviceOptions {
  readonly frontOptions?: OpenOptions;
  readonly backOptions?: OpenOptions;
  readonly control?: PeerSocket;
}

/** A proxy of ours between two bound sockets of ours; everybody who connects is libzmq, or in another thread. */
async function startProxy(
  scope: Scope,
  frontType: SocketType,
  backType: SocketType,
  { frontOptions = {}, backOptions = {}, control }: DeviceOptions = {},
): Promise<Device> {
  const frontSocket = await scope.our(frontType, frontOptions);
  const backSocket = await scope.our(backType, backOptions);
  const front = await frontSocket.bind(scope.endpoint());
  const back = await backSocket.bind(scope.endpoint());
  const options = control === undefined ? {} : { control: control.direct };
  const proxy = new subject.Proxy(frontSocket.direct, backSocket.direct, options);
  const running = proxy.run();
  return {
    front,
    back,
    running,
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

  for (const [type, theirType] of [
    ["REP", "REQ"],
    ["PAIR", "PAIR"],
  ] as const) {
    it(`their ${theirType} steers a proxy of ours by its ${type}`, async (scope) => {
      const control = await scope.our(type);
      const steerer = await scope.their(theirType);
      await scope.join(control, steerer);
      const device = await startProxy(scope, "PULL", "PUSH", { control });
      const push = await scope.their("PUSH");
      const pull = await scope.their("PULL");
      await push.connect(device.front);
      await pull.connect(device.back);
      const tell = async (command: string): Promise<void> => {
        await steerer.send([[command]]);
        if (type === "REP") assert.deepEqual(await steerer.receive(1), [["''"]], command);
      };
      const ask = async (): Promise<readonly string[]> => {
        await steerer.send([["STATISTICS"]]);
        const [answer = []] = await steerer.receive(1);
        return answer;
      };
      await push.send(TRAFFIC);
      assert.equal((await pull.receive(TRAFFIC.length)).length, TRAFFIC.length);
      assert.deepEqual(await ask(), await statisticsOfLibzmq());
      await tell("PAUSE");
      await ask();
      await push.send([["later"]]);
      await tell("nonsense");
      assert.deepEqual(await ask(), await statisticsOfLibzmq());
      await tell("RESUME");
      assert.deepEqual(await pull.receive(1), [["'later'"]]);
      await tell("TERMINATE");
      await device.running;
    });
  }

  it("their PUB and their PUSH steer a proxy of ours without an answer", async (scope) => {
    for (const [type, theirType] of [
      ["SUB", "PUB"],
      ["PULL", "PUSH"],
    ] as const) {
      const control = await scope.our(type);
      if (type === "SUB") await control.subscribe("");
      const steerer = await scope.their(theirType);
      await scope.join(control, steerer);
      const device = await startProxy(scope, "PULL", "PUSH", { control });
      let isOver = false;
      void device.running.then(() => (isOver = true));
      await until("the end of the proxy", async () => {
        await steerer.send([["TERMINATE"]]);
        return isOver || undefined;
      });
    }
  });
});

/** Of one frame each: libzmq counted messages until 4.3.4, and counts frames since. */
const TRAFFIC = Array.from({ length: 20 }, (_, index) => ["x".repeat(index)]);

/** libzmq's own steerable proxy with the same traffic, where Python has one: its answer, as it is reported. */
let fromLibzmq: Promise<readonly string[]> | null = null;

function statisticsOfLibzmq(): Promise<readonly string[]> {
  fromLibzmq ??= askLibzmq();
  return fromLibzmq;
}

async function askLibzmq(): Promise<readonly string[]> {
  const { python } = availability("pyzmq");
  const count = Buffer.alloc(8);
  const bytes = Buffer.alloc(8);
  count.writeBigUInt64LE(20n);
  bytes.writeBigUInt64LE(190n);
  const none = `<${"00".repeat(8)}>`;
  const expected = [`<${count.toString("hex")}>`, `<${bytes.toString("hex")}>`, none, none];
  const answer = [...expected, none, none, ...expected.slice(0, 2)];
  if (python === undefined) return answer;
  const { stdout } = await promisify(execFile)(python, ["-c", STEERABLE], { timeout: 10_000 });
  assert.deepEqual(stdout.trim().split(" "), answer);
  return answer;
}

const STEERABLE = `
import threading, zmq
context = zmq.Context()
front, back, control, steerer, push, pull = [
    context.socket(kind) for kind in (zmq.PULL, zmq.PUSH, zmq.PAIR, zmq.PAIR, zmq.PUSH, zmq.PULL)
]
front.bind("inproc://front"); back.bind("inproc://back"); control.bind("inproc://control")
push.connect("inproc://front"); pull.connect("inproc://back"); steerer.connect("inproc://control")
thread = threading.Thread(target=lambda: zmq.proxy_steerable(front, back, None, control))
thread.start()
for size in range(20): push.send(b"x" * size)
for size in range(20): pull.recv()
steerer.send(b"STATISTICS")
print(*("<" + frame.hex() + ">" for frame in steerer.recv_multipart()))
steerer.send(b"TERMINATE")
thread.join()
`;
