// The far end of a shared pipe, in a thread of its own: does what the test tells it, one call at a time.

import type { MessagePort } from "node:worker_threads";
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import type { Message } from "../../src/base/message.ts";
import { installPlatform } from "../../src/base/platform.ts";
import type { PipeSink } from "../../src/pipe/pipe.ts";
import type { PipeOffer } from "../../src/threads/pipe-thread.ts";
import type { SharedPipe } from "../../src/threads/ring/shared-pipe.ts";
import { openSharedPipe } from "../../src/threads/ring/shared-pipe.ts";
import { Directory } from "../../src/threads/seat/directory.ts";
import { Seat } from "../../src/threads/seat/seat.ts";
import { nodePlatform } from "../../src/transports/node-platform.ts";
import { messagesOfRun } from "../oracle/run-messages.ts";
import { somePeer } from "./pipe-rig.ts";
import type { Call, FarState, Reply } from "./pipe-threads.ts";

installPlatform(nodePlatform);

const { memory, cell, port } = workerData as {
  memory: SharedArrayBuffer;
  cell: SharedArrayBuffer;
  port: MessagePort;
};
const turn = new Int32Array(cell);
const seat = Seat.take(new Directory(memory));
let events: string[] = [];
let pipe: SharedPipe | null = null;
let hasSink = false;

/** A sink as the test has set it. */
const sink: PipeSink & { isOpen: boolean; held: number; taken: Message[] } = {
  isOpen: true,
  held: 0,
  taken: [],
  get heldCount() {
    return this.held;
  },
  take(message: Message) {
    if (this.isOpen) this.taken.push(message);
    return this.isOpen;
  },
  get takeRunMax() {
    return this.isOpen ? 100 : 0;
  },
  takeRun({ octets, count }) {
    this.taken.push(...messagesOfRun(octets, 0, octets.length, count));
  },
};

function open(offer: PipeOffer): void {
  // Ends of tests before tell theirs elsewhere.
  const told: string[] = [];
  events = told;
  sink.taken = [];
  sink.isOpen = true;
  sink.held = 0;
  hasSink = false;
  pipe = openSharedPipe(seat, offer, somePeer("first"));
  pipe.events = {
    onReadable: () => told.push("onReadable"),
    onWritable: () => told.push("onWritable"),
    onPeerClosed: () => told.push("onPeerClosed"),
    onDrained: () => told.push("onDrained"),
    onFirstDrop: (_pipe, reason) => told.push(`onFirstDrop ${reason}`),
  };
}

function perform({ name, values }: Call): unknown {
  if (name === "checkNothing") return undefined;
  if (name === "open") return open(values[0] as PipeOffer);
  // What the other end did is known when the bell is drained.
  if (name === "settle") return void seat.block(0);
  const end = pipe as SharedPipe;
  if (name === "live") {
    end.live = values[0] as boolean;
    return undefined;
  }
  if (name === "sink") {
    const state = values[0] as { isOpen: boolean; held: number } | null;
    if (state !== null) {
      sink.isOpen = state.isOpen;
      sink.held = state.held;
    }
    if (hasSink !== (state !== null)) end.setSink(state === null ? null : sink);
    hasSink = state !== null;
    return undefined;
  }
  return (end[name as keyof SharedPipe] as (...given: readonly unknown[]) => unknown).apply(
    end,
    values as unknown[],
  );
}

function stateOf(end: SharedPipe): FarState {
  const { unreadCount, isEnded, isClosed, live, crossesThreads, written, received } = end;
  const counts = ({ accepted, delivered, queued, dropped, hwm }: typeof written) => ({
    accepted,
    delivered,
    queued,
    dropped,
    hwm,
  });
  return {
    unreadCount,
    isEnded,
    isClosed,
    live,
    crossesThreads,
    written: counts(written),
    received: counts(received),
  };
}

for (;;) {
  Atomics.wait(turn, 0, 0);
  const letter = receiveMessageOnPort(port);
  if (letter === undefined) continue;
  const call = letter.message as Call;
  if (call.name === "end") break;
  const reply: Reply = { value: undefined, error: null, events: [], taken: [], state: null };
  try {
    reply.value = perform(call);
  } catch (error) {
    reply.error = String((error as Error).stack);
  }
  reply.events = events.splice(0);
  reply.taken = sink.taken.splice(0);
  reply.state = pipe === null ? null : stateOf(pipe);
  Atomics.store(turn, 0, 0);
  port.postMessage(reply);
  Atomics.store(turn, 1, 1);
  Atomics.notify(turn, 1);
}
seat.vacate();
port.close();
