import assert from "node:assert/strict";
import { test } from "node:test";
import { launchBare, run } from "./program.ts";

// ADR 0033. V8 may set its limits at an unlucky moment, and marks on; without the room it does in every process.
test("a stream of large bodies does not make V8 mark the heap again and again", async (t) => {
  const counts: number[] = [];
  while (counts.length < 4 && (counts.at(-1) ?? 100) > 10) counts.push(await markings());
  t.diagnostic(`the heap was marked ${counts.join(", ")} times while 20,000 bodies of 64 KiB came`);
  assert.ok((counts.at(-1) ?? 100) <= 10, `marked ${counts.join(", ")} times`);
});

async function markings(): Promise<number> {
  const end = await run(
    async (zmq, say) => {
      const { PerformanceObserver, constants } = await import("node:perf_hooks");
      let count = 0;
      const observer = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const { detail } = entry as unknown as { readonly detail: { readonly kind: number } };
          if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) count++;
        }
      });
      observer.observe({ entryTypes: ["gc"] });
      const [pull, push] = [new zmq.Pull(), new zmq.Push()];
      await pull.bind("tcp://127.0.0.1:*");
      push.connect(pull.lastEndpoint as string);
      const body = Buffer.alloc(65536);
      const sendAll = async () => {
        for (let i = 0; i < 20_000; i++) await push.send(body);
      };
      const sent = sendAll();
      for (let i = 0; i < 20_000; i++) await pull.receive();
      await sent;
      say(`marked ${count}`);
      observer.disconnect();
      await Promise.all([pull.close(), push.close()]);
    },
    [],
    { patienceMs: 60_000 },
  );
  assert.deepEqual([end.status, end.stderr], [0, ""]);
  return Number(end.lines.at(-1)?.replace("marked ", ""));
}

test("a worker that may not have much heap receives such a stream as well", async () => {
  const end = await launchBare(
    async (_load, say, index) => {
      const { Worker } = await import("node:worker_threads");
      const source = `
        const { workerData, parentPort } = require("node:worker_threads");
        import(workerData).then(async (zmq) => {
          const [pull, push] = [new zmq.Pull(), new zmq.Push()];
          await pull.bind("tcp://127.0.0.1:*");
          push.connect(pull.lastEndpoint);
          const body = Buffer.alloc(65536);
          const sendAll = async () => { for (let i = 0; i < 4000; i++) await push.send(body); };
          const sent = sendAll();
          for (let i = 0; i < 4000; i++) await pull.receive();
          await sent;
          parentPort.postMessage("all came");
          await Promise.all([pull.close(), push.close()]);
        });
      `;
      const resourceLimits = { maxOldGenerationSizeMb: 14, maxYoungGenerationSizeMb: 4 };
      const worker = new Worker(source, { eval: true, workerData: index, execArgv: [], resourceLimits });
      worker.on("message", say);
      worker.on("error", (error) => say(String((error as { code?: string }).code)));
    },
    [] as const,
    { patienceMs: 60_000 },
  ).ended;
  assert.deepEqual([end.status, end.stderr, end.lines], [0, "", ["all came"]]);
});
