import { setTimeout as sleep } from "node:timers/promises";
import { Pair } from "../../src/index.ts";
import { print } from "./print.ts";

/** A third PAIR. */
const pair = new Pair();
await pair.bind("tcp://127.0.0.1:*");
const others = [new Pair(), new Pair()];
for (const other of others) {
  other.connect(pair.lastEndpoint!);
  await other.waitForPeers();
}
while (pair.explain().length === 0) await sleep(5);
print(pair.explain());

for (const other of others) await other.close();
await pair.close();
