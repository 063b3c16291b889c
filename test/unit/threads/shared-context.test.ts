import assert from "node:assert/strict";
import { test } from "node:test";
import { installPlatform } from "../../../src/base/platform.ts";
import { CONTEXT_STATE } from "../../../src/threads/layout.ts";
import { Directory } from "../../../src/threads/seat/directory.ts";
import type { Seat } from "../../../src/threads/seat/seat.ts";
import { sharedDefaults } from "../../../src/threads/seat/shared-options.ts";
import { SharedContext } from "../../../src/threads/shared-context.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";
import { turns, until } from "../../peers/sockets.ts";

installPlatform(nodePlatform);

function directoryOf(options: Partial<ReturnType<typeof sharedDefaults>> = {}): Directory {
  return Directory.create({ ...sharedDefaults(), ...options });
}

/** Notes what it is told, and needs the seat when it says so. */
class Tenant {
  readonly seats: (Seat | null)[];
  needsSeat: boolean;
  constructor() {
    this.seats = [];
    this.needsSeat = false;
  }
  onSeat(seat: Seat): void {
    this.seats.push(seat);
  }
  onSeatLeft(): void {
    this.seats.push(null);
  }
}

test("a thread sits down when others may know of the context, and not before", async () => {
  const directory = directoryOf();
  const share = new SharedContext(directory, false);
  const tenant = new Tenant();
  share.seatUser = tenant;
  assert.equal(share.addSocket(), 1);
  assert.equal(share.addSocket(), 2);
  assert.deepEqual([directory.threads().length, directory.socketCount(), share.isUsed], [0, 0, true]);
  assert.equal(share.handle.memory, directory.memory);
  assert.deepEqual([directory.threads().length, directory.socketCount()], [1, 2]);
  assert.deepEqual(tenant.seats, [share.seat]);
  assert.equal(share.addSocket(), 3);
  for (let i = 0; i < 3; i++) share.removeSocket();
  await share.terminate();
  await until("gone", () => directory.threads().length === 0);
  assert.equal(tenant.seats.at(-1), null);
});

test("something that waits for a thread makes it sit down when the handle is read, and stay", async () => {
  const directory = directoryOf();
  const share = new SharedContext(directory, false);
  const tenant = new Tenant();
  share.seatUser = tenant;
  assert.ok(share.handle);
  assert.equal(directory.threads().length, 0);
  tenant.needsSeat = true;
  assert.ok(share.handle);
  assert.equal(directory.threads().length, 1);
  await new Promise((resolve) => setTimeout(resolve, 1200));
  assert.equal(directory.threads().length, 1);
  tenant.needsSeat = false;
  await until("gone", () => directory.threads().length === 0);
});

test("a seat without sockets is given up after a while, and taken again", async () => {
  const directory = directoryOf();
  const share = new SharedContext(directory, true);
  share.addSocket();
  const first = share.seat;
  share.removeSocket();
  share.addSocket();
  assert.equal(share.seat, first, "it was kept for the next one");
  await new Promise((resolve) => setTimeout(resolve, 1200));
  assert.equal(directory.threads().length, 1, "it has a socket");
  share.removeSocket();
  await until("gone", () => directory.threads().length === 0);
  assert.equal(share.addSocket(), 1);
  assert.notEqual(share.seat, first);
  assert.equal(directory.socketCount(), 1);
  share.removeSocket();
  await share.terminate();
});

test("a context with I/O threads is sat in from its first socket to its end", async () => {
  const directory = directoryOf();
  const share = new SharedContext(directory, false);
  let seatCount = 0;
  share.onSeat = () => seatCount++;
  share.options.ioMode = "background";
  assert.equal(seatCount, 0);
  share.addSocket();
  assert.deepEqual([seatCount, directory.threads().length], [1, 1]);
  share.removeSocket();
  await new Promise((resolve) => setTimeout(resolve, 1200));
  assert.equal(directory.threads().length, 1);
  await share.terminate();
  await until("gone", () => directory.threads().length === 0);
});

