// The crew, the links that it gives to I/O threads (io-links.ts) and what an I/O thread does with them (io-worker.ts): real
// seats of one thread, and a transport without a system.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { ZmqError } from "../../../../src/base/errors.ts";
import { SocketType } from "../../../../src/base/socket-type.ts";
import type { Link, LinkHost } from "../../../../src/core/link.ts";
import type { SocketOptionValues } from "../../../../src/core/options.ts";
import type { Pipe } from "../../../../src/pipe/pipe.ts";
import { IoCrew } from "../../../../src/threads/io/io-crew.ts";
import { IoLinks } from "../../../../src/threads/io/io-links.ts";
import type { SpawnedIoThread } from "../../../../src/threads/io/io-spawn.ts";
import { IoWorker } from "../../../../src/threads/io/io-worker.ts";
import { RemoteLink } from "../../../../src/threads/io/remote-link.ts";
import { SEAT, seatWord } from "../../../../src/threads/layout.ts";
import { Directory } from "../../../../src/threads/seat/directory.ts";
import { Seat } from "../../../../src/threads/seat/seat.ts";
import { createSharedOptions, sharedDefaults } from "../../../../src/threads/seat/shared-options.ts";
import { frames, textOf } from "../../../contract/pipe-rig.ts";
import { until } from "../../../peers/sockets.ts";
import { ENDPOINT, FakeTransport, optionsOf } from "./io-ground.ts";

/** A socket that takes every peer. */
class FakeHost implements LinkHost {
  readonly type = SocketType.Pair;
  readonly typeName = "Pair";
  readonly options = optionsOf();
  readonly told: string[] = [];
  readonly pipes: Pipe[] = [];

  attachPipe(pipe: Pipe): boolean {
    return this.pipes.push(pipe) > 0;
  }

  identifyPipe(): boolean {
    return this.told.push("identify") > 0;
  }

  onConnectionLost(): void {
    this.told.push("lost");
  }

  refusal(): string {
    return "";
  }

  retirePipe(): void {
    this.told.push("retire");
  }

  onLinkEnded(): void {
    this.told.push("ended");
  }

  emit({ type }: { readonly type: string }): void {
    this.told.push(type);
  }
}

interface FakeWorker extends SpawnedIoThread {
  readonly number: number;
  readonly seat: Seat;
  /** Ends it, by a fault if so. */
  end(error?: Error): void;
}

/** A context whose I/O threads have seats of this very thread. */
class Ground {
  readonly directory: Directory;
  readonly seat: Seat;
  readonly transport = new FakeTransport();
  readonly workers: FakeWorker[] = [];
  idleCount = 0;
  readonly #t: TestContext;

  constructor(t: TestContext, ioThreads = 1) {
    this.#t = t;
    this.directory = Directory.create({ ...sharedDefaults(), ioMode: 1, ioThreads });
    this.seat = this.take(0);
  }

  take(role: number): Seat {
    const seat = Seat.take(this.directory, role);
    this.#t.after(() => seat.vacate());
    return seat;
  }

  readonly spawn = (_memory: SharedArrayBuffer, number: number): SpawnedIoThread => {
    const seat = this.take(1 + number);
    const spawned: FakeWorker = {
      number,
      seat,
      onFault: null,
      onExit: null,
      end: (error) => {
        seat.vacate();
        if (error !== undefined) spawned.onFault?.(error);
        spawned.onExit?.();
      },
    };
    this.workers.push(spawned);
    new IoWorker(seat, [this.transport], () => void this.idleCount++);
    return spawned;
  };

  crew(seat = this.seat): IoCrew {
    return new IoCrew(seat, this.directory.option("ioThreads"), this.spawn);
  }

  links(): IoLinks {
    return new IoLinks({ options: createSharedOptions(() => this.directory), seat: this.seat }, this.spawn);
  }

  target(options: Partial<SocketOptionValues> = {}) {
    return { endpoint: ENDPOINT, address: "there", transport: this.transport, options: optionsOf(options) };
  }

  /** The links that I/O threads have, by their own counts. */
  get loads(): number[] {
    return this.workers.map(({ seat }) => this.directory.words[seatWord(seat.me.seat, SEAT.LOAD)] as number);
  }
}

test("a crew makes the threads that the context is to have, once", (t) => {
  const ground = new Ground(t, 3);
  const crew = ground.crew();
  crew.muster();
  crew.muster();
  assert.deepEqual(
    ground.workers.map(({ number }) => number),
    [0, 1, 2],
  );
  crew.look();
  assert.deepEqual(
    crew.threads.map(({ thread }) => thread?.uid),
    ground.workers.map(({ seat }) => seat.me.uid),
  );
});

test("a link goes to the thread with the fewest, among those that its affinity names", (t) => {
  const ground = new Ground(t, 3);
  const crew = ground.crew();
  crew.muster();
  const place = (affinity: number): RemoteLink =>
    new RemoteLink(crew, new FakeHost(), ground.target({ affinity }), false);
  const numbers = [0, 0, 0, 0b110, 0b110, 0b100, 0].map((affinity) => place(affinity).thread.number);
  assert.deepEqual(numbers, [0, 1, 2, 1, 2, 2, 0]);
  assert.deepEqual(ground.loads, [2, 2, 3]);
  const error = { code: "EINVAL", message: /affinity 8 names none .* there are 3\. Bit n is for thread n/ };
  assert.throws(() => place(8), error);
  const link = place(0b010);
  crew.dismiss(link);
  crew.dismiss(link);
  assert.deepEqual(ground.loads, [2, 2, 3]);
});

