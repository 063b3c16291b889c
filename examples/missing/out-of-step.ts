import { Reply, Request } from "../../src/index.ts";
import { print } from "./print.ts";

/** Two requests in a row, and an error that nobody looks at. */
const reply = new Reply();
await reply.bind("tcp://127.0.0.1:*");
const request = new Request();
request.connect(reply.lastEndpoint!);
await request.send("one");
await request.send("two").catch(() => undefined);
print(request.explain());

await reply.receive();
await reply.send("done");
await request.receive();
await request.close();
await reply.close();
