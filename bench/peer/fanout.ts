/**
 * PUB and SUB, for fan-out (many sockets, one subscription each) and for matching (one socket, many
 * subscriptions). The publisher is told not to drop but to wait, in every implementation, so the deliveries
 * can be counted.
 */
import { answer, answerMemory, cpuUs, fail, Meter, option, optionNumber, serve } from "./control.ts";
import type { BatchSocket, Library, SubscriberSocket } from "./library.ts";
import { sampleTopics, topicSize, topicText } from "./topic.ts";

const probe = Buffer.from("~probe");
const batchLength = 256;

/**
 * With `noDrop`, the native package rejects with EAGAIN when a subscriber is full: libzmq calls a publisher
 * writable at all times, so its addon does not wait. The program has to try again.
 */
async function sendPatiently(socket: BatchSocket, body: Buffer): Promise<void> {
  for (;;) {
    try {
      await socket.send(body);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

async function sendPatientlyEach(socket: BatchSocket, bodies: Buffer[], count: number): Promise<void> {
  for (let i = 0, at = 0; i < count; i++) {
    await sendPatiently(socket, bodies[at]);
    if (++at === bodies.length) at = 0;
  }
}

async function sendEach(socket: BatchSocket, bodies: Buffer[], count: number): Promise<void> {
  for (let i = 0, at = 0; i < count; i++) {
    await socket.send(bodies[at]);
    if (++at === bodies.length) at = 0;
  }
}

/** The same bodies in the same order, cut into batches beforehand. */
function cutBatches(bodies: Buffer[]): Buffer[][] {
  const cycle = Array.from(
    { length: Math.max(bodies.length, batchLength) },
    (_, i) => bodies[i % bodies.length],
  );
  const batches: Buffer[][] = [];
  for (let at = 0; at < cycle.length; at += batchLength) batches.push(cycle.slice(at, at + batchLength));
  return batches;
}

async function sendBatches(socket: BatchSocket, batches: Buffer[][], count: number): Promise<void> {
  for (let left = count, at = 0; left > 0; at = (at + 1) % batches.length) {
    const batch = batches[at].length <= left ? batches[at] : batches[at].slice(0, left);
    await socket.sendMany(batch);
    left -= batch.length;
  }
}

export async function pub(library: Library): Promise<void> {
  const topics = optionNumber("topics", 0);
  const bodies =
    topics > 0
      ? sampleTopics(topics, optionNumber("samples", 65_536))
      : [Buffer.alloc(optionNumber("size", 100))];
  const socket = new library.Publisher({ linger: 0, noDrop: true });
  await socket.bind(option("endpoint", "tcp://127.0.0.1:*"));
  const batches = option("mode", "await") === "batch" ? cutBatches(bodies) : [];
  const sendSome = option("patient", "") === "true" ? sendPatientlyEach : sendEach;
  serve({
    probe: async () => {
      await sendPatiently(socket, probe);
      answer("probed");
    },
    memory: answerMemory,
    run: async (count) => {
      const cpu = cpuUs();
      await (batches.length > 0 ? sendBatches(socket, batches, count) : sendSome(socket, bodies, count));
      answer("sent", { cpuUs: cpuUs() - cpu });
    },
  });
  answer("ready", { endpoint: socket.lastEndpoint });
}

/** Subscribed when every socket has seen a probe. Probes that come late are known by their size. */
class Readiness {
  #left: number;
  readonly done: Promise<void>;
  #resolve: () => void;

  constructor(sockets: number) {
    this.#left = sockets;
    this.#resolve = () => undefined;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  oneMore(): void {
    if (--this.#left === 0) this.#resolve();
  }
}

async function receiveEach(socket: SubscriberSocket, meter: Meter, readiness: Readiness): Promise<void> {
  let probed = false;
  for await (const message of socket) {
    const size = message[0].length;
    if (size !== probe.length) {
      meter.take(size);
    } else if (!probed) {
      probed = true;
      readiness.oneMore();
    }
  }
}

async function receiveBatches(socket: SubscriberSocket, meter: Meter, readiness: Readiness): Promise<void> {
  let probed = false;
  for await (const batch of socket.batches()) {
    for (const message of batch) {
      const size = message[0].length;
      if (size !== probe.length) {
        meter.take(size);
      } else if (!probed) {
        probed = true;
        readiness.oneMore();
      }
    }
  }
}

/** ZMQ_SNDHWM: libzmq drops subscriptions beyond it, and the native Subscriber has no property for it. */
const sendHighWaterMarkOption = 23;

function unlimitSubscriptions(socket: SubscriberSocket): void {
  const open = socket as unknown as {
    sendHighWaterMark?: number;
    setInt32Option?: (option: number, value: number) => void;
  };
  if (open.setInt32Option !== undefined) open.setInt32Option(sendHighWaterMarkOption, 0);
  else if ("sendHighWaterMark" in open) open.sendHighWaterMark = 0;
}

function subscribe(socket: SubscriberSocket, topics: number): void {
  if (topics === 0) {
    socket.subscribe("");
    return;
  }
  for (let i = 0; i < topics; i++) socket.subscribe(topicText(i));
  // Last, and after connect subscriptions stay in order: who sees the probe is subscribed to everything.
  socket.subscribe(probe);
}

export function sub(library: Library): void {
  const sockets = optionNumber("sockets", 1);
  const topics = optionNumber("topics", 0);
  const size = topics > 0 ? topicSize : optionNumber("size", 100);
  const receive = option("mode", "await") === "batch" ? receiveBatches : receiveEach;
  const meter = new Meter();
  const readiness = new Readiness(sockets);
  if (sockets > 1000) library.context.maxSockets = sockets + 16;
  const subs: SubscriberSocket[] = [];
  for (let i = 0; i < sockets; i++) {
    const socket = new library.Subscriber({ linger: 0 });
    if (topics > 0) unlimitSubscriptions(socket);
    socket.connect(option("endpoint", ""));
    subscribe(socket, topics);
    receive(socket, meter, readiness).catch(fail);
    subs.push(socket);
  }
  serve({
    sync: async () => {
      await readiness.done;
      answer("synced");
    },
    memory: answerMemory,
    run: (count) => meter.arm(count * sockets),
  });
  answer("ready", { size });
}
