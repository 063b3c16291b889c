import { Router } from "../../src/index.ts";
import { print } from "./print.ts";

/** A ROUTER that sends an id and nothing behind it. */
const router = new Router();
await router.bind("tcp://127.0.0.1:*");
await router.send("client");
print(router.explain());
await router.close();