test("links are spread before the threads are there, and counted when they come", (t) => {
  const ground = new Ground(t, 2);
  const older = ground.seat;
  const crew = ground.crew(ground.take(0));
  const numbers = Array.from(
    { length: 3 },
    () => new RemoteLink(crew, new FakeHost(), ground.target(), false).thread.number,
  );
  assert.deepEqual([numbers, ground.workers.length], [[0, 1, 0], 0], "the eldest is asked to make them");
  ground.crew(older).muster();
  crew.look();
  assert.deepEqual(ground.loads, [2, 1]);
});

test("the eldest thread makes the I/O threads; if it is busy, who asked does", async (t) => {
  const asked = new Ground(t);
  asked.crew();
  const asker = asked.crew(asked.take(0));
  asker.muster();
  assert.equal(asked.workers.length, 0);
  await until("the eldest has made it", () => asker.threads[0]?.thread !== null);
  assert.equal(asked.workers.length, 1);

  const busy = new Ground(t);
  const impatient = busy.crew(busy.take(0));
  const start = performance.now();
  impatient.muster();
  await until("made after all", () => busy.workers.length === 1);
  assert.ok(performance.now() - start >= 190);
});

test("when an I/O thread is gone its links go to the next, which is made at once", async (t) => {
  const ground = new Ground(t);
  const crew = ground.crew();
  const host = new FakeHost();
  const link = new RemoteLink(crew, host, ground.target(), false);
  link.connect(null);
  await until("the attempt", () => ground.transport.connectors.length === 1);
  ground.workers[0]?.end();
  await until("another attempt", () => ground.transport.connectors.length === 2);
  assert.equal(ground.workers.length, 2);
  assert.equal((link.lastError as ZmqError).code, "EIO");
  assert.equal(ground.loads[1], 1);
  link.abort("linger");
  await until("the end", () => host.told.includes("ended"));
  assert.equal(ground.loads[1], 0);
});

test("in background mode links are remote: messages and news go there and back", async (t) => {
  const ground = new Ground(t);
  const links = ground.links();
  const host = new FakeHost();
  links.prepare();
  assert.equal(ground.workers.length, 1);
  const link: Link = links.connect(host, ground.target(), null);
  assert.equal(link.isRemote, true);
  await until("the attempt", () => ground.transport.connectors.length === 1);
  const stream = ground.transport.connected();
  stream.handshake("PAIR");
  await until("the peer", () => host.told.includes("identify"));
  const pipe = host.pipes[0] as Pipe;
  stream.send("hello");
  pipe.tryWrite(frames("good day"), true);
  await until("both messages", () => pipe.checkReadable() && stream.wrote("good day"));
  assert.equal(textOf(pipe.tryRead()), "hello");
  stream.close();
  await until("the loss", () => host.told.includes("lost"));
  link.abort("linger");
  await until("the end", () => host.told.includes("ended"));
});

test("in loop mode links are the thread's own, and no I/O thread is made", (t) => {
  const ground = new Ground(t);
  ground.directory.setOption("ioMode", 0);
  const links = ground.links();
  links.prepare();
  const link = links.connect(new FakeHost(), ground.target(), null);
  assert.deepEqual([link.isRemote, ground.workers.length, ground.transport.connectors.length], [false, 0, 1]);
  link.abort("linger");
});

test("a listener's outcome is told; the worker ends when the context is over and its links are too", async (t) => {
  const ground = new Ground(t);
  const links = ground.links();
  const host = new FakeHost();
  let outcome: ZmqError | null | undefined;
  const link = links.listen(host, ground.target(), (error) => {
    outcome = error;
  });
  await until("it listens", () => ground.transport.listeners.length === 1);
  ground.transport.listeners[0]?.onListening("fake://resolved");
  await until("the outcome", () => outcome !== undefined);
  assert.deepEqual([outcome, link.endpoint], [null, "fake://resolved"]);
  ground.directory.terminate();
  ground.seat.bell.ringAll();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(ground.idleCount, 0);
  link.finish();
  await until("the end", () => host.told.includes("ended"));
  assert.deepEqual([ground.transport.closedCount, ground.idleCount > 0], [1, true]);
});

test("an I/O thread lets go of the links of a thread that is gone", async (t) => {
  const ground = new Ground(t);
  ground.crew().muster();
  const other = ground.take(0);
  const crew = ground.crew(other);
  new RemoteLink(crew, new FakeHost(), ground.target(), false).connect(null);
  await until("the attempt", () => ground.transport.connectors.length === 1);
  assert.deepEqual([ground.loads, ground.transport.cancelledCount], [[1], 0]);
  other.vacate();
  await until("it is given up", () => ground.transport.cancelledCount === 1);
  assert.deepEqual(ground.loads, [0]);
});

test("a listener goes to the thread that is still to leave its endpoint", (t) => {
  const ground = new Ground(t, 2);
  const links = ground.links();
  const first = links.listen(new FakeHost(), ground.target(), () => undefined) as RemoteLink;
  first.finish();
  const second = links.listen(new FakeHost(), ground.target(), () => undefined) as RemoteLink;
  const third = links.connect(new FakeHost(), ground.target(), null) as RemoteLink;
  assert.deepEqual([first.thread.number, second.thread.number, third.thread.number], [0, 0, 1]);
});
