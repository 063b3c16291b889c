import { context, Push } from "../../src/index.ts";
import { print } from "./print.ts";

/** A socket that closes before its message is sent. */
const push = new Push({ linger: 50 });
push.connect("tcp://127.0.0.1:1");
await push.send("for whom?");
await push.close();
// The socket is closed, and its context remembers.
print(context.explain());
