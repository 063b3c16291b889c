/** The answering thread of bench/trips.ts: it sends back what comes. */
import type { MessagePort } from "node:worker_threads";
import { parentPort, workerData } from "node:worker_threads";
import { BareTurn } from "./bare-turn.ts";
import type { BlockingSocket } from "./library.ts";
import { loadLibrary } from "./library.ts";

export interface EchoData {
  kind: "ours" | "port" | "turn";
  mode: string;
  /** "pair" or "reqrep". */
  pattern: string;
  memory?: SharedArrayBuffer;
  port?: MessagePort;
}

const data = workerData as EchoData;
const ready = (): void => parentPort!.postMessage("ready");

async function echo(socket: BlockingSocket): Promise<void> {
  for (;;) {
    const message = await socket.receive();
    await socket.send(message[0]);
  }
}

function echoSync(socket: BlockingSocket): void {
  for (;;) socket.sendSync(socket.receiveSync()[0]);
}

async function ours(): Promise<void> {
  const library = await loadLibrary("ours");
  const socket = data.pattern === "pair" ? new library.Pair() : new library.Reply();
  socket.connect("inproc://trips");
  ready();
  if (data.mode === "sync") echoSync(socket);
  else await echo(socket);
}

function turns(): void {
  const turn = new BareTurn(data.memory!);
  ready();
  for (let at = 1; ; at += 2) {
    turn.await(at | 0);
    turn.give((at + 1) | 0);
  }
}

if (data.kind === "ours") {
  await ours();
} else if (data.kind === "turn") {
  turns();
} else {
  const port = data.port!;
  port.on("message", (body) => port.postMessage(body));
  ready();
}
