import { Publisher, Subscriber } from "../../src/index.ts";
import { print } from "./print.ts";

/** A subscriber that does not keep up, and a publisher with little room for it. */
const publisher = new Publisher({ sendHighWaterMark: 10 });
await publisher.bind("tcp://127.0.0.1:*");
const subscriber = new Subscriber({ receiveHighWaterMark: 10 });
subscriber.subscribe();
subscriber.connect(publisher.lastEndpoint!);
await publisher.waitForSubscribers();
for (let count = 0; count < 5000; count++) await publisher.send(Buffer.alloc(10_000));
print(publisher.explain());

publisher.linger = 0;
await publisher.close();
await subscriber.close();
