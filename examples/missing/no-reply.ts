import { setTimeout as sleep } from "node:timers/promises";
import { Reply, Request } from "../../src/index.ts";
import { print } from "./print.ts";

/** A server that dies with a request. */
const reply = new Reply();
await reply.bind("tcp://127.0.0.1:*");
const request = new Request();
request.connect(reply.lastEndpoint!);
await request.send("one");
await reply.receive();
await reply.close();
while (request.explain().length === 0) await sleep(5);
print(request.explain());
await request.close();
