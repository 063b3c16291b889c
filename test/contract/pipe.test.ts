// Every pipe runs the same suite.

import { createLocalPipe } from "../../src/pipe/local-pipe.ts";
import { describePipeEnd } from "./pipe-end-suite.ts";
import { checkPipeLaw } from "./pipe-law.ts";
import type { PipeMaker } from "./pipe-rig.ts";
import { describePipe } from "./pipe-suite.ts";

const local: PipeMaker = {
  make: createLocalPipe,
  // Events come out of the calls themselves.
  settle: () => Promise.resolve(),
};

describePipe("local pipe", local);
describePipeEnd("local pipe", local);
checkPipeLaw("local pipe", local, 120, 300);
