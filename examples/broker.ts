import * as zmq from "../src/index.ts";

/** Clients and workers that know only the broker: a ROUTER for the clients, a DEALER for the workers, a proxy between. */
const front = new zmq.Router();
const back = new zmq.Dealer();
await front.bind("tcp://127.0.0.1:*");
await back.bind("tcp://127.0.0.1:*");
const broker = new zmq.Proxy(front, back);
const running = broker.run();

const workers = [new zmq.Reply(), new zmq.Reply()];
const working = workers.map(async (worker, index) => {
  worker.connect(back.lastEndpoint!);
  for await (const [client, question] of worker) {
    await worker.send(`worker ${index + 1} answers ${client}: ${question}!`);
  }
});
await back.waitForPeers(workers.length);

for (const name of ["client A", "client B"]) {
  const client = new zmq.Request();
  client.connect(front.lastEndpoint!);
  for (const question of ["one", "two"]) {
    await client.send([name, question]);
    const [answer] = await client.receive();
    console.log(answer.toString());
  }
  await client.close();
}

broker.terminate();
await running;
for (const worker of workers) await worker.close();
await Promise.all(working);
