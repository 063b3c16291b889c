import { setTimeout as sleep } from "node:timers/promises";
import { Pull, Push, Reply } from "../../src/index.ts";
import { print } from "./print.ts";

/** A ZAP handler that answers with half of a reply. */
const handler = new Reply();
await handler.bind("inproc://zeromq.zap.01");
const pull = new Pull({ zapDomain: "global" });
await pull.bind("tcp://127.0.0.1:*");
const push = new Push();
push.connect(pull.lastEndpoint!);
const [version, id] = await handler.receive();
await handler.send([version!, id!, "200"]);
while (pull.explain().length === 0) await sleep(5);
print(pull.explain());

await push.close();
await pull.close();
await handler.close();
