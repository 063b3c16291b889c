// The loss ledger on sockets: accepted = delivered + queued + dropped at every moment, for each direction and each peer,
// whatever peers come, go, stall and break. And what one side delivered is what the other accepted, while connections
// stand. Seeded.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, Random } from "../../fuzz/random.ts";
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  type Readable,
  Reply,
  Request,
  Router,
  type Socket,
  Stream,
  Subscriber,
  type Writable,
  XPublisher,
  XSubscriber,
} from "../../src/index.ts";
import { greeting, ready } from "../peers/octets.ts";
import { RawListener } from "../peers/raw-peer.ts";
import {
  anyEndpoint,
  assertLaw,
  assertTold,
  lostOf,
  TRANSPORTS,
  type TransportName,
  turns,
  until,
} from "../peers/sockets.ts";

const seed = chooseSeed(process.env.SEED);

type Options = { readonly sendHighWaterMark?: number; readonly receiveHighWaterMark?: number } & Record<
  string,
  unknown
>;
type Make = (options: Options) => Socket;
type Endpoint = Socket & Partial<Writable> & Partial<Readable>;

interface Pattern {
  readonly binder: Make;
  readonly connector: Make;
  /** A message from the side; `undefined` where it does not send. */
  readonly fromBinder?: (random: Random, heard: Buffer[][]) => (Buffer | string)[];
  readonly fromConnector?: (random: Random, heard: Buffer[][]) => (Buffer | string)[];
  readonly transports?: readonly TransportName[];
  /** Subscriptions travel as messages of the publisher's side, not of the subscriber's. */
  readonly hasSubscriptions?: boolean;
}

const body = (random: Random): (Buffer | string)[] => {
  const frames = random.chance(0.2) ? random.between(2, 4) : 1;
  return Array.from({ length: frames }, () =>
    Buffer.alloc(random.chance(0.03) ? 60_000 : random.below(300), 65),
  );
};
const topic = (random: Random): string => random.pick(["a", "ab", "b", "c"]);
const toHeard = (random: Random, heard: Buffer[][]): (Buffer | string)[] => {
  const id = heard.length > 0 && random.chance(0.9) ? (random.pick(heard)[0] as Buffer) : "nobody";
  return [id, ...body(random)];
};
/** The options that a type has, of those that a round draws. */
const made = (
  SocketClass: new (options: never) => Socket,
  names: readonly string[],
  more: object = {},
): Make => {
  return (options) => {
    const own = Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
    return new SocketClass({ ...own, ...more } as never);
  };
};
const SEND = ["sendHighWaterMark", "linger", "reconnectInterval"];
const RECEIVE = ["receiveHighWaterMark", "maxOrphans", "reconnectInterval"];
const BOTH = [...SEND, ...RECEIVE];

const PATTERNS: Readonly<Record<string, Pattern>> = {
  "PULL-PUSH": { binder: made(Pull, RECEIVE), connector: made(Push, SEND), fromConnector: body },
  "PUSH-PULL": { binder: made(Push, SEND), connector: made(Pull, RECEIVE), fromBinder: body },
  "PAIR-PAIR": {
    binder: made(Pair, BOTH),
    connector: made(Pair, BOTH),
    fromBinder: body,
    fromConnector: body,
  },
  "DEALER-DEALER": {
    binder: made(Dealer, BOTH),
    connector: made(Dealer, BOTH),
    fromBinder: body,
    fromConnector: body,
  },
  "ROUTER-DEALER": {
    binder: made(Router, BOTH),
    connector: made(Dealer, BOTH),
    fromBinder: toHeard,
    fromConnector: body,
  },
  "ROUTER-REQ": {
    binder: made(Router, BOTH),
    connector: made(Request, BOTH, { relaxed: true, correlate: true }),
    fromBinder: (random, heard) =>
      heard.length === 0 ? ["nobody", "a"] : [...(heard.at(-1) as Buffer[]), ...body(random)],
    fromConnector: body,
  },
  "REP-REQ": {
    binder: made(Reply, BOTH),
    connector: made(Request, BOTH),
    fromBinder: body,
    fromConnector: body,
  },
  "PUB-SUB": {
    binder: made(Publisher, SEND),
    connector: made(Subscriber, RECEIVE),
    fromBinder: (random) => [topic(random), ...body(random)],
    hasSubscriptions: true,
  },
  "XPUB-XSUB": {
    binder: made(XPublisher, BOTH),
    connector: made(XSubscriber, BOTH),
    fromBinder: (random) => [topic(random), ...body(random)],
    fromConnector: (random) => [random.pick(["\x01", "\x00", "\x02"]) + topic(random)],
    hasSubscriptions: true,
  },
  "STREAM-STREAM": {
    binder: made(Stream, BOTH),
    connector: made(Stream, BOTH),
    fromBinder: (random, heard) => toHeard(random, heard).slice(0, 2),
    fromConnector: (random, heard) => toHeard(random, heard).slice(0, 2),
    transports: ["tcp", "ipc"],
    hasSubscriptions: true,
  },
};

