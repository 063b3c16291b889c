import { setTimeout as sleep } from "node:timers/promises";
import { Pull, Push } from "../../src/index.ts";
import { print } from "./print.ts";

/** A peer that was there and is gone. */
const pull = new Pull();
await pull.bind("tcp://127.0.0.1:*");
const push = new Push({ linger: 0 });
push.connect(pull.lastEndpoint!);
await push.waitForPeers();
await pull.close();
await sleep(150);
await push.send("for whom?");
print(push.explain({ connectMs: 100 }));
await push.close();
