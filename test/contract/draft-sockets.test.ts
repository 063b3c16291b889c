// What every pair of the draft types with messages of one frame promises, over each transport, whoever binds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { chooseSeed, Random } from "../../fuzz/random.ts";
import { Channel, Client, Gather, Peer, Scatter, Server } from "../../src/draft.ts";
import { context, type Socket } from "../../src/index.ts";
import { greeting, message, ready } from "../peers/octets.ts";
import { RawPeer } from "../peers/raw-peer.ts";
import {
  anyEndpoint,
  assertLaw,
  closing,
  codeOf,
  join,
  lostOf,
  TRANSPORTS,
  turns,
  until,
} from "../peers/sockets.ts";

/** The same for types with routing ids and without: a side learns whom to answer from what it hears. */
interface Side {
  readonly socket: Socket;
  send(body: string | Buffer): Promise<void>;
  trySend(body: string | Buffer): boolean;
  receive(): Promise<string>;
  tryReceive(): string | undefined;
}

type Plain = Client | Channel | Scatter | Gather;

function plain(socket: Plain): Side {
  const sender = socket as Client;
  const receiver = socket as Client;
  return {
    socket,
    send: (body) => sender.send(body),
    trySend: (body) => sender.trySend(body),
    receive: async () => String((await receiver.receive({ timeoutMs: 10_000 }))[0]),
    tryReceive: () => receiver.tryReceive()?.[0]?.toString(),
  };
}

function routed(socket: Server | Peer): Side {
  const label = { routingId: 0 };
  return {
    socket,
    send: (body) => socket.send(body, label),
    trySend: (body) => socket.trySend(body, label),
    receive: async () => {
      const [body, { routingId }] = await socket.receive({ timeoutMs: 10_000 });
      label.routingId = routingId;
      return body.toString();
    },
    tryReceive: () => {
      const found = socket.tryReceive();
      if (found !== undefined) label.routingId = found[1].routingId;
      return found?.[0].toString();
    },
  };
}

interface Pairing {
  readonly name: string;
  /** Who speaks first, and who hears it. */
  open(first: object, second: object): readonly [Side, Side];
  readonly isOneWay?: boolean;
}

const PAIRINGS: readonly Pairing[] = [
  { name: "CLIENT and SERVER", open: (a, b) => [plain(new Client(a)), routed(new Server(b))] },
  { name: "CHANNEL and CHANNEL", open: (a, b) => [plain(new Channel(a)), plain(new Channel(b))] },
  {
    name: "SCATTER and GATHER",
    open: (a, b) => [plain(new Scatter(a)), plain(new Gather(b))],
    isOneWay: true,
  },
];

const COUNT = 200;

async function talk(sender: Side, receiver: Side): Promise<void> {
  const bodies = Array.from({ length: COUNT }, (_, i) => `${i}`.padEnd((i * 97) % 3000, "."));
  const sending = (async () => {
    for (const body of bodies) await sender.send(body);
  })();
  for (const body of bodies) assert.equal(await receiver.receive(), body);
  await sending;
}

for (const { name, open, isOneWay = false } of PAIRINGS) {
  for (const transport of TRANSPORTS) {
    for (const bound of [0, 1] as const) {
      test(`${name} over ${transport}, the ${bound === 0 ? "first" : "second"} bound: messages pass whole and in order, and are counted`, async (t) => {
        const sides = open({}, {});
        for (const { socket } of sides) closing(t, socket);
        await join(sides[bound].socket, sides[1 - bound]!.socket, transport);
        await talk(sides[0], sides[1]);
        if (!isOneWay) await talk(sides[1], sides[0]);
        const [first, second] = sides.map(({ socket }) => socket);
        await until("all counts", () => sides.every(({ socket }) => socket.stats().sent.queued === 0));
        assert.equal(first!.stats().sent.delivered, COUNT);
        assert.equal(second!.stats().received.delivered, COUNT);
        for (const { socket } of sides) {
          assertLaw(socket.stats());
          assert.equal(lostOf(socket.stats().received) + lostOf(socket.stats().sent), 0);
          assert.deepEqual(socket.explain(), []);
        }
      });
    }

    test(`${name} over ${transport}: a mark holds, nothing is lost, and a send waits`, async (t) => {
      const sides = open({ sendHighWaterMark: 2, linger: 0 }, { receiveHighWaterMark: 2 });
      for (const { socket } of sides) closing(t, socket);
      await join(sides[1].socket, sides[0].socket, transport);
      const [sender, receiver] = sides;
      let sentCount = 0;
      const body = (count: number): string => `${count}`.padEnd(300_000);
      // What the system takes on the way counts for nobody: full is what stays so.
      for (let quiet = 0; quiet < 20 && sentCount < 500; quiet++) {
        while (sender.trySend(body(sentCount))) {
          sentCount++;
          quiet = 0;
        }
        assert.ok(sender.socket.stats().sent.queued <= 4);
        await turns(2);
      }
      assert.ok(sentCount < 500, "never full");
      const waiting = sender.send(body(sentCount++));
      for (let i = 0; i < sentCount; i++) assert.equal(await receiver.receive(), body(i));
      await waiting;
      assertLaw(sender.socket.stats());
      assert.equal(lostOf(sender.socket.stats().sent), 0);
    });
  }

  test(`${name}: what was sent goes out within linger, or is counted`, async () => {
    const [sender, receiver] = open({}, {});
    await receiver.socket.bind(anyEndpoint("tcp"));
    sender.socket.connect(receiver.socket.lastEndpoint as string);
    await sender.send("in time");
    const [body, { stats }] = await Promise.all([receiver.receive(), sender.socket.close()]);
    assert.deepEqual([body, stats.sent.delivered], ["in time", 1]);
    await receiver.socket.close();
    const [hasty] = open({ linger: 0 }, {});
    hasty.socket.connect("tcp://127.0.0.1:9");
    await hasty.send("too late");
    const report = await hasty.socket.close();
    assert.equal(report.stats.sent.dropped.linger, 1);
    assertLaw(report.stats);
  });
}

