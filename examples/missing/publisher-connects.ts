import { Publisher, Subscriber } from "../../src/index.ts";
import { print } from "./print.ts";

/** A publisher that connects, and sends before it knows what the other side wants. */
const subscriber = new Subscriber();
subscriber.subscribe();
await subscriber.bind("tcp://127.0.0.1:*");

const publisher = new Publisher();
publisher.connect(subscriber.lastEndpoint!);
await publisher.send("too early");
await publisher.waitForSubscribers();
print(publisher.explain());

await publisher.close();
await subscriber.close();
