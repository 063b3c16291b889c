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
  const orphans = new Orphans();
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
  const orphans = new Orphans();
  const first = left(8);
  orphans.add(first, options(10));
  while (first.tryRead() !== undefined);
  orphans.delete(first);
  const second = left(10);
  orphans.add(second, options(10));
  assert.equal(second.unreadCount, 10);
});

test("by default ten full pipes stay whole, and one whatever it holds", () => {
  const orphans = new Orphans();
  const pipes = Array.from({ length: 11 }, () => left(5, 5));
  for (const pipe of pipes) orphans.add(pipe, options(-1, 5));
  assert.equal(
    pipes.reduce((total, pipe) => total + pipe.unreadCount, 0),
    50,
  );
  const inproc = left(500);
  new Orphans().add(inproc, options(-1, 5));
  assert.equal(inproc.unreadCount, 500);
});
