import { setTimeout as sleep } from "node:timers/promises";
import { Dealer } from "../../src/index.ts";
import { print } from "./print.ts";

/** A peer that says nothing, and no heartbeat that would tell whether it lives. */
const one = new Dealer();
await one.bind("tcp://127.0.0.1:*");
const other = new Dealer();
other.connect(one.lastEndpoint!);
await one.waitForPeers();
await sleep(50);
print(one.explain({ quietMs: 40 }));

await other.close();
await one.close();
