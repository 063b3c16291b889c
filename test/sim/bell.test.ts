// Every way in which two threads can get between each other once, at a bell: one stops before its n-th access to shared
// memory, and the other does all that it does. Both are played by one thread.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { installPlatform } from "../../src/base/platform.ts";
import type { ThreadRef } from "../../src/threads/pipe-thread.ts";
import { Bell } from "../../src/threads/seat/bell.ts";
import { Directory } from "../../src/threads/seat/directory.ts";
import { nodePlatform } from "../../src/transports/node-platform.ts";

installPlatform(nodePlatform);

const never = () => false;

interface Sitter {
  readonly me: ThreadRef;
  readonly bell: Bell;
}

function sit(directory: Directory): Sitter {
  const me = directory.join({ systemId: 0, threadId: 0, role: 0 });
  return { me, bell: new Bell(directory, me) };
}

/** The loop has its turns, some at least, until it is so; not for ever. */
async function turnUntil(isSo: () => boolean): Promise<void> {
  for (let turns = 0; turns < 5 || (turns < 100 && !isSo()); turns++) await turn();
}

/** Runs `act` with `intrude` before its n-th atomic access; answers whether it made that many. */
function intrudeAt(n: number, act: () => void, intrude: () => void): boolean {
  let left = n;
  const names = ["load", "store", "or", "add", "exchange", "compareExchange", "notify", "wait"] as const;
  const host = Atomics as unknown as Record<string, (...args: unknown[]) => unknown>;
  const before = names.map((name) => host[name]!);
  const restore = () => {
    for (const [index, name] of names.entries()) host[name] = before[index]!;
  };
  for (const [index, name] of names.entries()) {
    host[name] = (...args) => {
      if (left-- === 0) {
        restore();
        intrude();
      }
      return before[index]!(...args);
    };
  }
  try {
    act();
  } finally {
    restore();
  }
  return left < 0;
}

class Died extends Error {}

/** Ends `act` before its n-th access; answers whether it made that many. */
function diesAt(n: number, act: () => void): boolean {
  try {
    return intrudeAt(n, act, () => {
      throw new Died();
    });
  } catch (error) {
    if (error instanceof Died) return true;
    throw error;
  }
}

interface Scene {
  readonly ringer: Bell;
  readonly other: Bell;
  readonly sleeper: Sitter;
  readonly bits: readonly [number, number];
  readonly heard: [boolean, boolean];
}

function createScene(): Scene {
  const directory = Directory.create();
  const sleeper = sit(directory);
  const heard: [boolean, boolean] = [false, false];
  const bits = [
    sleeper.bell.register(() => (heard[0] = true)),
    sleeper.bell.register(() => (heard[1] = true)),
  ];
  return {
    ringer: sit(directory).bell,
    other: sit(directory).bell,
    sleeper,
    bits: bits as [number, number],
    heard,
  };
}

/** What a sleeper may do at any moment; all end in the loop, asleep or about to be. */
const MOVES: Record<string, (bell: Bell) => void> = {
  start: (bell) => bell.start(),
  "start, block, time out": (bell) => {
    bell.start();
    bell.block(0.2, never);
  },
  "start, stop, start": (bell) => {
    bell.start();
    bell.stop();
    bell.start();
  },
  "start, drain": (bell) => {
    bell.start();
    bell.drain();
  },
};

async function assertHeard({ heard, sleeper }: Scene, which: number, where: string): Promise<void> {
  await turnUntil(() => heard[which] as boolean);
  assert.ok(heard[which], `lost: ${where}`);
  sleeper.bell.stop();
}

for (const [name, move] of Object.entries(MOVES)) {
  test(`no wake-up is lost when a thread is rung at any step of: ${name}`, async () => {
    let steps = 0;
    for (let hasMore = true; hasMore; steps++) {
      const scene = createScene();
      const { sleeper, ringer, bits } = scene;
      hasMore = intrudeAt(
        steps,
        () => move(sleeper.bell),
        () => ringer.ring(sleeper.me, bits[0]),
      );
      if (!hasMore) ringer.ring(sleeper.me, bits[0]);
      await assertHeard(scene, 0, `rung at step ${steps}`);
    }
    assert.ok(steps > 5, `${steps} steps`);
  });

  test(`no wake-up is lost when a ring is overtaken at any step by: ${name}`, async () => {
    for (const isAsleep of [false, true]) {
      let steps = 0;
      for (let hasMore = true; hasMore; steps++) {
        const scene = createScene();
        const { sleeper, ringer, bits } = scene;
        if (isAsleep) sleeper.bell.start();
        hasMore = intrudeAt(
          steps,
          () => ringer.ring(sleeper.me, bits[0]),
          () => move(sleeper.bell),
        );
        if (!hasMore) move(sleeper.bell);
        await assertHeard(scene, 0, `overtaken at step ${steps}, asleep before: ${isAsleep}`);
      }
      assert.ok(steps > 4, `${steps} steps`);
    }
  });
}

test("a thread that dies while it rings, at any step, does not silence the bell for others", async () => {
  let steps = 0;
  for (let hasDied = true; hasDied; steps++) {
    const scene = createScene();
    const { sleeper, ringer, other, bits } = scene;
    sleeper.bell.start();
    hasDied = diesAt(steps, () => ringer.ring(sleeper.me, bits[0]));
    other.ring(sleeper.me, bits[1]);
    await assertHeard(scene, 1, `died at step ${steps}`);
  }
  assert.ok(steps > 5, `${steps} steps`);
});

test("a ring that is late, by a whole sleep of the other, does not silence the next sleep", async () => {
  let steps = 0;
  for (let hasMore = true; hasMore; steps++) {
    const scene = createScene();
    const { sleeper, ringer, other, bits } = scene;
    sleeper.bell.start();
    hasMore = intrudeAt(
      steps,
      () => ringer.ring(sleeper.me, bits[0]),
      () => {
        // Woken by another, handled, and asleep again.
        other.ring(sleeper.me, bits[1]);
        sleeper.bell.drain();
        sleeper.bell.stop();
        sleeper.bell.start();
        scene.heard[1] = false;
      },
    );
    await turn();
    await turn();
    other.ring(sleeper.me, bits[1]);
    await assertHeard(scene, 1, `late at step ${steps}`);
  }
  assert.ok(steps > 5, `${steps} steps`);
});