test("who terminates waits for the sockets of others, and is told when they are closed", async () => {
  const directory = directoryOf();
  const [ours, theirs] = [
    new SharedContext(directory, true),
    new SharedContext(new Directory(directory.memory), true),
  ];
  ours.addSocket();
  theirs.addSocket();
  const ended: string[] = [];
  let close = (): void => undefined;
  ours.onTerminate = () => {
    ended.push("ours");
    ours.removeSocket();
    return Promise.resolve();
  };
  theirs.onTerminate = () => {
    ended.push("theirs");
    return new Promise<void>((resolve) => {
      close = resolve;
    });
  };
  const terminated = ours.terminate().then(() => ended.push("terminated"));
  assert.deepEqual([ours.isTerminated, theirs.isTerminated], [true, true]);
  assert.deepEqual(ended, ["ours"]);
  await until("told", () => ended.length === 2);
  await turns(5);
  assert.deepEqual(ended, ["ours", "theirs"], "a socket is open");
  theirs.removeSocket();
  close();
  await terminated;
  await theirs.terminate();
  await until("gone", () => directory.threads().length === 0);
  assert.deepEqual(ended, ["ours", "theirs", "terminated"]);
});

for (const hasSeat of [false, true]) {
  test(`the default context moves to the winner, ${hasSeat ? "seat and all" : "before it was sat in"}`, async () => {
    const [loser, winner] = [directoryOf({ maxSockets: 5 }), directoryOf({ maxSockets: 9, ipv6: 1 })];
    const settled: string[] = [];
    const rendezvous = {
      onMoved: null as ((winner: Directory) => void) | null,
      settle: () => void settled.push("settled"),
    };
    const share = new SharedContext(loser, true, rendezvous);
    const tenant = new Tenant();
    share.seatUser = tenant;
    assert.equal(share.handle.isDefault, true);
    assert.equal(share.options.maxSockets, 5);
    assert.ok(settled.length > 0, "the others were asked");
    if (hasSeat) assert.equal(share.addSocket(), 1);
    const other = new SharedContext(winner, true);
    other.addSocket();
    loser.supersede();
    rendezvous.onMoved?.(winner);
    assert.deepEqual([share.options.maxSockets, share.options.ipv6], [9, true]);
    assert.equal(share.handle.memory, winner.memory);
    assert.equal(share.isTerminated, false);
    assert.equal(winner.socketCount(), hasSeat ? 2 : 1);
    assert.equal(loser.socketCount(), 0);
    assert.equal(share.addSocket(), hasSeat ? 3 : 2);
    assert.equal(tenant.seats.length, hasSeat ? 2 : 1);
    assert.equal(tenant.seats.at(-1)?.directory, winner);
    // The former seat is kept for its pipes, of which there are none.
    await until("left", () => loser.threads().length === 0);
    other.onTerminate = () => Promise.resolve(other.removeSocket());
    share.onTerminate = () => {
      for (let i = 0; i < (hasSeat ? 2 : 1); i++) share.removeSocket();
      return Promise.resolve();
    };
    await share.terminate();
    assert.deepEqual([winner.state, loser.state], [CONTEXT_STATE.TERMINATED, CONTEXT_STATE.SUPERSEDED]);
    assert.equal(other.isTerminated, true);
  });
}

test("a thread that waits without its loop hears at its former seat too", async () => {
  const [loser, winner] = [directoryOf(), directoryOf()];
  const rendezvous = { onMoved: null as ((winner: Directory) => void) | null, settle: () => undefined };
  const share = new SharedContext(loser, true, rendezvous);
  share.addSocket();
  const former = share.seat;
  let heard = 0;
  const bit = former.bell.register(() => heard++);
  rendezvous.onMoved?.(winner);
  // Its news of having sat down.
  while (share.block(0));
  const begun = performance.now();
  assert.equal(share.block(50), false);
  assert.ok(performance.now() - begun >= 49);
  const ringer = new SharedContext(new Directory(loser.memory), true);
  ringer.seat.bell.ring(former.me, bit);
  assert.equal(share.block(1000), true);
  assert.equal(heard, 1);
  share.removeSocket();
  await Promise.all([share.terminate(), ringer.terminate()]);
});
