import { setTimeout as sleep } from "node:timers/promises";
import { Push } from "../../src/index.ts";
import { print } from "./print.ts";

/** Nobody listens at the endpoint. */
const push = new Push({ linger: 0 });
push.connect("tcp://127.0.0.1:1");
await push.send("for whom?");
await sleep(150);
print(push.explain({ connectMs: 100 }));
await push.close();
