import { Reply } from "../../src/index.ts";
import { print } from "./print.ts";

/** A port that is taken, and a rejection that nobody looks at. */
const first = new Reply();
await first.bind("tcp://127.0.0.1:*");
const second = new Reply();
await second.bind(first.lastEndpoint!).catch(() => undefined);
print(second.explain());

await second.close();
await first.close();
