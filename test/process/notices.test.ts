// What a program hears of its sockets without asking: warnings, each cause once, and never at the cost of its end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Subscriber } from "../../src/index.ts";
import { RawListener } from "../peers/raw-peer.ts";
import { closing } from "../peers/sockets.ts";
import type { ProgramBody } from "./program.ts";
import { launch, launchBare, run } from "./program.ts";

const WARNING = /^\(node:\d+\) \[(ZMQ_\w+)\] ZeroMQWarning: (.*)$/gm;

/** Code and sentence of each warning. */
function warningsIn(stderr: string): (readonly [string, string])[] {
  return [...stderr.matchAll(WARNING)].map(([, code = "", sentence = ""]) => [code, sentence]);
}

/** Calls out of step, one for each of so many sockets. */
const strayCalls: ProgramBody<readonly [count: number, mode: "warn" | "option" | "exit"]> = (
  zmq,
  say,
  count,
  mode,
) => {
  if (mode === "option") zmq.context.warnings = false;
  for (let i = 0; i < count; i++) {
    const request = new zmq.Request();
    request.connect(`inproc://none-${i}`);
    request.receive().catch((error: { code?: string }) => {
      if (i === count - 1) say(`${error.code}`);
      if (i === count - 1 && mode === "exit") process.exit(3);
    });
  }
};

