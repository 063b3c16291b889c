import { setTimeout as sleep } from "node:timers/promises";
import { Pull, Push, Reply } from "../../src/index.ts";
import { print } from "./print.ts";

/** A ZAP handler that receives a request and never replies: the client waits to be let in. */
const handler = new Reply();
await handler.bind("inproc://zeromq.zap.01");
const pull = new Pull({ plainServer: true });
await pull.bind("tcp://127.0.0.1:*");
const push = new Push({ plainUsername: "joe", plainPassword: "secret" });
push.connect(pull.lastEndpoint!);
await handler.receive();
await sleep(150);
print(push.explain({ connectMs: 100 }));

await push.close();
await pull.close();
await handler.close();
