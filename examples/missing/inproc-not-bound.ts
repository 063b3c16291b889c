import { Context, Pull, Push } from "../../src/index.ts";
import { print } from "./print.ts";

/** Two contexts, and one name. */
const here = new Context();
const there = new Context();
const pull = new Pull({ context: there });
await pull.bind("inproc://tasks");
const push = new Push({ context: here, linger: 0 });
push.connect("inproc://tasks");
await push.send("for whom?");
print(push.explain());

await push.close();
await pull.close();