/** A side that sends and receives at random, and keeps the last of what it heard. */
class Side {
  readonly socket: Endpoint;
  readonly heard: Buffer[][];
  receivedCount: number;
  readonly #message: ((random: Random, heard: Buffer[][]) => (Buffer | string)[]) | undefined;

  constructor(
    socket: Socket,
    message: ((random: Random, heard: Buffer[][]) => (Buffer | string)[]) | undefined,
  ) {
    this.socket = socket as Endpoint;
    this.heard = [];
    this.receivedCount = 0;
    this.#message = message;
  }

  /** Out of step (EFSM) and unroutable are answers too. */
  send(random: Random): void {
    if (this.#message === undefined || this.socket.closed) return;
    try {
      this.socket.trySend?.(this.#message(random, this.heard));
    } catch (error) {
      assert.ok(["EFSM", "EHOSTUNREACH"].includes((error as { code: string }).code), String(error));
    }
  }

  receive(countMax: number): void {
    for (let count = 0; count < countMax && !this.socket.closed; count++) {
      try {
        const message = this.socket.tryReceive?.();
        if (message === undefined) return;
        this.receivedCount++;
        this.heard.push(message);
        if (this.heard.length > 20) this.heard.splice(0, 10);
      } catch (error) {
        assert.equal((error as { code: string }).code, "EFSM");
        return;
      }
    }
  }
}

for (const [name, pattern] of Object.entries(PATTERNS)) {
  for (const transport of pattern.transports ?? TRANSPORTS) {
    test(`${name} over ${transport}: every message is delivered, queued or lost for a reason, at every moment`, async (t) => {
      t.diagnostic(`SEED=${seed}`);
      for (let round = 0; round < 3; round++) await run(pattern, transport, seed + round);
    });
  }
}

async function run(pattern: Pattern, transport: TransportName, ownSeed: number): Promise<void> {
  const what = `SEED=${ownSeed}`;
  const random = new Random(ownSeed);
  const options = (): Options => ({
    sendHighWaterMark: random.pick([1, 2, 5, 20]),
    receiveHighWaterMark: random.pick([1, 2, 5, 20]),
    maxOrphans: random.pick([-1, 0, 3]),
    linger: random.pick([0, 5]),
    reconnectInterval: 1,
  });
  const binder = new Side(pattern.binder(options()), pattern.fromBinder);
  const gone: Side[] = [];
  let connectors: Side[] = [];
  await binder.socket.bind(anyEndpoint(transport));
  const endpoint = binder.socket.lastEndpoint as string;
  const check = (moment: string): void => {
    for (const { socket } of [binder, ...connectors, ...gone]) {
      assertLaw(socket.stats(), `${what}, ${moment}: ${socket.constructor.name}`);
    }
  };
  for (let step = 0; step < 250; step++) {
    const choice = random.below(100);
    if (choice < 6 || connectors.length === 0) {
      const one = new Side(pattern.connector(options()), pattern.fromConnector);
      if (one.socket instanceof Subscriber) one.socket.subscribe(topic(random));
      one.socket.connect(endpoint);
      connectors.push(one);
    } else if (choice < 9) {
      const one = random.pick(connectors);
      connectors = connectors.filter((other) => other !== one);
      gone.push(one);
      void one.socket.close();
    } else if (choice < 11) {
      reconnect(random.pick(connectors).socket, endpoint);
    } else if (choice < 50) {
      const side = random.chance(0.5) ? binder : random.pick(connectors);
      for (let count = random.below(8); count > 0; count--) side.send(random);
    } else if (choice < 80) {
      (random.chance(0.5) ? binder : random.pick(connectors)).receive(random.below(12));
    } else {
      await turns(random.below(3));
    }
    if (step % 10 === 0) check(`step ${step}`);
  }
  check("in the end");
  await settle([binder, ...connectors], what);
  check("settled");
  for (const side of connectors) gone.push(side);
  connectors = [];
  await Promise.all([binder, ...gone].map((side) => side.socket.close()));
  for (const { socket, receivedCount } of [binder, ...gone]) {
    const { sent, received } = socket.stats();
    assertLaw(socket.stats(), `${what}: closed ${socket.constructor.name}`);
    // Over inproc a peer that closes later drops what it has not read, and is the one to tell of it.
    assertTold(socket, transport === "inproc" ? ["received"] : ["sent", "received"]);
    // Over inproc the other side, closed too, dropped what it had not read.
    assert.equal(
      sent.queued + received.queued,
      0,
      `${what}: nothing is queued in a closed ${socket.constructor.name}`,
    );
    // What the application got was delivered; subscriptions and notices come from the library as well.
    if (pattern.hasSubscriptions !== true) {
      assert.ok(received.delivered >= receivedCount, `${what}: ${received.delivered} of ${receivedCount}`);
    }
  }
}

/** A Pair that was refused, and a Stream whose peer closed it, have no connection left. */
function reconnect(socket: Socket, endpoint: string): void {
  try {
    socket.disconnect(endpoint);
  } catch (error) {
    assert.equal((error as { code: string }).code, "ENOENT");
  }
  try {
    socket.connect(endpoint);
  } catch (error) {
    // Its place is taken by what it has not read yet.
    assert.ok(socket instanceof Pair, String(error));
  }
}

/** Everybody reads until nothing moves any more. */
async function settle(sides: readonly Side[], what: string): Promise<void> {
  let before = -1;
  let isQuiet = 0;
  await until(`${what}: quiet`, () => {
    for (const side of sides) side.receive(1000);
    const moved = sides.reduce((sum, side) => sum + side.receivedCount, 0);
    isQuiet = moved === before ? isQuiet + 1 : 0;
    before = moved;
    return isQuiet > 5;
  });
}

// To a 3.0 peer subscriptions are messages on the wire; on the socket they are none.
test("subscriptions are counted as messages sent neither to 3.1 nor to 3.0 peers", async (t) => {
  for (const minor of [0, 1]) {
    const listener = await RawListener.open();
    t.after(() => listener.close());
    const subscriber = new Subscriber();
    const accepted = listener.accept();
    subscriber.connect(listener.endpoint);
    const peer = await accepted;
    peer.send(greeting({ minor }), ready("PUB"));
    await subscriber.waitForPeers();
    peer.socket.pause();
    for (let i = 0; i < 100; i++) subscriber.subscribe(`${i}`.padEnd(100_000));
    assertLaw(subscriber.stats());
    await turns(5);
    const { sent } = (await subscriber.close()).stats;
    assert.deepEqual([sent.accepted, sent.delivered, lostOf(sent)], [0, 0, 0]);
  }
});

// Without breaks nothing may be lost between the two ledgers.
for (const transport of TRANSPORTS) {
  test(`over ${transport} what senders delivered is what receivers accepted, and every message is received`, async (t) => {
    t.diagnostic(`SEED=${seed}`);
    const random = new Random(seed);
    const pull = new Pull({ receiveHighWaterMark: 5 });
    await pull.bind(anyEndpoint(transport));
    const pushes = Array.from({ length: 5 }, () => new Push({ sendHighWaterMark: random.between(1, 30) }));
    for (const push of pushes) push.connect(pull.lastEndpoint as string);
    const sending = pushes.map(async (push) => {
      for (let i = 0; i < 400; i++) await push.send(Buffer.alloc(random.size()));
    });
    for (let i = 0; i < 2000; i++) await pull.receive();
    await Promise.all(sending);
    await until("all counts", () => pushes.every((push) => push.stats().sent.queued === 0));
    for (const push of pushes) assert.equal(push.stats().sent.delivered, 400);
    const { received, peers } = pull.stats();
    assert.deepEqual([received.accepted, received.delivered, lostOf(received)], [2000, 2000, 0]);
    for (const peer of peers) assert.equal(peer.received.delivered, 400);
    await Promise.all([pull, ...pushes].map((socket) => socket.close()));
  });
}
