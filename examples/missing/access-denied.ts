import { setTimeout as sleep } from "node:timers/promises";
import { Authenticator, Pull, Push } from "../../src/index.ts";
import { print } from "./print.ts";

/** A client with a wrong password. */
const authenticator = new Authenticator({ plain: new Map([["joe", "secret"]]) });
const pull = new Pull({ plainServer: true });
await pull.bind("tcp://127.0.0.1:*");
const push = new Push({ plainUsername: "joe", plainPassword: "Secret" });
push.connect(pull.lastEndpoint!);
while (pull.explain().length === 0) await sleep(5);
print(pull.explain());

await push.close();
await pull.close();
await authenticator.close();
