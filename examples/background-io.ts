import { isMainThread, Worker, workerData } from "node:worker_threads";
import { Context, Pull, Push } from "../src/index.ts";

/**
 * With background I/O, connections live in a thread of their own: messages arrive and heartbeats are answered while the
 * application's event loop stands still, and the application may wait with blocking calls.
 */
const readingCount = 30;

if (isMainThread) {
  const context = new Context({ ioMode: "background" });
  const readings = new Pull({ context });
  await readings.bind("tcp://127.0.0.1:*");
  new Worker(new URL(import.meta.url), { workerData: readings.lastEndpoint });
  readings.receiveSync();

  console.log("the application is busy for a second, and its event loop with it");
  const end = performance.now() + 1000;
  while (performance.now() < end);

  for (let count = 1; count < readingCount; count++) readings.receiveSync({ timeoutMs: 3000 });
  const [lossCount] = readings.receiveSync({ timeoutMs: 3000 });
  console.log(`all ${readingCount} readings are here`);
  console.log(`the sender lost its connection ${lossCount} times`);
  await context.terminate();
} else {
  // Some other program, in truth: it gives up a peer that does not answer for 300 ms, and this thread has no I/O thread.
  const sender = new Push({ heartbeatInterval: 100, heartbeatTimeout: 300 });
  let lossCount = 0;
  sender.events.on("disconnect", () => lossCount++);
  sender.connect(workerData as string);
  for (let count = 0; count < readingCount; count++) {
    await sender.send(`reading ${count}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await sender.send(lossCount);
  await sender.close();
}
