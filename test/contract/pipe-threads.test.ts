// The suite of pipes on a shared pipe whose ends are in two threads.

import { after } from "node:test";
import { describePipeEnd } from "./pipe-end-suite.ts";
import { checkPipeLaw } from "./pipe-law.ts";
import { describePipe } from "./pipe-suite.ts";
import { FarThread } from "./pipe-threads.ts";

const far = new FarThread();
after(() => far.end());

describePipe("shared pipe between two threads", far);
describePipeEnd("shared pipe between two threads", far);
checkPipeLaw("shared pipe between two threads", far, 12, 200);
