import { Pull, Push } from "../src/index.ts";

/** What happens to a socket's connections: libzmq calls this a monitor. */
const server = new Pull();
await server.bind("tcp://127.0.0.1:*");
const client = new Push({ reconnectInterval: 50 });

async function watch(): Promise<void> {
  for await (const event of client.events) {
    console.log(`client: ${event.type}`);
    if (event.type !== "connect:retry") continue;
    console.log(
      `the next attempt comes in 50 ms or ${event.interval < 100 ? "a little more" : "a good deal more"}`,
    );
    return;
  }
}
const watching = watch();

client.connect(server.lastEndpoint!);
await client.waitForPeers();
await server.close();
await watching;
await client.close();
