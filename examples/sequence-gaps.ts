import { context, Publisher, SequenceCounter, SequenceGaps, Subscriber } from "../src/index.ts";

/**
 * A publisher drops what a slow subscriber has no room for. It knows how many; the subscriber does not, unless messages are
 * numbered. What finds the gaps here reads what Bitcoin Core publishes just as well.
 */
// These are lost on purpose; elsewhere the warning is welcome.
context.warnings = false;

const publisher = new Publisher({ sendHighWaterMark: 10 });
await publisher.bind("inproc://prices");
const subscriber = new Subscriber({ receiveHighWaterMark: 10 });
subscriber.subscribe("price");
subscriber.connect("inproc://prices");
await publisher.waitForSubscribers();

const counter = new SequenceCounter();
for (let price = 100; price < 200; price++) {
  await publisher.send(counter.append(["price", String(price)]));
}

const gaps = new SequenceGaps();
for (let count = 0; count < 20; count++) gaps.check(await subscriber.receive());
console.log(`${gaps.totals.receivedCount} came, and nothing says that more were sent`);

await publisher.send(counter.append(["price", "200"]));
const gap = gaps.check(await subscriber.receive());
if (gap !== undefined) {
  console.log(`${gap.kind} in ${gap.topic}: expected ${gap.expected}, received ${gap.received}`);
  console.log(`missed ${gap.missedCount}, dropped ${publisher.stats().sent.dropped.hwm}`);
}

await subscriber.close();
await publisher.close();
