// Every pipe runs the same suite.

import { createLocalPipe } from "../../src/pipe/local-pipe.ts";
import { createSharedPipe, openSharedPipe } from "../../src/threads/ring/shared-pipe.ts";
import { FakeThread, hearBells } from "./fake-threads.ts";
import { describePipeEnd } from "./pipe-end-suite.ts";
import { checkPipeLaw } from "./pipe-law.ts";
import type { PipeMaker } from "./pipe-rig.ts";
import { describePipe } from "./pipe-suite.ts";

const local: PipeMaker = {
  make: createLocalPipe,
  hasDirectSinks: true,
  // Events come out of the calls themselves.
  settle: () => Promise.resolve(),
};

const here = new FakeThread();
const there = new FakeThread();

const shared: PipeMaker = {
  make: (settings, first, second) => {
    const a = createSharedPipe(here, settings, first);
    return [a, openSharedPipe(there, a.offer(there.me), second)];
  },
  hasDirectSinks: false,
  settle: async () => hearBells(),
};

for (const [name, maker] of [
  ["local pipe", local],
  ["shared pipe", shared],
] as const) {
  describePipe(name, maker);
  describePipeEnd(name, maker);
  checkPipeLaw(name, maker, 120, 300);
}
