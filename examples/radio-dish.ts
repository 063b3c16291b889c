import { Dish, Radio } from "../src/draft.ts";

/** One radio, two dishes: over tcp a dish gets what is sent to its groups, over udp it takes that out of all that comes. */
const near = new Dish();
near.join("weather", "traffic");
await near.bind("udp://127.0.0.1:*");

const far = new Dish();
far.join("weather");

const radio = new Radio();
await radio.bind("tcp://127.0.0.1:*");
far.connect(radio.lastEndpoint!);
radio.connect(near.lastEndpoint!);
await radio.waitForSubscribers(2, "weather");

await radio.send("sunny", { group: "weather" });
await radio.send("a jam in the tunnel", { group: "traffic" });
await radio.send("hush", { group: "weather.secret" });

for (const [name, dish, count] of [
  ["over udp", near, 2],
  ["over tcp", far, 1],
] as const) {
  for (let i = 0; i < count; i++) {
    const [message, { group }] = await dish.receive();
    console.log(`${name}: ${group}: ${message}`);
  }
}

await Promise.all([radio, near, far].map((socket) => socket.close()));