test("a publisher whose subscriber stalls says once which peer, which limit and how many", async (t) => {
  const subscriber = closing(t, new Subscriber({ receiveHighWaterMark: 1 }));
  subscriber.subscribe();
  const program = launch(
    async (zmq, say) => {
      const publisher = new zmq.Publisher({ sendHighWaterMark: 10 });
      await publisher.bind("tcp://127.0.0.1:*");
      say(`at ${publisher.lastEndpoint}`);
      await publisher.waitForSubscribers();
      const body = Buffer.alloc(100_000);
      for (let i = 0; i < 500; i++) await publisher.send(body);
      const events: object[] = [];
      publisher.events.on("loss", (event) => events.push(event));
      await new Promise((resolve) => setTimeout(resolve, 600));
      for (let i = 0; i < 50; i++) await publisher.send(body);
      await new Promise((resolve) => setTimeout(resolve, 600));
      const { sent, peers } = publisher.stats();
      say(`sent ${JSON.stringify([sent.accepted, sent.delivered, sent.queued, sent.dropped.hwm])}`);
      say(`peer ${peers[0]?.address} ${events.length}`);
      publisher.linger = 0;
      await publisher.close();
    },
    [],
    { warnings: true },
  );
  const endpoint = await program.said("at ");
  subscriber.connect(endpoint);
  const end = await program.ended;
  assert.equal(end.status, 0, end.stderr);
  const [accepted, delivered, queued, dropped] = JSON.parse(await program.said("sent ")) as number[];
  assert.equal(accepted, 550);
  assert.equal(accepted, delivered! + queued! + dropped!);
  const [peer, lateEvents] = (await program.said("peer ")).split(" ");
  assert.equal(lateEvents, "0", "the event came with the first loss, and not again");
  const warnings = warningsIn(end.stderr);
  assert.deepEqual(
    warnings.map(([code]) => code),
    ["ZMQ_HWM_DROP"],
    end.stderr,
  );
  // The second 50 were sent after the warning, and all were dropped.
  const told = `Publisher ${endpoint}: ${dropped! - 50} messages were dropped because ${peer} had as many waiting as sendHighWaterMark, 10, allows.`;
  assert.ok(warnings[0]?.[1].startsWith(told), `${warnings[0]?.[1]}\n${told}`);
  assert.match(warnings[0]?.[1] ?? "", /See docs\/guide\/missing-messages\.md#hwm-drop$|See \S+#hwm-drop$/);
});

test("200 sockets with one cause are ten warnings, and the tenth says that more are kept quiet", async () => {
  const end = await run(strayCalls, [200, "warn"] as const, { warnings: true });
  const warnings = warningsIn(end.stderr).filter(([code]) => code === "ZMQ_OUT_OF_STEP");
  assert.equal(warnings.length, 10, end.stderr);
  assert.match(warnings[9]?.[1] ?? "", /warning 10 with ZMQ_OUT_OF_STEP: further ones are kept quiet/);
  assert.equal(new Set(warnings.map(([, sentence]) => sentence)).size, 10, "each names its socket");
  assert.deepEqual([end.status, end.lines[0]], [0, "EFSM"]);
});

test("the end of a program is not put off, and nothing due is left unsaid", async () => {
  const end = await run(strayCalls, [1, "warn"] as const, { warnings: true });
  assert.deepEqual(
    warningsIn(end.stderr).map(([code]) => code),
    ["ZMQ_OUT_OF_STEP"],
  );
  const quiet = await run(strayCalls, [1, "warn"] as const);
  assert.ok(end.tookMs < quiet.tookMs + 800, `${end.tookMs} ms with, ${quiet.tookMs} ms without warnings`);
  const exit = await run(strayCalls, [1, "exit"] as const, { warnings: true });
  assert.equal(exit.status, 3);
  assert.equal(warningsIn(exit.stderr).length, 1, exit.stderr);
  assert.ok(exit.tookMs < quiet.tookMs + 800, `${exit.tookMs} ms`);
});

test("switched off by the option or by the environment, it says nothing", async () => {
  const [byOption, byEnvironment] = await Promise.all([
    run(strayCalls, [3, "option"] as const, { warnings: true }),
    run(strayCalls, [3, "warn"] as const, { warnings: false }),
  ]);
  for (const end of [byOption, byEnvironment]) assert.deepEqual([end.status, end.stderr], [0, ""]);
});

test("a thread that ends says what is due, and neither it nor the program is held", async () => {
  const program = launchBare(
    async (_load, say, index) => {
      const { Worker } = await import("node:worker_threads");
      const text = `
        import(${JSON.stringify(index)}).then(({ Request, context }) => {
          const request = new Request();
          request.connect("inproc://none");
          request.receive().catch(() => undefined);
        });`;
      const beganMs = performance.now();
      const worker = new Worker(text, { eval: true });
      worker.on("exit", () => say(`worker ${performance.now() - beganMs}`));
    },
    [],
    { warnings: true },
  );
  const end = await program.ended;
  assert.equal(end.status, 0);
  assert.deepEqual(
    warningsIn(end.stderr).map(([code]) => code),
    ["ZMQ_OUT_OF_STEP"],
    end.stderr,
  );
  assert.ok(Number(await program.said("worker ")) < 2000);
});

test("a connection that never comes is told after a while; a publisher without subscribers is not", async () => {
  const listener = await RawListener.open();
  const { endpoint } = listener;
  await listener.close();
  const end = await run(
    async (zmq, _say, endpoint) => {
      const publisher = new zmq.Publisher();
      await publisher.bind("tcp://127.0.0.1:*");
      for (let i = 0; i < 100; i++) await publisher.send("nobody");
      const push = new zmq.Push({ linger: 0, reconnectInterval: 50 });
      push.connect(endpoint);
      push.trySend("a");
      push.trySend("b");
      await new Promise((resolve) => setTimeout(resolve, 6500));
    },
    [endpoint] as const,
    { warnings: true, patienceMs: 15_000 },
  );
  const warnings = warningsIn(end.stderr);
  assert.deepEqual(
    warnings.map(([code]) => code),
    ["ZMQ_NEVER_CONNECTED"],
    end.stderr,
  );
  const sentence = warnings[0]?.[1] ?? "";
  assert.ok(sentence.includes(`Push ${endpoint}: No connection to ${endpoint}`), sentence);
  assert.match(sentence, /2 messages wait for it\./);
});

test("a thousand sockets in doubt at once do not hold the loop up", async () => {
  const end = await run(
    async (zmq, say) => {
      const { monitorEventLoopDelay } = await import("node:perf_hooks");
      const sockets = [];
      for (let i = 0; i < 1000; i++) sockets.push(new zmq.Request());
      for (const [i, request] of sockets.entries()) {
        request.connect(`inproc://none-${i}`);
        request.receive().catch(() => undefined);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      await new Promise((resolve) => setTimeout(resolve, 1500));
      delay.disable();
      say(`p99.9 ${delay.percentile(99.9) / 1e6}`);
    },
    [],
    { warnings: true, patienceMs: 20_000 },
  );
  assert.equal(warningsIn(end.stderr).filter(([code]) => code === "ZMQ_OUT_OF_STEP").length, 10);
  const slowest = Number(end.lines.find((line) => line.startsWith("p99.9 "))?.slice(6));
  // Looks take 2 ms a turn; the rest is what a busy machine adds. All at once would be several hundred.
  assert.ok(slowest < 250, `${slowest} ms`);
});

test("who is refused again and again for one cause is told once, on either side, and no secret with it", async () => {
  const end = await run(
    async (zmq, say) => {
      const server = zmq.curveKeyPair();
      const client = zmq.curveKeyPair();
      const authenticator = new zmq.Authenticator({ plain: new Map([["joe", "right"]]) });
      const sockets = [
        new zmq.Pull({ curveServer: true, curveSecretKey: server.secretKey }),
        new zmq.Pull({ plainServer: true }),
      ];
      const clients = [
        new zmq.Push({ curveServerKey: client.publicKey, curveSecretKey: client.secretKey }),
        new zmq.Push({ plainUsername: "joe", plainPassword: "wrong-word" }),
      ];
      for (const [i, pull] of sockets.entries()) {
        await pull.bind("tcp://127.0.0.1:*");
        const push = clients[i] as InstanceType<typeof zmq.Push>;
        push.reconnectInterval = 20;
        push.connect(pull.lastEndpoint as string);
      }
      await new Promise((resolve) => setTimeout(resolve, 1500));
      say(`secrets ${server.secretKey} ${client.secretKey}`);
      for (const socket of [...sockets, ...clients]) await socket.close();
      await authenticator.close();
    },
    [],
    { warnings: true },
  );
  const warnings = warningsIn(end.stderr);
  assert.deepEqual(
    warnings.map(([code, sentence]) => `${code} ${sentence.split(" ")[0]}`).sort(),
    [
      "ZMQ_ACCESS_DENIED Pull",
      "ZMQ_ACCESS_DENIED Push",
      "ZMQ_WRONG_SERVER_KEY Pull",
      "ZMQ_WRONG_SERVER_KEY Push",
    ],
    end.stderr,
  );
  const said = end.lines.find((line) => line.startsWith("secrets "));
  const secrets = said?.split(" ").slice(1) ?? [];
  assert.equal(secrets.length, 2, end.lines.join("\n"));
  for (const secret of [...secrets, "wrong-word"]) assert.ok(!end.stderr.includes(secret));
});