for (const transport of TRANSPORTS) {
  for (const isBinderFirst of [true, false]) {
    test(`PEER and PEER over ${transport}, ${isBinderFirst ? "bound" : "connected"} first: each names the other by a number of its own`, async (t) => {
      const [here, there] = [closing(t, new Peer()), closing(t, new Peer())];
      const probe = closing(t, new Peer());
      await probe.bind(anyEndpoint(transport));
      const endpoint = probe.lastEndpoint as string;
      await probe.close();
      if (isBinderFirst) await there.bind(endpoint);
      const routingId = await here.connectPeer(endpoint);
      for (let i = 0; i < 20; i++) await here.send(`${i}`, { routingId });
      if (!isBinderFirst) await there.bind(endpoint);
      for (let i = 0; i < 20; i++) {
        const [body, from] = await there.receive({ timeoutMs: 10_000 });
        assert.equal(body.toString(), `${i}`);
        await there.send(`re ${i}`, from);
        const [answer, label] = await here.receive({ timeoutMs: 10_000 });
        assert.deepEqual([answer.toString(), label], [`re ${i}`, { routingId }]);
      }
      for (const socket of [here, there]) assertLaw(socket.stats());
      assert.deepEqual(here.explain(), []);
    });
  }

  test(`a SERVER over ${transport} knows its clients apart, and waits for a full one alone`, async (t) => {
    const server = closing(t, new Server({ sendHighWaterMark: 1, linger: 0 }));
    await server.bind(anyEndpoint(transport));
    const clients = [0, 1, 2].map(() => closing(t, new Client({ receiveHighWaterMark: 1 })));
    const numbers: number[] = [];
    for (const client of clients) {
      client.connect(server.lastEndpoint as string);
      await client.send("hello");
      numbers.push((await server.receive({ timeoutMs: 10_000 }))[1].routingId);
    }
    assert.equal(new Set(numbers).size, 3);
    const [full, other, third] = numbers as [number, number, number];
    const body = Buffer.alloc(500_000);
    // What the system takes on the way counts for nobody: full is what stays so.
    for (let quiet = 0; quiet < 5; quiet++) {
      while (server.trySend(body, { routingId: full })) quiet = 0;
      await sleep(20);
    }
    assert.equal(server.trySend("past it", { routingId: other }), true);
    assert.equal(String(await clients[1]!.receive({ timeoutMs: 10_000 })), "past it");
    assert.equal(await codeOf(server.send(body, { routingId: full, timeoutMs: 5 })), "EAGAIN");
    await clients[2]!.close();
    await until("it is gone", () => {
      try {
        server.trySend("x", { routingId: third });
        return false;
      } catch (error) {
        return (error as { code: string }).code === "EHOSTUNREACH";
      }
    });
    assertLaw(server.stats());
  });

  test(`over ${transport} the law holds while peers come, go and send what is dropped`, async (t) => {
    const seed = chooseSeed(process.env.SEED);
    t.diagnostic(`SEED=${seed}`);
    const random = new Random(seed);
    const server = closing(
      t,
      new Server({ sendHighWaterMark: 3, receiveHighWaterMark: 3, linger: 0, disconnectMessage: "gone" }),
    );
    await server.bind(anyEndpoint(transport));
    let clients: Client[] = [];
    const gone: Client[] = [];
    const heard: number[] = [];
    const options = { sendHighWaterMark: 3, receiveHighWaterMark: 3, reconnectInterval: 1, linger: 0 };
    for (let step = 0; step < 250; step++) {
      const choice = random.below(100);
      if (choice < 10 || clients.length === 0) {
        const client = new Client({ ...options, helloMessage: "hello", hiccupMessage: "hiccup" });
        client.connect(server.lastEndpoint as string);
        clients.push(client);
      } else if (choice < 15) {
        const client = random.pick(clients);
        clients = clients.filter((one) => one !== client);
        gone.push(client);
        void client.close();
      } else if (choice < 18 && heard.length > 0) {
        attempt(() => server.disconnectPeer(random.pick(heard)));
      } else if (choice < 50) {
        random.pick(clients).trySend("x".repeat(random.below(3000)));
      } else if (choice < 65 && heard.length > 0) {
        attempt(() => server.trySend("y".repeat(random.below(3000)), { routingId: random.pick(heard) }));
      } else if (choice < 85) {
        const found = server.tryReceive();
        if (found !== undefined) heard.push(found[1].routingId);
        random.pick(clients).tryReceive();
      } else await turns(random.below(4));
      if (step % 10 === 0)
        for (const socket of [server, ...clients, ...gone])
          assertLaw(socket.stats(), `SEED=${seed}, step ${step}`);
    }
    await Promise.all([server, ...clients].map((socket) => socket.close()));
    for (const socket of [server, ...clients, ...gone]) {
      assertLaw(socket.stats(), `SEED=${seed}, closed`);
      const { sent, received } = socket.stats();
      assert.equal(sent.queued + received.queued, 0);
    }
  });
}

