import { setTimeout as sleep } from "node:timers/promises";
import { Pull, Push } from "../../src/index.ts";
import { print } from "./print.ts";

/** More peers than are allowed. */
const pull = new Pull({ maxConnections: 1 });
await pull.bind("tcp://127.0.0.1:*");
const pushes = [new Push(), new Push()];
for (const push of pushes) push.connect(pull.lastEndpoint!);
while (pull.explain().length === 0) await sleep(5);
print(pull.explain());

for (const push of pushes) await push.close();
await pull.close();
