import { setTimeout as sleep } from "node:timers/promises";
import { Pull, Push } from "../../src/index.ts";
import { print } from "./print.ts";

/** A server whose peers are to be authenticated, and nobody who does it. */
const pull = new Pull({ zapDomain: "global" });
await pull.bind("tcp://127.0.0.1:*");
const push = new Push();
push.connect(pull.lastEndpoint!);
while (pull.explain().length === 0) await sleep(5);
print(pull.explain());

await push.close();
await pull.close();
