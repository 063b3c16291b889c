import { setTimeout as sleep } from "node:timers/promises";
import { Authenticator, Pull, Push } from "../../src/index.ts";
import { print } from "./print.ts";

/** A server that wants a name and a password, and a client that has none. */
const authenticator = new Authenticator({ plain: new Map([["joe", "secret"]]) });
const pull = new Pull({ plainServer: true });
await pull.bind("tcp://127.0.0.1:*");
const push = new Push();
push.connect(pull.lastEndpoint!);
while (push.explain().length === 0) await sleep(5);
print(push.explain());

await push.close();
await pull.close();
await authenticator.close();
