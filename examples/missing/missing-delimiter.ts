import { Dealer, Reply } from "../../src/index.ts";
import { print } from "./print.ts";

/** A DEALER that sends to a REP without the empty frame. */
const reply = new Reply();
await reply.bind("tcp://127.0.0.1:*");
const dealer = new Dealer();
dealer.connect(reply.lastEndpoint!);
await dealer.send("without it");
await dealer.send([null, "with it"]);
console.log(`received: ${await reply.receive()}`);
print(reply.explain());

await reply.send("thanks");
await dealer.receive();
await dealer.close();
await reply.close();
