import { Dealer, Router } from "../../src/index.ts";
import { print } from "./print.ts";

/** A routing id that comes after connect(). */
const router = new Router();
await router.bind("tcp://127.0.0.1:*");
const dealer = new Dealer();
dealer.connect(router.lastEndpoint!);
dealer.routingId = "client";
print(dealer.explain());

await dealer.close();
await router.close();
