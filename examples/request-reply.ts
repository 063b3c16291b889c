import { Reply, Request } from "../src/index.ts";

/** A question, its answer, the next question. Either side may bind; each usually lives in a process of its own. */
const server = new Reply();
await server.bind("tcp://127.0.0.1:*");

async function serve(): Promise<void> {
  for await (const [question] of server) {
    await server.send(`hello, ${question}`);
  }
}
const serving = serve();

const client = new Request();
client.connect(server.lastEndpoint!);
for (const name of ["world", "moon"]) {
  await client.send(name);
  const [answer] = await client.receive();
  console.log(answer.toString());
}

await client.close();
await server.close();
await serving;
