import { Publisher, Subscriber } from "../../src/index.ts";
import { print } from "./print.ts";

/** A publisher that sends before anybody has subscribed. */
const publisher = new Publisher();
await publisher.bind("tcp://127.0.0.1:*");
for (let count = 0; count < 37; count++) await publisher.send(["news", `number ${count}`]);

const subscriber = new Subscriber();
subscriber.subscribe("news");
subscriber.connect(publisher.lastEndpoint!);
await publisher.waitForSubscribers();
print(publisher.explain());

await subscriber.close();
await publisher.close();
