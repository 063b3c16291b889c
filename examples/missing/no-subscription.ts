import { Publisher, Subscriber } from "../../src/index.ts";
import { print } from "./print.ts";

/** A subscriber that forgot to subscribe. */
const publisher = new Publisher();
await publisher.bind("tcp://127.0.0.1:*");
const subscriber = new Subscriber();
subscriber.connect(publisher.lastEndpoint!);
await subscriber.waitForPeers();
print(subscriber.explain({ momentMs: 0 }));

await subscriber.close();
await publisher.close();
