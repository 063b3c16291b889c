import { setTimeout as sleep } from "node:timers/promises";
import { Pull, Push } from "../../src/index.ts";
import { print } from "./print.ts";

/** Messages of a peer that left, and a receiver that keeps few of them. */
const pull = new Pull({ maxOrphans: 2 });
await pull.bind("tcp://127.0.0.1:*");
const push = new Push();
push.connect(pull.lastEndpoint!);
for (let count = 0; count < 5; count++) await push.send(`number ${count}`);
await push.close();
while (pull.explain().length === 0) await sleep(5);
print(pull.explain());

for (let count = 3; count < 5; count++) console.log(`received: ${await pull.receive()}`);
await pull.close();
