import { setTimeout as sleep } from "node:timers/promises";
import { curveKeyPair, Pull, Push } from "../../src/index.ts";
import { print } from "./print.ts";

/** A client of CURVE that was given the key of another server. */
const server = curveKeyPair();
const other = curveKeyPair();
const client = curveKeyPair();
const pull = new Pull({ curveServer: true, curveSecretKey: server.secretKey });
await pull.bind("tcp://127.0.0.1:*");
const push = new Push({ curveServerKey: other.publicKey, curveSecretKey: client.secretKey });
push.connect(pull.lastEndpoint!);
// The server does not say why it closes; twice is no accident.
while (push.explain().length === 0) await sleep(5);
print(push.explain());

await push.close();
await pull.close();
