// Sockets in a thread of their own: the test tells what they do. The other half is inproc-far.ts.

import { parentPort, workerData } from "node:worker_threads";
import type { ContextHandle, Socket } from "../../src/index.ts";
import * as zmq from "../../src/index.ts";
import type { FarCall, FarReply } from "./inproc-far.ts";

type Anything = Socket & zmq.Dealer & zmq.Subscriber;

const port = parentPort as NonNullable<typeof parentPort>;
const gate = new Int32Array(workerData as SharedArrayBuffer);
const sockets = new Map<number, Anything>();

type SocketClass = new (options: object) => Anything;

/** Messages `number text`, from 0. */
async function flood(socket: Anything, count: number, text: string): Promise<void> {
  for (let i = 0; i < count; i += 500) {
    const batch = Array.from({ length: Math.min(500, count - i) }, (_, k) => `${i + k} ${text}`);
    await socket.sendMany(batch);
  }
}

/** Receives messages of a flood, so many or until it is over: how many came, each in its place. */
async function drain(socket: Anything, count: number): Promise<number> {
  let next = 0;
  while (next < count) {
    for (const [body] of await socket.receiveMany()) {
      const number = Number.parseInt((body as Buffer).toString("latin1", 0, 12), 10);
      if (number !== next++) throw new Error(`message ${number} came in the place of ${next - 1}`);
    }
  }
  return next;
}

/** All threads that race stand here until the last has come. */
function meet(count: number): void {
  Atomics.add(gate, 0, 1);
  Atomics.notify(gate, 0);
  for (let seen = Atomics.load(gate, 0); seen < count; seen = Atomics.load(gate, 0))
    Atomics.wait(gate, 0, seen, 1000);
}

/** The names that this socket got, of those that all tried to get at once. */
function race(socket: Anything, count: number, names: readonly string[]): string[] {
  meet(count);
  return names.filter((name) => {
    try {
      socket.bindSync(`inproc://${name}`);
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === "EADDRINUSE") return false;
      throw error;
    }
  });
}

const calls: Readonly<Record<string, (socket: Anything, ...values: never[]) => unknown>> = {
  bind: (socket, endpoint: string) => socket.bind(endpoint),
  connect: (socket, endpoint: string) => socket.connect(endpoint),
  unbind: (socket, endpoint: string) => socket.unbind(endpoint),
  disconnect: (socket, endpoint: string) => socket.disconnect(endpoint),
  close: (socket) => void socket.close(),
  subscribe: (socket) => socket.subscribe(""),
  send: (socket, message: string[]) => socket.send(message),
  fill: (socket, limit: number) => {
    let count = 0;
    while (count < limit && socket.trySend(`m${count}`)) count++;
    return count;
  },
  receive: async (socket) => (await socket.receive()).map(String),
  tryReceive: (socket) => socket.tryReceive()?.map(String),
  peers: (socket) => socket.peers.map((peer) => ({ ...peer, routingId: String(peer.routingId) })),
  stats: (socket) => ({ ...socket.stats(), peers: [] }),
  waitForPeers: (socket, count: number) => socket.waitForPeers(count, { timeoutMs: 5000 }),
  flood: (socket, count: number, text: string) => flood(socket, count, text),
  floodForEver: (socket, text: string) =>
    void flood(socket, Number.POSITIVE_INFINITY, text).catch(() => undefined),
  drain: (socket, count: number) => drain(socket, count),
  race: (socket, count: number, names: string[]) => race(socket, count, names),
};

async function perform({ name, socket, values }: FarCall): Promise<unknown> {
  if (name === "open") {
    const [type, options, handle] = values as [string, object, ContextHandle];
    const context = zmq.Context.attach(handle);
    const Type = (zmq as unknown as Record<string, SocketClass>)[type] as SocketClass;
    sockets.set(socket, new Type({ ...options, linger: 0, context }));
    return undefined;
  }
  if (name === "block") {
    Atomics.store(gate, 1, 1);
    return void Atomics.wait(gate, 1, 1, values[0] as number);
  }
  if (name === "exit") return process.exit(0);
  const call = calls[name] as (socket: Anything, ...values: unknown[]) => unknown;
  return call(sockets.get(socket) as Anything, ...values);
}

port.on("message", (call: FarCall) => {
  const answer = (reply: Omit<FarReply, "turn">): void => port.postMessage({ turn: call.turn, ...reply });
  perform(call).then(
    (value) => answer({ value, error: null }),
    (error: Error) =>
      answer({ value: undefined, error: { code: (error as { code?: string }).code, text: String(error) } }),
  );
});
