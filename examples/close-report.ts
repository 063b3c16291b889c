import { context, Pull, Push } from "../src/index.ts";

/**
 * `close()` tells what became of the messages that were still under way, within the time that `linger` gives them. That
 * is enough here: nothing need be told on stderr besides.
 */
context.warnings = false;
const heard = new Push({ linger: 1000 });
const unheard = new Push({ linger: 50 });
const receiver = new Pull();
await receiver.bind("tcp://127.0.0.1:*");

heard.connect(receiver.lastEndpoint!);
unheard.connect("tcp://127.0.0.1:1");
for (const socket of [heard, unheard]) {
  for (let count = 0; count < 5; count++) await socket.send(`message ${count}`);
}

for (const [name, socket] of Object.entries({ heard, unheard })) {
  const { sentCount, droppedCount, isLingerExpired } = await socket.close();
  console.log(
    `${name}: ${sentCount} sent, ${droppedCount} dropped${isLingerExpired ? ", linger ran out" : ""}`,
  );
}

for (let count = 0; count < 5; count++) console.log(`received ${(await receiver.receive()).join()}`);
await receiver.close();
