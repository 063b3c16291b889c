import { Publisher, Subscriber } from "../../src/index.ts";
import { print } from "./print.ts";

/** A topic with a typing error in it. */
const publisher = new Publisher();
await publisher.bind("tcp://127.0.0.1:*");
const subscriber = new Subscriber();
subscriber.subscribe("weather");
subscriber.connect(publisher.lastEndpoint!);
await publisher.waitForSubscribers();
for (let count = 0; count < 100; count++) await publisher.send(["wether.rome", "sunny"]);
print(publisher.explain());

await subscriber.close();
await publisher.close();
