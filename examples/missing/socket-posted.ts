import { Push } from "../../src/index.ts";
import { print } from "./print.ts";

/** A socket that is to go to another thread. */
const push = new Push();
const { port1 } = new MessageChannel();
try {
  port1.postMessage(push);
} catch (error) {
  console.log((error as Error).message);
}
print(push.explain());
await push.close();
