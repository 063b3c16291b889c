import { setTimeout as sleep } from "node:timers/promises";
import { Dealer, Router } from "../../src/index.ts";
import { print } from "./print.ts";

/** Two clients that call themselves the same. */
const router = new Router();
await router.bind("tcp://127.0.0.1:*");
const clients = [new Dealer({ routingId: "client" }), new Dealer({ routingId: "client" })];
for (const client of clients) {
  client.connect(router.lastEndpoint!);
  await client.waitForPeers();
}
while (router.explain().length === 0) await sleep(5);
print(router.explain());

for (const client of clients) await client.close();
await router.close();
