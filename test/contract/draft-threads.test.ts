// The draft types between threads: each thread has a socket of its own, joined over inproc.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { Client, Peer, Server } from "../../src/draft.ts";
import { assertLaw, closing } from "../peers/sockets.ts";

const PATIENCE = { timeoutMs: 10_000 };

interface Order {
  readonly name: string;
  readonly role: "client" | "server" | "peer";
}

if (isMainThread) {
  test("a SERVER answers CLIENTs of other threads, hears who they are first, and that they left last", async (t) => {
    const server = closing(t, new Server({ helloMessage: "welcome", disconnectMessage: "gone" }));
    await server.bind("inproc://drafts-server");
    const workers = [start("inproc://drafts-server", "client"), start("inproc://drafts-server", "client")];
    const heard = new Map<number, string[]>();
    while ([...heard.values()].flat().length < 10) {
      const [body, { routingId }] = await server.receive(PATIENCE);
      heard.set(routingId, [...(heard.get(routingId) ?? []), body.toString()]);
      if (/\d/.test(body.toString())) await server.send(`re ${body}`, { routingId });
    }
    assert.equal(heard.size, 2);
    for (const texts of heard.values()) assert.deepEqual(texts, ["hello", "1", "2", "3", "gone"]);
    await Promise.all(workers);
    assertLaw(server.stats());
  });

  test("a CLIENT asks a SERVER of another thread that is bound later", async (t) => {
    const client = closing(t, new Client({ helloMessage: "hello" }));
    client.connect("inproc://drafts-later");
    await client.send("question");
    const worker = start("inproc://drafts-later", "server");
    const [greeting] = await client.receive(PATIENCE);
    const [answer] = await client.receive(PATIENCE);
    assert.deepEqual([greeting.toString(), answer.toString()], ["welcome", "re hello question"]);
    await worker;
    assertLaw(client.stats());
  });

  test("PEERs of two threads name each other by numbers of their own", async (t) => {
    const peer = closing(t, new Peer());
    await peer.bind("inproc://drafts-peer");
    const worker = start("inproc://drafts-peer", "peer");
    const [body, from] = await peer.receive(PATIENCE);
    await peer.send(`re ${body}`, from);
    const [last, same] = await peer.receive(PATIENCE);
    assert.deepEqual([last.toString(), same], ["thanks", from]);
    await worker;
    assertLaw(peer.stats());
  });
} else {
  const { name, role } = workerData as Order;
  if (role === "client") await beClient(name);
  else if (role === "server") await beServer(name);
  else await bePeer(name);
}

/** Resolves when the thread has ended well. */
function start(name: string, role: Order["role"]): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { name, role } satisfies Order });
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`exit code ${code}`))));
  });
}

async function beClient(name: string): Promise<void> {
  const client = new Client({ helloMessage: "hello" });
  client.connect(name);
  const [greeting] = await client.receive(PATIENCE);
  assert.equal(greeting.toString(), "welcome");
  for (const text of ["1", "2", "3"]) {
    await client.send(text);
    assert.equal(String((await client.receive(PATIENCE))[0]), `re ${text}`);
  }
  await client.close();
}

async function beServer(name: string): Promise<void> {
  const server = new Server({ helloMessage: "welcome" });
  await server.bind(name);
  const texts: string[] = [];
  let label = { routingId: 0 };
  while (texts.length < 2) {
    const [body, from] = await server.receive(PATIENCE);
    texts.push(body.toString());
    label = from;
  }
  await server.send(`re ${texts.join(" ")}`, label);
  await server.close();
}

async function bePeer(name: string): Promise<void> {
  const peer = new Peer();
  const routingId = await peer.connectPeer(name);
  await peer.send("hello", { routingId });
  const [answer, from] = await peer.receive(PATIENCE);
  assert.deepEqual([answer.toString(), from], ["re hello", { routingId }]);
  await peer.send("thanks", from);
  await peer.close();
}
