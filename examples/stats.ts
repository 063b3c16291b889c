import { Publisher, Subscriber } from "../src/index.ts";

/** Every message is accounted for: accepted = delivered + queued + dropped, and each drop has a reason. */
const publisher = new Publisher();
await publisher.bind("tcp://127.0.0.1:*");
const subscriber = new Subscriber();
subscriber.connect(publisher.lastEndpoint!);
subscriber.subscribe("a");
await publisher.waitForSubscribers(1, "a");

for (const topic of ["a", "b", "a", "c", "a"]) await publisher.send([topic, "text"]);
for (let count = 0; count < 3; count++) await subscriber.receive();

const { sent, peers } = publisher.stats();
const dropped = Object.entries(sent.dropped).filter(([, count]) => count > 0);
console.log(`accepted ${sent.accepted} = delivered ${sent.delivered} + queued ${sent.queued} + dropped:`);
for (const [reason, count] of dropped) console.log(`  ${reason} ${count}`);
for (const { socketType, sent } of peers) console.log(`peer ${socketType}: delivered ${sent.delivered}`);
console.log(`subscriber: delivered ${subscriber.stats().received.delivered}`);

await subscriber.close();
await publisher.close();
