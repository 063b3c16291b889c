import { setTimeout as sleep } from "node:timers/promises";
import { Reply, Request } from "../../src/index.ts";
import { print } from "./print.ts";

/** A server that received a request and never replies. */
const reply = new Reply();
await reply.bind("tcp://127.0.0.1:*");
const request = new Request();
request.connect(reply.lastEndpoint!);
await request.send("one");
await reply.receive();
await sleep(50);
print(reply.explain({ waitMs: 40 }));

await request.close();
await reply.close();