function attempt(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    assert.equal((error as { code: string }).code, "EHOSTUNREACH");
  }
}

for (const [theirType, makeOurs] of [
  ["CLIENT", () => routed(new Server())],
  ["SERVER", () => plain(new Client())],
  ["SCATTER", () => plain(new Gather())],
  ["PEER", () => routed(new Peer())],
  ["CHANNEL", () => plain(new Channel())],
] as const) {
  test(`a ${theirType} that sends messages of more frames loses those alone, and they are counted (B120)`, async (t) => {
    const ours = makeOurs();
    closing(t, ours.socket);
    await ours.socket.bind("tcp://127.0.0.1:*");
    const peer = await RawPeer.connect(ours.socket.lastEndpoint);
    t.after(() => peer.destroy());
    peer.send(greeting(), ready(theirType));
    peer.send(message("1"), message("2", "more"), message("", "", ""), message("3"));
    assert.deepEqual([await ours.receive(), await ours.receive()], ["1", "3"]);
    await until("they are counted", () => ours.socket.stats().received.dropped.protocol === 2);
    assertLaw(ours.socket.stats());
    const codes = ours.socket.explain().map(({ code }) => code);
    assert.deepEqual(codes, ["protocol-drop"]);
    assert.equal(
      context.explain().some(({ code }) => code === "protocol-drop"),
      true,
    );
  });
}

for (const [ourType, theirType, makeOurs] of [
  ["SERVER", "CLIENT", () => routed(new Server())],
  ["CLIENT", "SERVER", () => plain(new Client())],
  ["PEER", "PEER", () => routed(new Peer())],
  ["CHANNEL", "CHANNEL", () => plain(new Channel())],
  ["GATHER", "SCATTER", () => plain(new Gather())],
  ["SCATTER", "GATHER", () => plain(new Scatter())],
] as const) {
  test(`a ${ourType} says so on the wire, and a message is one frame there, its body alone`, async (t) => {
    const ours = makeOurs();
    closing(t, ours.socket);
    await ours.socket.bind("tcp://127.0.0.1:*");
    const peer = await RawPeer.connect(ours.socket.lastEndpoint);
    t.after(() => peer.destroy());
    await peer.handshake(theirType);
    assert.match(peer.texts[0] as string, new RegExp(`Socket-Type.{4}${ourType}`, "s"));
    assert.equal(peer.texts[0]?.includes("Identity"), false);
    if (ourType !== "SCATTER") {
      peer.send(message("question"));
      assert.equal(await ours.receive(), "question");
    }
    if (ourType === "GATHER") return;
    await ours.socket.waitForPeers();
    await ours.send("answer");
    await peer.heard(() => peer.frames.length === 2);
    const { flags, body } = peer.frames[1]!;
    assert.deepEqual([flags, Buffer.from(body).toString()], [0, "answer"]);
  });

  test(`a ${ourType} and a DEALER do not meet`, async (t) => {
    const ours = makeOurs();
    closing(t, ours.socket);
    await ours.socket.bind("tcp://127.0.0.1:*");
    const peer = await RawPeer.connect(ours.socket.lastEndpoint);
    t.after(() => peer.destroy());
    peer.send(greeting(), ready("DEALER"), message("work"));
    assert.equal(await peer.ends(5_000), true);
    assert.equal(ours.socket.stats().received.accepted, 0);
  });
}

for (const transport of TRANSPORTS) {
  test(`a GATHER over ${transport} that conflates has the newest message alone`, async (t) => {
    const scatter = closing(t, new Scatter());
    const gather = closing(t, new Gather({ conflate: true }));
    await join(gather, scatter, transport);
    for (let i = 0; i < 20; i++) await scatter.send(`${i}`);
    await until("all", () => gather.stats().received.accepted === 20);
    assert.equal(gather.tryReceive()?.[0]?.toString(), "19");
    assertLaw(gather.stats());
  });
}
