import assert from "node:assert/strict";
import { test } from "node:test";
import { installPlatform } from "../../../src/base/platform.ts";
import { SocketType } from "../../../src/base/socket-type.ts";
import { createContextOptions } from "../../../src/core/context-options.ts";
import { createSocketOptions } from "../../../src/core/options.ts";
import { Orphans } from "../../../src/core/orphans.ts";
import { createLocalPipe } from "../../../src/pipe/local-pipe.ts";
import type { PeerInfo, Pipe } from "../../../src/pipe/pipe.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";

installPlatform(nodePlatform);

/** Our end of a pipe whose peer sent `count` messages and left. */
function left(count: number, hwm = 1000): Pipe {
  const peer = {} as PeerInfo;
  const [far, near] = createLocalPipe(
    { firstToSecondHwm: hwm, secondToFirstHwm: hwm, conflate: false },
    peer,
    peer,
  );
  for (let i = 0; i < count; i++) assert.ok(far.tryWrite([Buffer.from(`${i}`)], true));
  far.close("peer-gone");
  return near;
}

function options(maxOrphans: number, receiveHighWaterMark = 1000) {
  return {
    ...createSocketOptions(SocketType.Pull, createContextOptions()),
    maxOrphans,
    receiveHighWaterMark,
  };
}

test("what is over the cap goes, the oldest of the last peer first, and is counted", () => {
  const orphans = new Orphans(() => undefined);
  const pipes = [left(4), left(4), left(4)];
  for (const pipe of pipes) orphans.add(pipe, options(10));
  assert.deepEqual(
    pipes.map((pipe) => [pipe.unreadCount, pipe.received.dropped.orphaned]),
    [
      [4, 0],
      [4, 0],
      [2, 2],
    ],
  );
  assert.equal(pipes[2]?.tryRead()?.[0]?.toString(), "2");
});

test("a pipe that was read makes room", () => {
  const orphans = new Orphans(() => undefined);
  const first = left(8);
  orphans.add(first, options(10));
  while (first.tryRead() !== undefined);
  orphans.delete(first);
  const second = left(10);
  orphans.add(second, options(10));
  assert.equal(second.unreadCount, 10);
});

test("by default ten full pipes stay whole, and one whatever it holds", () => {
  const orphans = new Orphans(() => undefined);
  const pipes = Array.from({ length: 11 }, () => left(5, 5));
  for (const pipe of pipes) orphans.add(pipe, options(-1, 5));
  assert.equal(
    pipes.reduce((total, pipe) => total + pipe.unreadCount, 0),
    50,
  );
  const inproc = left(500);
  new Orphans(() => undefined).add(inproc, options(-1, 5));
  assert.equal(inproc.unreadCount, 500);
});

test("a pipe that was read to its end is let go of later, in order, or when that is asked for", async () => {
  const gone: Pipe[] = [];
  const orphans = new Orphans((pipe) => gone.push(pipe));
  const pipes = [left(0), left(0), left(0)] as const;
  orphans.noteDrained(pipes[0]);
  orphans.noteDrained(pipes[1]);
  assert.deepEqual(gone.length, 0, "the pattern is in the midst of a read");
  orphans.settle();
  assert.deepEqual(gone, pipes.slice(0, 2));
  orphans.noteDrained(pipes[2]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(gone, [...pipes]);
  orphans.settle();
  assert.equal(gone.length, 3);
});
