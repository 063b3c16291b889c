// Nothing is found where nothing is wrong: every legal pair, over every transport, either of them bound, either closed
// first, looked at after every step; and with PLAIN and CURVE where there are connections. A file of its own: the default context remembers what other tests lost.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as draft from "../../src/draft.ts";
import type { Finding, Socket } from "../../src/index.ts";
import * as zmq from "../../src/index.ts";
import type { TransportName } from "../peers/sockets.ts";
import { anyEndpoint, join, STREAMS, TRANSPORTS, until } from "../peers/sockets.ts";

const ROUND_COUNT = 50;

interface Talker extends Socket {
  send(message: zmq.MessageLike): Promise<void>;
  receive(): Promise<Buffer[]>;
}

interface Pairing {
  readonly name: string;
  open(): readonly [Talker, Talker];
  /** Called when the two are connected; all that is sent must be received. */
  talk(left: Talker, right: Talker, look: () => void): Promise<void>;
}

function talker(socket: object): Talker {
  return socket as Talker;
}

async function oneWay(sender: Talker, receiver: Talker, look: () => void): Promise<void> {
  for (let i = 0; i < ROUND_COUNT; i++) {
    await sender.send(["topic", `${i}`]);
    if (i % 10 === 0) look();
  }
  for (let i = 0; i < ROUND_COUNT; i++) assert.equal(String((await receiver.receive())[1]), `${i}`);
}

async function bothWays(left: Talker, right: Talker, look: () => void): Promise<void> {
  await oneWay(left, right, look);
  await oneWay(right, left, look);
}

/** What comes with an envelope goes back with it. */
async function inTurn(asker: Talker, answerer: Talker, look: () => void): Promise<void> {
  const envelope = asker instanceof zmq.Dealer ? [null] : [];
  for (let i = 0; i < ROUND_COUNT; i++) {
    await asker.send([...envelope, `${i}`]);
    look();
    const request = await answerer.receive();
    look();
    await answerer.send(request);
    look();
    const reply = await asker.receive();
    assert.equal(String(reply.at(-1)), `${i}`);
  }
}

async function publish(pub: Talker, sub: Talker, look: () => void): Promise<void> {
  if (sub instanceof zmq.Subscriber) sub.subscribe("topic");
  else await sub.send("\x01topic");
  await (pub as unknown as zmq.Publisher).waitForSubscribers(1, "topic");
  look();
  if (pub instanceof zmq.XPublisher) assert.equal(String((await pub.receive())[0]), "\x01topic");
  await oneWay(pub, sub, look);
}

/** The draft types know one frame. */
async function oneFrameEach(sender: Talker, receiver: Talker, look: () => void): Promise<void> {
  for (let i = 0; i < ROUND_COUNT; i++) {
    await sender.send(`${i}`);
    if (i % 10 === 0) look();
  }
  for (let i = 0; i < ROUND_COUNT; i++) assert.equal(String((await receiver.receive())[0]), `${i}`);
}

async function oneFrameBothWays(left: Talker, right: Talker, look: () => void): Promise<void> {
  await oneFrameEach(left, right, look);
  await oneFrameEach(right, left, look);
}

/** What comes with a routing id goes back with it. */
async function numbered(client: Talker, server: Talker, look: () => void): Promise<void> {
  const answerer = server as unknown as draft.Server;
  for (let i = 0; i < ROUND_COUNT; i++) {
    await client.send(`${i}`);
    const [body, label] = await answerer.receive();
    look();
    await answerer.send(body, label);
    assert.equal(String((await client.receive())[0]), `${i}`);
    look();
  }
}

async function addressed(left: Talker, right: Talker, look: () => void): Promise<void> {
  for (let i = 0; i < ROUND_COUNT; i++) {
    await left.send(["right", `${i}`]);
    assert.deepEqual((await right.receive()).map(String), ["left", `${i}`]);
    look();
  }
}

