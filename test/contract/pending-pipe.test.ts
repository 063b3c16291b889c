// A pending pipe is a pipe: before it goes over to another, and after.

import { createLocalPipe } from "../../src/pipe/local-pipe.ts";
import { PendingPipe } from "../../src/threads/inproc/pending-pipe.ts";
import { createSharedPipe, openSharedPipe } from "../../src/threads/ring/shared-pipe.ts";
import { ThreadWorld } from "../unit/threads/thread-world.ts";
import { describePipeEnd } from "./pipe-end-suite.ts";
import { checkPipeLaw } from "./pipe-law.ts";
import type { PipeMaker } from "./pipe-rig.ts";
import { describePipe } from "./pipe-suite.ts";

const pending: PipeMaker = {
  make: (settings, first, second) => {
    const [a, b] = createLocalPipe(settings, first, second);
    return [new PendingPipe(a), b];
  },
  hasDirectSinks: true,
  settle: () => Promise.resolve(),
};

const world = new ThreadWorld();
const [here, there] = [world.add(), world.add()];

/** Both ends in threads that take turns when the suite waits. */
const moved: PipeMaker = {
  make: (settings, first, second) => {
    if (here.seat === null || there.seat === null) throw new Error("no seats");
    const [a, b] = createLocalPipe(settings, first, second);
    const pipe = new PendingPipe(a);
    const unmarked = { ...settings, firstToSecondHwm: 0, secondToFirstHwm: 0 };
    const shared = createSharedPipe(here.seat, unmarked, first);
    pipe.moveTo(shared, b, () =>
      shared.setHighWaterMarks(settings.firstToSecondHwm, settings.secondToFirstHwm),
    );
    return [pipe, openSharedPipe(there.seat, shared.offer(there.seat.me), second)];
  },
  hasDirectSinks: false,
  settle: () => {
    world.settle();
    return Promise.resolve();
  },
};

for (const [name, maker] of [
  ["pending pipe", pending],
  ["pending pipe that went over to another thread", moved],
] as const) {
  describePipe(name, maker);
  describePipeEnd(name, maker);
  checkPipeLaw(name, maker, 40, 300);
}
