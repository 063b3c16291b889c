import { setTimeout as sleep } from "node:timers/promises";
import { Pull, Push } from "../../src/index.ts";
import { print } from "./print.ts";

/** Two clients of PLAIN, and no server. */
const credentials = { plainUsername: "joe", plainPassword: "secret" };
const pull = new Pull(credentials);
await pull.bind("tcp://127.0.0.1:*");
const push = new Push(credentials);
push.connect(pull.lastEndpoint!);
while (push.explain().length === 0) await sleep(5);
print(push.explain());

await push.close();
await pull.close();
