import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Push } from "../../src/index.ts";
import { print } from "./print.ts";

/** A PUSH that connects to a web server. */
const server = createServer();
await once(server.listen(0, "127.0.0.1"), "listening");
const push = new Push();
push.connect(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
while (push.explain().length === 0) await sleep(5);
print(push.explain());

await push.close();
server.close();
server.closeAllConnections();
