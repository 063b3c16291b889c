import { Pull, Push } from "../src/index.ts";

/** Work for whoever is free: tasks go out to the workers in turn, their results come together in one place. */
const tasks = new Push({ sendHighWaterMark: 10 });
const results = new Pull();
await tasks.bind("tcp://127.0.0.1:*");
await results.bind("tcp://127.0.0.1:*");

async function work(name: string): Promise<void> {
  using input = new Pull({ receiveHighWaterMark: 1 });
  using output = new Push();
  input.connect(tasks.lastEndpoint!);
  output.connect(results.lastEndpoint!);
  for await (const [task] of input) {
    if (task.length === 0) break;
    await output.send([name, `${Number(task) ** 2}`]);
  }
}
const workers = ["ann", "bob", "eve"].map(work);
await tasks.waitForPeers(workers.length);

for (let number = 1; number <= 9; number++) await tasks.send(number);

let sum = 0;
const shares = new Map<string, number>();
for (let count = 0; count < 9; count++) {
  const [worker, square] = await results.receive();
  sum += Number(square);
  shares.set(`${worker}`, (shares.get(`${worker}`) ?? 0) + 1);
}
console.log(`the squares of 1 to 9 add up to ${sum}`);
for (const [name, count] of [...shares].sort()) console.log(`${name} did ${count} of them`);

// An empty task sends a worker home.
for (const _ of workers) await tasks.send(null);
await Promise.all(workers);
await tasks.close();
await results.close();
