import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Dealer, Router } from "../../src/index.ts";
import { print } from "./print.ts";

/** Something between two peers that cuts each connection after 20 ms. */
const router = new Router();
await router.bind("tcp://127.0.0.1:*");
const proxy = createServer((client) => {
  const server = connect(Number(new URL(router.lastEndpoint!).port), "127.0.0.1");
  server.on("error", () => undefined);
  client.on("error", () => undefined);
  client.pipe(server).pipe(client);
  setTimeout(() => client.destroy(), 20);
  client.on("close", () => server.destroy());
});
await once(proxy.listen(0, "127.0.0.1"), "listening");

const dealer = new Dealer({ reconnectInterval: 10 });
dealer.connect(`tcp://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
while (!dealer.explain().some(({ code }) => code === "hung-up")) await sleep(5);
print(dealer.explain());

await dealer.close();
proxy.close();
await router.close();
