import { setTimeout as sleep } from "node:timers/promises";
import { Pull, Push } from "../../src/index.ts";
import { print } from "./print.ts";

/** A message that is longer than its receiver allows. */
const pull = new Pull({ maxMessageSize: 1000 });
await pull.bind("tcp://127.0.0.1:*");
const push = new Push();
push.connect(pull.lastEndpoint!);
await push.send(Buffer.alloc(1001));
while (pull.explain().length === 0) await sleep(5);
print(pull.explain());

await push.close();
await pull.close();
