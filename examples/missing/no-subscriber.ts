import { Publisher } from "../../src/index.ts";
import { print } from "./print.ts";

/** A publisher to whom nobody listens. */
const publisher = new Publisher();
await publisher.bind("tcp://127.0.0.1:*");
await publisher.send("is anybody there?");
print(publisher.explain());
await publisher.close();
