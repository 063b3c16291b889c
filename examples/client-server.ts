import { Client, Server } from "../src/draft.ts";

/** Each client is answered by its number, and the server learns who comes and who leaves without asking. */
const server = new Server({ disconnectMessage: "bye" });
await server.bind("tcp://127.0.0.1:*");

const names = new Map<number, string>();

async function serve(): Promise<void> {
  let leftCount = 0;
  for await (const [message, { routingId }] of server) {
    const text = message.toString();
    const name = names.get(routingId);
    if (name === undefined) names.set(routingId, text);
    else if (text !== "bye") await server.send(`${text}, ${name}`, { routingId });
    else if (names.delete(routingId) && ++leftCount === 2) return;
  }
}
const serving = serve();

for (const name of ["Ann", "Bob"]) {
  const client = new Client({ helloMessage: name });
  client.connect(server.lastEndpoint!);
  for (const greeting of ["good morning", "good night"]) {
    await client.send(greeting);
    const [answer] = await client.receive();
    console.log(answer.toString());
  }
  await client.close();
}

await serving;
console.log(`all have left: ${names.size} names are known`);
await server.close();
