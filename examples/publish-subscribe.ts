import { Publisher, Subscriber } from "../src/index.ts";

/**
 * To all who want it. What is published before a subscription has arrived is lost, so a publisher that must not lose the
 * beginning waits for its subscribers.
 */
const publisher = new Publisher();
await publisher.bind("tcp://127.0.0.1:*");

const subscriber = new Subscriber();
subscriber.connect(publisher.lastEndpoint!);
subscriber.subscribe("weather.");

await publisher.waitForSubscribers(1, "weather.", { timeoutMs: 5000 });
await publisher.send(["news.sport", "nobody here wants this"]);
await publisher.send(["weather.rome", "sunny"]);
await publisher.send(["weather.oslo", "snow"]);

for (let count = 0; count < 2; count++) {
  const [topic, text] = await subscriber.receive();
  console.log(`${topic}: ${text}`);
}

await subscriber.close();
await publisher.close();
