import { setTimeout as sleep } from "node:timers/promises";
import { Pull, Push } from "../../src/index.ts";
import { print } from "./print.ts";

/** A worker that dies with its work. */
const push = new Push({ linger: 0 });
await push.bind("tcp://127.0.0.1:*");
const worker = new Pull({ receiveHighWaterMark: 1 });
worker.connect(push.lastEndpoint!);
await push.waitForPeers();
// More than the network takes: the rest waits here.
for (let task = 0; task < 500; task++) await push.send(Buffer.alloc(100_000));
await worker.close();
while (push.explain().length === 0) await sleep(5);
print(push.explain());
await push.close();
