import { Dealer, Request, Router, ZmqError } from "../src/index.ts";

/**
 * `request()` sends again what got no reply, elsewhere if it can, and gives up with a sentence that says why. Here two
 * servers share the work, and one of them says nothing.
 */
const servers = [new Router(), new Router()];
for (const server of servers) await server.bind("tcp://127.0.0.1:*");
const [silent, lively] = servers;

async function serve(router: Router): Promise<void> {
  for await (const [client, id, empty, question] of router) {
    await router.send([client, id, empty, `${question}? Yes!`]);
  }
}
async function ignore(router: Router): Promise<void> {
  for await (const _ of router);
}
const serving = Promise.all([ignore(silent), serve(lively)]);

const client = new Dealer();
for (const server of servers) client.connect(server.lastEndpoint!);
await client.waitForPeers(2);

const questions = ["ready", "steady", "go"];
const answers = await Promise.all(
  questions.map((question) => client.request(question, { timeoutMs: 200, retries: 2 })),
);
for (const [answer] of answers) console.log(answer.toString());
await client.close();

const lonely = new Request();
lonely.connect(silent.lastEndpoint!);
try {
  await lonely.request("anybody there", { timeoutMs: 100, retries: 1 });
} catch (error) {
  if (error instanceof ZmqError) console.log(`${error.code}: ${error.message.replace(/\d+ ms/, "some ms")}`);
}

await lonely.close();
for (const server of servers) await server.close();
await serving;