const pairings: readonly Pairing[] = [
  { name: "REQ and REP", open: () => [talker(new zmq.Request()), talker(new zmq.Reply())], talk: inTurn },
  { name: "REQ and ROUTER", open: () => [talker(new zmq.Request()), talker(new zmq.Router())], talk: inTurn },
  { name: "DEALER and REP", open: () => [talker(new zmq.Dealer()), talker(new zmq.Reply())], talk: inTurn },
  {
    name: "DEALER and ROUTER",
    open: () => [talker(new zmq.Dealer()), talker(new zmq.Router())],
    talk: inTurn,
  },
  {
    name: "DEALER and DEALER",
    open: () => [talker(new zmq.Dealer()), talker(new zmq.Dealer())],
    talk: bothWays,
  },
  {
    name: "ROUTER and ROUTER",
    open: () => [
      talker(new zmq.Router({ routingId: "left" })),
      talker(new zmq.Router({ routingId: "right" })),
    ],
    talk: addressed,
  },
  {
    name: "PUB and SUB",
    open: () => [talker(new zmq.Publisher()), talker(new zmq.Subscriber())],
    talk: publish,
  },
  {
    name: "PUB and XSUB",
    open: () => [talker(new zmq.Publisher()), talker(new zmq.XSubscriber())],
    talk: publish,
  },
  {
    name: "XPUB and SUB",
    open: () => [talker(new zmq.XPublisher()), talker(new zmq.Subscriber())],
    talk: publish,
  },
  {
    name: "XPUB and XSUB",
    open: () => [talker(new zmq.XPublisher()), talker(new zmq.XSubscriber())],
    talk: publish,
  },
  { name: "PUSH and PULL", open: () => [talker(new zmq.Push()), talker(new zmq.Pull())], talk: oneWay },
  {
    name: "CLIENT and SERVER",
    open: () => [talker(new draft.Client()), talker(new draft.Server())],
    talk: numbered,
  },
  {
    name: "SCATTER and GATHER",
    open: () => [talker(new draft.Scatter()), talker(new draft.Gather())],
    talk: oneFrameEach,
  },
  {
    name: "CHANNEL and CHANNEL",
    open: () => [talker(new draft.Channel()), talker(new draft.Channel())],
    talk: oneFrameBothWays,
  },
  { name: "PAIR and PAIR", open: () => [talker(new zmq.Pair()), talker(new zmq.Pair())], talk: bothWays },
];

function look(): void {
  const found: readonly Finding[] = zmq.context.explain();
  assert.deepEqual(found, []);
}

for (const { name, open, talk } of pairings) {
  for (const transport of TRANSPORTS) {
    for (const bound of [0, 1] as const) {
      for (const first of [0, 1] as const) {
        const title = `${name}, ${transport}, the ${bound === 0 ? "first" : "second"} bound, the ${first === 0 ? "first" : "second"} closed first`;
        test(title, async () => {
          await run(transport, open(), bound, first, talk);
        });
      }
    }
  }
}

const server = zmq.curveKeyPair();
const client = zmq.curveKeyPair();
/** What makes a server, and its client. */
const MECHANISMS = {
  PLAIN: [{ plainServer: true }, { plainUsername: "joe", plainPassword: "secret" }],
  CURVE: [
    { curveServer: true, curveSecretKey: server.secretKey, zapDomain: "global" },
    { curveServerKey: server.publicKey, curveSecretKey: client.secretKey },
  ],
} as const;

describe("with an authenticator", () => {
  let authenticator: zmq.Authenticator | undefined;
  before(() => {
    authenticator = new zmq.Authenticator({
      plain: new Map([["joe", "secret"]]),
      curve: new Set([client.publicKey]),
    });
  });
  after(() => authenticator?.close());

  for (const [mechanism, [serverOptions, clientOptions]] of Object.entries(MECHANISMS)) {
    for (const { name, open, talk } of pairings) {
      for (const transport of STREAMS) {
        for (const bound of [0, 1] as const) {
          const title = `${name}, ${mechanism}, ${transport}, the ${bound === 0 ? "server" : "client"} bound`;
          test(title, async () => {
            const sockets = open();
            Object.assign(sockets[0], serverOptions);
            Object.assign(sockets[1], clientOptions);
            await run(transport, sockets, bound, bound, talk);
          });
        }
      }
    }
  }
});

async function run(
  transport: TransportName,
  sockets: readonly [Talker, Talker],
  bound: 0 | 1,
  first: 0 | 1,
  talk: Pairing["talk"],
): Promise<void> {
  look();
  await join(sockets[bound], sockets[1 - bound] as Talker, transport);
  look();
  await talk(sockets[0], sockets[1], look);
  look();
  for (const socket of sockets) assert.deepEqual(socket.explain(), []);
  const [goes, stays] = [sockets[first], sockets[1 - first] as Talker];
  await goes.close();
  look();
  await until("the other knows", () => stays.peers.every((peer) => !peer.live));
  look();
  await stays.close();
  look();
  for (const socket of sockets) assert.deepEqual(socket.explain(), []);
}

test("connected before it is bound, and bound in time", async () => {
  for (const transport of TRANSPORTS) {
    const pull = new zmq.Pull();
    const push = new zmq.Push({ reconnectInterval: 10 });
    const probe = new zmq.Pull();
    await probe.bind(anyEndpoint(transport));
    const endpoint = probe.lastEndpoint as string;
    await probe.close();
    push.connect(endpoint);
    await push.send("early");
    look();
    await pull.bind(endpoint);
    assert.equal(String(await pull.receive()), "early");
    look();
    await push.close();
    await pull.close();
    look();
  }
});
