import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Push } from "../../src/index.ts";
import { print } from "./print.ts";

/** A server that speaks another security mechanism; here a few octets play its part. */
// A greeting of ZMTP 3.1 with the mechanism PLAIN.
const greeting = Buffer.alloc(64);
greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1]);
greeting.write("PLAIN", 12);
const server = createServer((socket) => socket.end(greeting));
await once(server.listen(0, "127.0.0.1"), "listening");

const push = new Push();
push.connect(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
while (push.explain().length === 0) await sleep(5);
print(push.explain());

await push.close();
server.close();
