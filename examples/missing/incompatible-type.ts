import { setTimeout as sleep } from "node:timers/promises";
import { Publisher, Pull } from "../../src/index.ts";
import { print } from "./print.ts";

/** A PULL that connects to a PUB. */
const publisher = new Publisher();
await publisher.bind("tcp://127.0.0.1:*");
const pull = new Pull();
pull.connect(publisher.lastEndpoint!);
while (pull.explain().length === 0) await sleep(5);
print(pull.explain());

await pull.close();
await publisher.close();
