import { isMainThread, threadId, Worker } from "node:worker_threads";
import { Dealer, Proxy, Reply, Request, Router } from "../src/index.ts";

/**
 * A server with several threads behind one endpoint: a ROUTER for the clients, a DEALER for the threads, a proxy
 * between, and plain REP sockets that know of nothing but questions and answers. Clients talk TCP, threads inproc.
 */
if (isMainThread) {
  const front = new Router();
  const back = new Dealer();
  await front.bind("tcp://127.0.0.1:*");
  await back.bind("inproc://answers");
  const server = new Proxy(front, back);
  const running = server.run();
  const threads = [1, 2, 3].map(() => new Worker(new URL(import.meta.url)));
  await back.waitForPeers(threads.length);

  const clients = ["A", "B"].map(async (name) => {
    const answers: string[] = [];
    const client = new Request();
    client.connect(front.lastEndpoint!);
    for (const question of ["one", "two", "three"]) {
      await client.send(`client ${name}, question ${question}`);
      const [answer] = await client.receive();
      answers.push(answer.toString());
    }
    await client.close();
    return answers;
  });
  for (const answers of await Promise.all(clients)) for (const answer of answers) console.log(answer);

  server.terminate();
  await running;
  await Promise.all(threads.map((thread) => thread.terminate()));
} else {
  const reply = new Reply();
  reply.connect("inproc://answers");
  for await (const [question] of reply) await reply.send(`${question}: answered by thread ${threadId}`);
}
