import { Pull, Push } from "../../src/index.ts";
import { print } from "./print.ts";

/** Work that is sent before all workers are there. */
const push = new Push();
await push.bind("tcp://127.0.0.1:*");
const workers = [new Pull(), new Pull()];
for (const worker of workers) {
  worker.connect(push.lastEndpoint!);
  await worker.waitForPeers();
  if (worker === workers[0]) for (let task = 0; task < 100; task++) await push.send(`task ${task}`);
}
await push.waitForPeers(2);
print(push.explain());

await push.close();
for (const worker of workers) await worker.close();
