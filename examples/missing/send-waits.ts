import { setTimeout as sleep } from "node:timers/promises";
import { Push } from "../../src/index.ts";
import { print } from "./print.ts";

/** A PUSH without a peer: send() waits. */
const push = new Push({ sendTimeout: 100 });
await push.bind("tcp://127.0.0.1:*");
const sent = push.send("work").catch(() => console.log("send() gave up"));
await sleep(50);
print(push.explain({ waitMs: 20 }));
await sent;
await push.close();
