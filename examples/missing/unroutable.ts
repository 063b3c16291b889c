import { Router } from "../../src/index.ts";
import { print } from "./print.ts";

/** A ROUTER that sends to somebody who is not there. */
const router = new Router();
await router.bind("tcp://127.0.0.1:*");
await router.send(["nobody", "hello"]);
print(router.explain());
await router.close();
